import { Buffer } from "node:buffer";

/** One answer as it came. */
export interface Answer {
  readonly status: number;
  /** By name in lower case; several of one name are joined with commas. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** No other answer follows on this connection. */
  readonly isLast: boolean;
  /** How many bytes it took, with interim answers before it. */
  readonly size: number;
}

/** Bytes that are no HTTP answer. */
export class BadAnswer extends Error {}

/**
 * Reads the first answer in `bytes`, strictly. Interim answers (1xx) before it are passed over.
 *
 * @param isEnded no more bytes will come
 * @returns undefined as long as it isn't whole
 * @throws {BadAnswer}
 */
export function readAnswer(bytes: Buffer, isHead: boolean, isEnded: boolean): Answer | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) {
    if (isEnded && bytes.length) throw new BadAnswer("the connection was closed in the middle of the headers");
    return undefined;
  }
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const [, minor, code] = /^HTTP\/1\.([01]) ([1-5]\d\d) [\x20-\x7e]*$/.exec(first) ?? [];
  if (!code) throw new BadAnswer(`a status line that is none: ${first}`);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([^\0\r\n]*?)[ \t]*$/.exec(line) ?? [];
    if (!name) throw new BadAnswer(`a header that is none: ${line}`);
    const key = name.toLowerCase();
    headers.set(key, headers.has(key) ? `${headers.get(key)}, ${value}` : value);
  }
  const status = Number(code);
  const start = end + 4;
  if (status < 200) {
    const next = readAnswer(bytes.subarray(start), isHead, isEnded);
    return next && { ...next, size: next.size + start };
  }
  const content = isHead || status === 204 || status === 304
    ? { body: Buffer.alloc(0), size: 0, isOpen: false }
    : readBody(bytes.subarray(start), headers, isEnded);
  if (!content) return undefined;
  const connection = headers.get("connection")?.toLowerCase();
  const isLast = content.isOpen || connection === "close" || (minor === "0" && connection !== "keep-alive");
  return { status, headers, body: content.body, isLast, size: start + content.size };
}

function readBody(
  bytes: Buffer,
  headers: ReadonlyMap<string, string>,
  isEnded: boolean,
): { body: Buffer; size: number; isOpen: boolean } | undefined {
  if (headers.has("transfer-encoding")) return readChunks(bytes, isEnded);
  const length = headers.get("content-length");
  if (length === undefined) return isEnded ? { body: bytes, size: bytes.length, isOpen: true } : undefined;
  if (!/^\d+$/.test(length)) throw new BadAnswer(`Content-Length is ${length}`);
  const size = Number(length);
  if (bytes.length >= size) return { body: bytes.subarray(0, size), size, isOpen: false };
  if (isEnded) throw new BadAnswer(`the connection was closed after ${bytes.length} of ${size} bytes`);
  return undefined;
}

function readChunks(bytes: Buffer, isEnded: boolean): { body: Buffer; size: number; isOpen: boolean } | undefined {
  const parts: Buffer[] = [];
  for (let at = 0;;) {
    const end = bytes.indexOf("\r\n", at);
    const line = end < 0 ? "" : bytes.toString("latin1", at, end);
    if (end >= 0 && !/^[0-9a-f]+$/i.test(line)) throw new BadAnswer(`a chunk of ${line}`);
    const size = parseInt(line, 16);
    if (end < 0 || bytes.length < end + 4 + size) {
      if (isEnded) throw new BadAnswer("the connection was closed in the middle of a chunk");
      return undefined;
    }
    if (bytes.toString("latin1", end + 2 + size, end + 4 + size) !== "\r\n") throw new BadAnswer("a chunk without end");
    at = end + 4 + size;
    if (size === 0) return { body: Buffer.concat(parts), size: at, isOpen: false };
    parts.push(bytes.subarray(end + 2, end + 2 + size));
  }
}
