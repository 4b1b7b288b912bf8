import { ApiError } from "./api_error.ts";

const RATE_LIMIT_MS = 60_000;
const MAX_RETRY_AFTER_MS = 300_000;

/** True if the token has used up its requests of a minute. */
export function isRateLimit(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 429 || error.errorCode === 4003);
}

/** How long the token must wait then: as long as `Retry-After` says, at most 5 minutes; a minute without it. */
export function rateLimitDelay({ retryAfterMs = RATE_LIMIT_MS }: ApiError): number {
  return Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
}

/**
 * How long to wait before a call is retried; undefined if it must not be.
 *
 * 429 and error 4003 wait as long as `Retry-After` says, or a minute. 4001, 4002 and 4004 mean that the request failed: any
 * call is retried. After 4000, other 5xx errors or no answer, the call may have been carried out: only a `repeatable` one is
 * retried. Everything else, such as the errors 1151 to 1154, would fail again.
 *
 * @param retries the number of retries so far
 */
export function delayBeforeRetry(
  error: unknown,
  repeatable: boolean,
  retries: number,
  random: () => number,
): number | undefined {
  const backoffMs = 1000 * 2 ** retries * (0.5 + random() / 2);
  if (!(error instanceof ApiError)) return repeatable ? backoffMs : undefined;
  const { status = 0, errorCode = 0, retryAfterMs } = error;
  const askedMs = retryAfterMs === undefined ? undefined : Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  if (isRateLimit(error)) return rateLimitDelay(error);
  if ([4001, 4002, 4004].includes(errorCode)) return askedMs ?? backoffMs;
  if (errorCode >= 1150 && errorCode <= 1159) return undefined;
  return (status >= 500 || errorCode === 4000) && repeatable ? askedMs ?? backoffMs : undefined;
}
