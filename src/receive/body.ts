import { SheethookError } from "../errors.ts";
import type { Deadline } from "../async/deadline.ts";
import type { BodyAccount } from "./body_budget.ts";
import { createParts, type Parts } from "./parts.ts";

/** How a body is read. */
export interface BodyLimits {
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Of `timeoutMs`. */
  readonly deadline: Deadline;
  /** Where what has come in is counted. */
  readonly account: BodyAccount;
  /** False lets the body come in, so that its sender hears the answer, and keeps none of it. @default true */
  readonly isKept?: boolean;
}

/**
 * Up to here, a body is read at once, which is half the cost of an answer on Node. A larger one is read piece by piece,
 * to be counted while it comes in; so is one whose length the host may have changed by decompressing it.
 */
const AT_ONCE_BYTES = 16 * 1024;

/** Nobody who means well sends a million chunks of one byte, which would hold every runtime for seconds. */
const MANY_CHUNKS = 1024;
const SMALL_CHUNK_BYTES = 64;

/**
 * Reads the whole body. A `Content-Length` over `maxBytes` is refused before a byte is read; the bytes are counted all
 * the same, because the length from a host may be wrong.
 *
 * @throws {SheethookError} `body_too_large`, `body_timeout`, `bodies_full`, or `body_unreadable` (the client went away, or
 * something has read the body before)
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Parts> {
  const { maxBytes, account, isKept = true } = limits;
  const { headers } = request;
  const declared = headers.get("content-length");
  if (Number(declared) > maxBytes) {
    // Lets the host know that the rest won't be read.
    request.body?.cancel().catch(() => {});
    throw tooLarge(maxBytes);
  }
  const isSmall = isKept && declared !== null && Number(declared) <= AT_ONCE_BYTES && !headers.has("content-encoding");
  const body = await (isSmall ? readAtOnce : readPieces)(request, limits);
  if (isKept && body.size === 0 && Number(declared) > 0) throw consumed();
  account.complete();
  return body;
}

async function readAtOnce(request: Request, { maxBytes, timeoutMs, deadline, account }: BodyLimits): Promise<Parts> {
  if (request.bodyUsed) throw consumed();
  try {
    const buffer = await deadline(request.arrayBuffer(), account.onCut);
    // The length from the host may be wrong.
    if (buffer.byteLength > maxBytes) throw tooLarge(maxBytes);
    account.add(buffer.byteLength);
    return createParts(new Uint8Array(buffer));
  } catch (cause) {
    throw cause instanceof SheethookError && cause.code === "timeout" ? late(timeoutMs) : unreadable(cause);
  }
}

async function readPieces(
  request: Request,
  { maxBytes, timeoutMs, account, isKept = true }: BodyLimits,
): Promise<Parts> {
  let reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  try {
    if (!request.body && !request.bodyUsed) return createParts();
    reader = request.body!.getReader();
  } catch (cause) {
    throw consumed(cause);
  }

  let failure: SheethookError | undefined;
  function cut(reason: SheethookError): void {
    failure = reason;
    // Ends the read that is waited for.
    reader.cancel().catch(() => {});
  }
  account.onCut(cut);
  const timer = setTimeout(() => cut(late(timeoutMs)), timeoutMs);
  const parts = createParts();
  let size = 0;
  try {
    for (let chunks = 1;; chunks++) {
      const { done, value } = await reader.read();
      if (failure) throw failure;
      if (done) return parts;
      size += value.byteLength;
      if (size > maxBytes) throw tooLarge(maxBytes);
      if (isKept) {
        account.add(value.byteLength);
        parts.add(value);
      }
      if (chunks > MANY_CHUNKS && size < chunks * SMALL_CHUNK_BYTES) {
        throw new SheethookError("body_unreadable", `Body comes in chunks of under ${SMALL_CHUNK_BYTES} bytes`);
      }
    }
  } catch (cause) {
    reader.cancel().catch(() => {});
    throw failure ?? unreadable(cause);
  } finally {
    clearTimeout(timer);
  }
}

function late(timeoutMs: number): SheethookError {
  return new SheethookError("body_timeout", `Body not there after ${timeoutMs} ms`);
}

function tooLarge(maxBytes: number): SheethookError {
  return new SheethookError("body_too_large", `Body is over ${maxBytes} bytes: see the option maxBodyBytes`);
}

function consumed(cause?: unknown): SheethookError {
  const message = "Body was already read, e.g. by express.json(): register the receiver before what reads bodies";
  return new SheethookError("body_unreadable", message, { cause });
}

function unreadable(cause: unknown): SheethookError {
  if (cause instanceof SheethookError) return cause;
  // What @hono/node-server says; the answer is the same, the log says what to do.
  if (cause instanceof TypeError && /unusable/i.test(cause.message)) return consumed(cause);
  return new SheethookError("body_unreadable", "Body ended before it was whole", { cause });
}
