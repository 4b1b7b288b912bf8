import { SheethookError } from "../errors.ts";

/**
 * The whole body, at most `maxBytes` of it, within `timeoutMs`. A `Content-Length` over the limit is refused before a
 * byte is read; the bytes are counted all the same, because a host may pass on a length that isn't true.
 *
 * @throws {SheethookError} `body_too_large`, `body_timeout` or `body_unreadable` (the client went away, or something has
 * read the body before)
 */
export async function readBody(
  request: Request,
  maxBytes: number,
  timeoutMs: number,
): Promise<Uint8Array<ArrayBuffer>> {
  if (Number(request.headers.get("content-length")) > maxBytes) {
    // Tells the host that nobody will read on.
    request.body?.cancel().catch(() => {});
    throw tooLarge(maxBytes);
  }
  let reader: ReadableStreamDefaultReader<Uint8Array>;
  try {
    if (!request.body && !request.bodyUsed) return new Uint8Array(0);
    reader = request.body!.getReader();
  } catch (cause) {
    throw new SheethookError("body_unreadable", "Body was read before sheethook could: hand the request over first", {
      cause,
    });
  }

  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new SheethookError("body_timeout", `Body not there after ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late]);
      if (done) return join(chunks, size);
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      chunks.push(value);
    }
  } catch (cause) {
    reader.cancel().catch(() => {});
    if (cause instanceof SheethookError) throw cause;
    throw new SheethookError("body_unreadable", "Body ended before it was whole", { cause });
  } finally {
    clearTimeout(timer);
  }
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

function tooLarge(maxBytes: number): SheethookError {
  return new SheethookError("body_too_large", `Body is over ${maxBytes} bytes: see the option maxBodyBytes`);
}
