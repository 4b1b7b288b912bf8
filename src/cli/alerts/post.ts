import { parseRetryAfter } from "../../api/retry_after.ts";
import { deadline } from "../../async/deadline.ts";
import type { Fetch } from "../../change_agent/change_agent.ts";
import { SheethookError } from "../../errors.ts";
import { printable } from "../../text.ts";
import type { AlertTarget } from "./target.ts";

/** What a target has made of a message. */
export interface Posted {
  readonly ok: boolean;
  /** Whether the same message may be taken later. */
  readonly mayPass: boolean;
  /** The target has asked for that much time. */
  readonly retryAfterMs?: number | undefined;
  /** Undefined if there was no answer. */
  readonly status: number | undefined;
  /** In words: `answered 404`, `gave no answer in 10 s`. Shows nothing of the URL. */
  readonly text: string;
  /** The first line of the answer's body, which Slack explains a refusal with. */
  readonly said?: string | undefined;
}

const MAX_READ_BYTES = 4096;
const READ_MS = 1000;

/** Posts a body to a target, once. Redirects aren't followed. Never rejects. */
export async function postAlert(
  { url, name }: AlertTarget,
  body: string,
  { timeoutMs, signal, fetch }: {
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
    readonly fetch: Fetch;
  },
): Promise<Posted> {
  const ended = new AbortController();
  const abort = () => ended.abort();
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    const headers = { "content-type": "application/json" };
    const response = await deadline(
      fetch(url, { method: "POST", headers, body, redirect: "manual", signal: ended.signal }),
      timeoutMs,
    );
    return judge(response, await firstLineOf(response));
  } catch (error) {
    const isLate = error instanceof SheethookError && error.code === "timeout";
    const text = isLate ? `gave no answer in ${timeoutMs / 1000} s` : `gave no answer: ${reasonOf(error)}`;
    // Deno's errors name the whole URL.
    const shown = [url.href, url.pathname + url.search].reduce(
      (shown, secret) => secret.length > 1 ? shown.replaceAll(secret, name) : shown,
      text,
    );
    return { ok: false, mayPass: true, status: undefined, text: shown };
  } finally {
    signal.removeEventListener("abort", abort);
    // Ends what of the answer wasn't read.
    ended.abort();
  }
}

function judge({ status, type, headers }: Response, said: string | undefined): Posted {
  // Some hosts hide the status of a redirect that isn't followed.
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    return { ok: false, mayPass: false, status, text: `answered ${status}, a redirect, which isn't followed` };
  }
  const retryAfterMs = parseRetryAfter(headers.get("retry-after"), Date.now());
  const ok = status >= 200 && status < 300;
  return {
    ok,
    mayPass: status === 429 || status === 408 || status >= 500,
    retryAfterMs,
    status,
    text: `answered ${status}`,
    said,
  };
}

async function firstLineOf({ body }: Response): Promise<string | undefined> {
  if (!body) return undefined;
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let text = "";
  async function read(): Promise<void> {
    for (let bytes = 0; bytes < MAX_READ_BYTES;) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
      text += decoder.decode(value, { stream: true });
    }
  }
  await deadline(read(), READ_MS).catch(() => {});
  return printable(text.trim().split("\n", 1)[0]!).slice(0, 200) || undefined;
}

/** The message of the deepest cause, because "fetch failed" says nothing. */
function reasonOf(error: unknown): string {
  let deepest = error;
  while (deepest instanceof Error && deepest.cause instanceof Error) deepest = deepest.cause;
  return printable(deepest instanceof Error ? deepest.message || deepest.name : String(deepest));
}
