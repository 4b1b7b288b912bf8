/** The cost of one read of a sheet, in the units of `x-ratelimit-*`. */
const READ_COST = 400;
const MAX_WAIT_MS = 300_000;

/**
 * When the token may read sheets again, by the `x-ratelimit-*` headers of an answer, which only `GET /sheets/{id}` has.
 * Undefined if there is room for one more read, or without these headers. At most 5 minutes ahead, whatever they say.
 *
 * @param now milliseconds since 1970
 */
export function readsPausedUntil(headers: Headers, now: number): number | undefined {
  const remaining = headers.get("x-ratelimit-remaining");
  const reset = headers.get("x-ratelimit-reset");
  if (!remaining || !reset || !(Number(remaining) < READ_COST)) return undefined;
  const until = timeOf(reset.trim(), now);
  return until > now ? Math.min(until, now + MAX_WAIT_MS) : undefined;
}

/** The unit of the reset isn't documented: seconds from now, seconds or milliseconds since 1970, or a date. */
function timeOf(reset: string, now: number): number {
  const number = Number(reset);
  if (Number.isNaN(number)) return Date.parse(reset);
  return number > 1e11 ? number : number > 1e9 ? number * 1000 : now + number * 1000;
}
