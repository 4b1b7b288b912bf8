import { delay } from "../../async/delay.ts";

const WRONG_MS = 1000;
const AT_ONCE = 10;

/**
 * Slows guessing down: a wrong guess is answered after a second, up to ten at the same time. A right one never waits.
 *
 * @returns whether the guess is right; undefined for a wrong one while ten others wait
 */
export function createSignInThrottle(
  wrongMs: number = WRONG_MS,
): (guess: Promise<boolean>) => Promise<boolean | undefined> {
  let waiting = 0;
  return async (guess) => {
    if (await guess) return true;
    if (waiting >= AT_ONCE) return undefined;
    waiting++;
    try {
      await delay(wrongMs);
      return false;
    } finally {
      waiting--;
    }
  };
}
