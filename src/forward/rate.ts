import { delay } from "../async/delay.ts";
import { requireNumber } from "../errors.ts";

/** Resolves when the next request may go out, or when `signal` aborts. */
export type Rate = (signal: AbortSignal) => Promise<void>;

/**
 * Lets at most so many requests a second go out, evenly, in the order in which they ask. @throws {SheethookError} `option_invalid`
 */
export function createRate(perSecond: number | undefined): Rate {
  if (perSecond === undefined) return async () => {};
  const gapMs = 1000 / requireNumber("ratePerSecond", perSecond, 0.001);
  let nextAt = 0;
  return async (signal) => {
    const now = performance.now();
    const at = Math.max(now, nextAt);
    nextAt = at + gapMs;
    if (at > now) await delay(at - now, signal);
  };
}
