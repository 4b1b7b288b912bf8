/** What the `x-ratelimit-*` headers of an answer say. */
export interface RateLimit {
  /** What is left, in the units of the headers. */
  readonly remaining: number;
  /** What there is in each period. */
  readonly limit: number;
  /** When the period ends, in milliseconds since 1970; at most 5 minutes from now. */
  readonly until: number;
}

/** The cost of one read of a sheet, in the units of `x-ratelimit-*`. */
export const READ_COST = 400;
const MAX_WAIT_MS = 300_000;

/**
 * Parses the `x-ratelimit-*` headers, which as far as known only `GET /sheets/{id}` has. Undefined without them, and if
 * their period is over.
 *
 * @param now milliseconds since 1970
 */
export function parseRateLimit(headers: Headers, now: number): RateLimit | undefined {
  const remaining = headers.get("x-ratelimit-remaining");
  const reset = headers.get("x-ratelimit-reset");
  if (!remaining || !reset || Number.isNaN(Number(remaining))) return undefined;
  const until = timeOf(reset.trim(), now);
  if (!(until > now)) return undefined;
  const limit = Number(headers.get("x-ratelimit-limit")) || 0;
  return { remaining: Number(remaining), limit, until: Math.min(until, now + MAX_WAIT_MS) };
}

/** The unit of the reset isn't documented: seconds from now, seconds or milliseconds since 1970, or a date. */
function timeOf(reset: string, now: number): number {
  const number = Number(reset);
  if (Number.isNaN(number)) return Date.parse(reset);
  return number > 1e11 ? number : number > 1e9 ? number * 1000 : now + number * 1000;
}
