import type { Fetch } from "../change_agent/change_agent.ts";
import { deadline } from "../async/deadline.ts";
import type { Context } from "../dispatch/context.ts";
import { optionError, requireKnownOptions, requireMs, SheethookError } from "../errors.ts";
import { CHANGE_AGENT_HEADER } from "../smartsheet/headers.ts";
import { checkAnswer } from "./answer.ts";
import { createWriteBody, type ForwardFormat } from "./body.ts";
import type { Message } from "./message.ts";
import { createRate } from "./rate.ts";
import { createSigner } from "./signature.ts";
import { parseTarget, type Target } from "./target.ts";

/** How messages are posted to a target. */
export interface ForwardOptions {
  /**
   * What messages are signed with: `whsec_` and base64. Each of several signs every message, so that the target can change over
   * from one to the next. @default messages aren't signed
   */
  readonly secret?: string | readonly string[] | undefined;
  /** How a message is written. @default "json" */
  readonly format?: ForwardFormat | undefined;
  /** An answer that takes longer is none, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Requests a second at most, of this process. @default as many as there are */
  readonly ratePerSecond?: number | undefined;
  /** What sends requests. @default `context.fetch` */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** What a message needs of the call that sends it. */
export type SendContext = Pick<Context, "signal" | "traceHeaders" | "fetch">;

/** Posts one message to a target. */
export interface Post {
  readonly target: Target;
  /**
   * Resolves when the target has answered 2xx.
   *
   * @throws {Discard} for 410
   * @throws {RetryLater} for 429 and 503 with a `Retry-After`
   * @throws {Error} for any other answer, for none in time, and if `signal` aborts
   */
  send(message: Message, context: SendContext): Promise<void>;
}

const OPTIONS: Readonly<Record<keyof ForwardOptions, true>> = {
  secret: true,
  format: true,
  timeoutMs: true,
  ratePerSecond: true,
  fetch: true,
  now: true,
};

/** A larger answer isn't read; a smaller one is, so that its connection can be used again. */
const MAX_READ_BYTES = 16 * 1024;
const READ_MS = 1000;

/** @throws {SheethookError} `option_invalid` */
export function createPost(url: string | URL, options: ForwardOptions = {}): Post {
  requireKnownOptions("forwardTo", options, OPTIONS);
  const { now = Date.now } = options;
  const target = parseTarget(url);
  const timeoutMs = requireMs("timeoutMs", options.timeoutMs ?? 30_000);
  const secrets = [options.secret ?? []].flat();
  if (options.secret !== undefined && !secrets.length) throw optionError("secret", secrets, "at least one");
  const { sign } = createSigner(secrets);
  const writeBody = createWriteBody(options.format ?? "json");
  const rate = createRate(options.ratePerSecond);

  async function headersOf({ id, changeAgent }: Message, contentType: string, text: string) {
    const seconds = Math.floor(now() / 1000);
    const headerId = encodeForHeader(id);
    const signature = await sign(headerId, seconds, text);
    return {
      "content-type": contentType,
      "webhook-id": headerId,
      "webhook-timestamp": String(seconds),
      ...(signature !== undefined && { "webhook-signature": signature }),
      [CHANGE_AGENT_HEADER]: changeAgent,
    };
  }

  async function send(message: Message, { signal, traceHeaders, ...context }: SendContext): Promise<void> {
    // That of the context asks first whether the lease holds: a process that stood still sends nothing.
    const { fetch = context.fetch } = options;
    await rate(signal);
    const { contentType, text } = writeBody(message);
    const headers = new Headers({ ...traceHeaders(), ...await headersOf(message, contentType, text) });
    signal.throwIfAborted();
    const ended = new AbortController();
    const abort = () => ended.abort(signal.reason);
    signal.addEventListener("abort", abort);
    try {
      const init = { method: "POST", headers, body: text, redirect: "manual", signal: ended.signal } as const;
      const response = await deadline(fetch(target.url, init), timeoutMs).catch((cause) => {
        signal.throwIfAborted();
        const isLate = cause instanceof SheethookError && cause.code === "timeout";
        if (isLate) throw new Error(`${target.name} gave no answer in ${timeoutMs / 1000} s`);
        throw new Error(`${target.name} gave no answer: ${reasonOf(cause)}`, { cause });
      });
      await read(response);
      checkAnswer(target.name, response, now());
    } finally {
      signal.removeEventListener("abort", abort);
      // Ends what of the answer wasn't read.
      ended.abort();
    }
  }

  return { target, send };
}

/** Reads a small answer to its end, if that comes soon. What it says is known by then. */
async function read(response: Response): Promise<void> {
  const length = response.headers.get("content-length");
  if (!response.body || length === null || Number(length) > MAX_READ_BYTES) return;
  await deadline(response.arrayBuffer(), READ_MS).catch(() => {});
}

/** The message of the deepest cause, because "fetch failed" says nothing. */
function reasonOf(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return deepest instanceof Error ? deepest.message || deepest.name : String(deepest);
}

/** A nonce is any text. */
function encodeForHeader(id: string): string {
  return id.replace(/[^\x21-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));
}
