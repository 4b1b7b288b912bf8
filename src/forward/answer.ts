import { parseRetryAfter } from "../api/retry_after.ts";
import { Discard, RetryLater } from "../errors.ts";
import { printable } from "../text.ts";

/**
 * Ends well for 2xx. Throws `Discard` for 410, `RetryLater` for 429 and 503 with a `Retry-After`, an error for anything else.
 *
 * @param name of the target, for messages
 */
export function checkAnswer(name: string, { status, type, headers }: Response, now: number): void {
  if (status >= 200 && status < 300) return;
  const answered = `${name} answered ${status}`;
  if (status === 410) throw new Discard(`${answered}: it wants no more of this`);
  // Some hosts hide the status of a redirect that isn't followed.
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    throw new Error(
      `${answered}, a redirect${locationText(headers)}, which isn't followed: forward to the URL behind it`,
    );
  }
  const askedMs = parseRetryAfter(headers.get("retry-after"), now);
  // A 0 says nothing: attempts would be used up in no time.
  if ((status === 429 || status === 503) && askedMs) {
    throw new RetryLater(askedMs, `${answered}, and asked to be called again in ${Math.ceil(askedMs / 1000)} s`);
  }
  if (status === 401 || status === 403) throw new Error(`${answered}: does it have the same secret as this side?`);
  throw new Error(answered);
}

/** Where a redirect leads, without the query, which may hold a token. */
export function locationText(headers: Headers): string {
  const location = headers.get("location");
  return location === null ? "" : ` to ${printable(location.replace(/[?#].*$/s, "")).slice(0, 200)}`;
}
