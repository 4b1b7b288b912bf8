/** Bytes that come in pieces. */
export interface Parts {
  readonly size: number;
  add(piece: Uint8Array<ArrayBuffer>): void;
  /** All of them, in one. Nothing may be added any more. */
  join(): Uint8Array<ArrayBuffer>;
}

/** Pieces from here on are kept as they are; smaller ones are copied, because each may hold a buffer of 64 KiB. */
const KEPT_BYTES = 16 * 1024;
const SMALLEST_PAGE_BYTES = 1024;
const LARGEST_PAGE_BYTES = 64 * 1024;

/** Collects pieces in about the memory that their bytes need, however small they are. */
export function createParts(): Parts {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  /** Where small pieces go, behind `used`. */
  let page: Uint8Array<ArrayBuffer> | undefined;
  let used = 0;
  let size = 0;

  function endPage(): void {
    if (page) parts.push(page.subarray(0, used));
    page = undefined;
  }

  return {
    get size() {
      return size;
    },
    add(piece) {
      if (piece.byteLength >= KEPT_BYTES && 2 * piece.byteLength >= piece.buffer.byteLength) {
        endPage();
        parts.push(piece);
      } else {
        if (!page || used + piece.byteLength > page.byteLength) {
          endPage();
          const wanted = Math.min(Math.max(size, SMALLEST_PAGE_BYTES), LARGEST_PAGE_BYTES);
          page = new Uint8Array(Math.max(wanted, piece.byteLength));
          used = 0;
        }
        page.set(piece, used);
        used += piece.byteLength;
      }
      size += piece.byteLength;
    },
    join() {
      endPage();
      const [first, ...more] = parts;
      if (!first) return new Uint8Array(0);
      if (more.length === 0) return first;
      const joined = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        joined.set(part, at);
        at += part.byteLength;
      }
      parts.length = 0;
      return joined;
    },
  };
}
