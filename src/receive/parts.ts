/** A body in the parts in which it came in: together they hold about the memory that their bytes need. */
export interface Parts {
  readonly size: number;
  readonly list: readonly Uint8Array<ArrayBuffer>[];
  add(part: Uint8Array<ArrayBuffer>): void;
  /** The first `bytes` of it, in one. */
  head(bytes: number): Uint8Array<ArrayBuffer>;
  /** The last `bytes` of it, in one. */
  tail(bytes: number): Uint8Array<ArrayBuffer>;
}

/** Parts of this size, and the first one, are kept as they are, unless they hold a buffer that is much larger. */
const KEPT_BYTES = 16 * 1024;
const SMALLEST_PAGE_BYTES = 1024;
const LARGEST_PAGE_BYTES = 64 * 1024;

const NO_PAGE = new Uint8Array(0);

/** Begins with `parts`, if there are any. */
export function createParts(...parts: Uint8Array<ArrayBuffer>[]): Parts {
  /** Where small parts are copied to, while it has room; the last of `parts` is the used part of it. */
  let page = NO_PAGE;
  let used = 0;
  let size = parts.reduce((sum, part) => sum + part.byteLength, 0);

  function slice(start: number, end: number): Uint8Array<ArrayBuffer> {
    if (parts.length === 1) return parts[0]!.subarray(start, end);
    const joined = new Uint8Array(end - start);
    let at = 0;
    for (const part of parts) {
      const from = Math.max(start - at, 0);
      if (from < part.byteLength && at < end) joined.set(part.subarray(from, end - at), at + from - start);
      at += part.byteLength;
    }
    return joined;
  }

  return {
    get size() {
      return size;
    },
    list: parts,
    add(part) {
      const isKept = size === 0 || part.byteLength >= KEPT_BYTES;
      size += part.byteLength;
      if (isKept && 2 * part.byteLength >= part.buffer.byteLength) {
        parts.push(part);
        page = NO_PAGE;
        used = 0;
        return;
      }
      if (used + part.byteLength > page.byteLength) {
        const wanted = Math.min(Math.max(size, SMALLEST_PAGE_BYTES), LARGEST_PAGE_BYTES);
        page = new Uint8Array(Math.max(wanted, part.byteLength));
        used = 0;
      } else if (used) parts.pop();
      page.set(part, used);
      used += part.byteLength;
      parts.push(page.subarray(0, used));
    },
    head: (bytes) => slice(0, Math.min(bytes, size)),
    tail: (bytes) => slice(Math.max(size - bytes, 0), size),
  };
}
