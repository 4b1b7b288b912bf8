import { messageOf } from "../../errors.ts";
import type { SimulatorSettings } from "../options.ts";

/** The answer of a receiver: a status, or why there is none. */
export interface Answer {
  readonly status: number | "timeout" | "unreachable";
  /** Why there is no status. */
  readonly error?: string;
  readonly headers?: Headers;
  /** The body, or the beginning of a large one; only for a challenge. */
  readonly text?: string;
}

/** Far more than an answer to a challenge needs. */
const MAX_TEXT_BYTES = 65_536;

/**
 * POSTs to the receiver, without following redirects. Never rejects, and sends requests to loopback only.
 *
 * @param wantsText whether to read the answer's body, within the same time limit
 */
export async function send(
  url: string,
  body: BodyInit,
  headers: Readonly<Record<string, string>>,
  wantsText: boolean,
  { fetch, timeoutMs }: Pick<SimulatorSettings, "fetch" | "timeoutMs">,
  stop: AbortSignal,
): Promise<Answer> {
  if (!isLoopback(new URL(url))) {
    return { status: "unreachable", error: "the simulator contacts nothing but loopback" };
  }
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), timeoutMs);
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      redirect: "manual",
      signal: AbortSignal.any([late.signal, stop]),
    });
    const answer = { status: response.status, headers: response.headers };
    if (wantsText) return { ...answer, text: await beginningOf(response) };
    // Only the status matters.
    response.body?.cancel().catch(() => {});
    return answer;
  } catch (error) {
    if (late.signal.aborted) return { status: "timeout", error: `no answer within ${timeoutMs} ms` };
    // Node has the reason in the cause.
    const { cause } = error as Error;
    return { status: "unreachable", error: messageOf(cause instanceof Error ? cause : error) };
  } finally {
    clearTimeout(timer);
  }
}

/** True for this machine, by a name or an address that no resolver can send elsewhere. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

async function beginningOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  while (reader && text.length < MAX_TEXT_BYTES) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  reader?.cancel().catch(() => {});
  return text;
}
