import { messageOf } from "../errors.ts";
import { isLoopback } from "./callback_url.ts";
import type { SimulatorSettings } from "./options.ts";

/** What came back: a status, or why there is none. */
export interface Answer {
  readonly status: number | "timeout" | "unreachable";
  /** Why there is no status. */
  readonly error?: string;
  readonly headers?: Headers;
  /** Of a challenge only. */
  readonly text?: string;
}

/**
 * POSTs to the receiver, and follows no redirect. Never rejects, and never contacts anything but loopback.
 *
 * @param wantsText whether the answer's body matters; its time counts then, too
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
    const text = wantsText ? await response.text() : undefined;
    if (!wantsText) await response.body?.cancel();
    return { status: response.status, headers: response.headers, ...(text === undefined ? {} : { text }) };
  } catch (error) {
    if (late.signal.aborted) return { status: "timeout", error: `no answer within ${timeoutMs} ms` };
    // Node says why one floor below.
    const { cause } = error as Error;
    return { status: "unreachable", error: messageOf(cause instanceof Error ? cause : error) };
  } finally {
    clearTimeout(timer);
  }
}
