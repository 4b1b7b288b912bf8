/** What a read of a sheet takes from the limit that its answer's headers tell. */
const READ_COST = 400;
const MAX_WAIT_MS = 300_000;

/**
 * When the token may read sheets again, by the `x-ratelimit-*` of an answer: only `GET /sheets/{id}` has them. Undefined
 * if there is room for one more read, or the headers don't tell. Never more than 5 minutes ahead, whatever they tell.
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

/** Nobody has documented what the reset is: seconds from now, seconds or milliseconds since 1970, or a date. */
function timeOf(reset: string, now: number): number {
  const number = Number(reset);
  if (Number.isNaN(number)) return Date.parse(reset);
  return number > 1e11 ? number : number > 1e9 ? number * 1000 : now + number * 1000;
}
