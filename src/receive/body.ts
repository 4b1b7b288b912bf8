import { SheethookError } from "../errors.ts";
import type { Within } from "../within.ts";

/**
 * The whole body, at most `maxBytes` of it, within `timeoutMs`. A `Content-Length` over the limit is refused before a
 * byte is read; the bytes are counted all the same, because a host may pass on a length that isn't true. With `atOnce`,
 * which says that it is true and waits no longer than `timeoutMs`, they needn't be.
 *
 * @throws {SheethookError} `body_too_large`, `body_timeout` or `body_unreadable` (the client went away, or something has
 * read the body before)
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  timeoutMs: number,
  atOnce?: Within,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > maxBytes) {
    // Tells the host that nobody will read on.
    request.body?.cancel().catch(() => {});
    throw tooLarge(maxBytes);
  }
  if (atOnce && request.headers.has("content-length")) return readAtOnce(request, timeoutMs, atOnce);
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  try {
    if (!request.body && !request.bodyUsed) return new Uint8Array(0);
    reader = request.body!.getReader();
  } catch (cause) {
    throw new SheethookError("body_unreadable", "Body was read before sheethook could: hand the request over first", {
      cause,
    });
  }

  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // Ends the read that is waited for.
    reader.cancel().catch(() => {});
  }, timeoutMs);
  // Grows by doubling: a chunk may be a single byte, and must not cost more than that.
  let body = EMPTY;
  let size = 0;
  try {
    for (let chunks = 1;; chunks++) {
      const { done, value } = await reader.read();
      if (isLate) throw late(timeoutMs);
      if (done) return size === body.byteLength ? body : body.subarray(0, size);
      if (size + value.byteLength > maxBytes) throw tooLarge(maxBytes);
      if (size === 0) {
        // Mostly it is the whole body.
        body = value;
      } else {
        if (size + value.byteLength > body.byteLength) body = grow(body, size, size + value.byteLength, maxBytes);
        body.set(value, size);
      }
      size += value.byteLength;
      // A million chunks of one byte would hold every runtime for seconds: nobody who means well sends them.
      if (chunks > MANY_CHUNKS && size < chunks * SMALL_CHUNK_BYTES) {
        throw new SheethookError("body_unreadable", `Body comes in chunks of under ${SMALL_CHUNK_BYTES} bytes`);
      }
    }
  } catch (cause) {
    reader.cancel().catch(() => {});
    throw isLate ? late(timeoutMs) : unreadable(cause);
  } finally {
    clearTimeout(timer);
  }
}

async function readAtOnce(request: Request, timeoutMs: number, within: Within): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await within(request.arrayBuffer()));
  } catch (cause) {
    throw cause instanceof SheethookError ? late(timeoutMs) : unreadable(cause);
  }
}

function late(timeoutMs: number): SheethookError {
  return new SheethookError("body_timeout", `Body not there after ${timeoutMs} ms`);
}

function unreadable(cause: unknown): SheethookError {
  if (cause instanceof SheethookError) return cause;
  return new SheethookError("body_unreadable", "Body ended before it was whole", { cause });
}

const MANY_CHUNKS = 1024;
const SMALL_CHUNK_BYTES = 64;
const EMPTY = new Uint8Array(0);

function grow(body: Uint8Array, size: number, needed: number, maxBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, Math.min(2 * body.byteLength, maxBytes)));
  larger.set(body.subarray(0, size));
  return larger;
}

function tooLarge(maxBytes: number): SheethookError {
  return new SheethookError("body_too_large", `Body is over ${maxBytes} bytes: see the option maxBodyBytes`);
}
