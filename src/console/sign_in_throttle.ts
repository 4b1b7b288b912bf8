import { sleep } from "../sleep.ts";

const WRONG_MS = 1000;
const AT_ONCE = 10;

/**
 * Slows guessing down: a wrong guess is answered after a second, and no more than ten are looked at in that time.
 *
 * @returns whether the guess is right; undefined if it wasn't looked at
 */
export function createGuesses(
  wrongMs: number = WRONG_MS,
): (guess: () => Promise<boolean>) => Promise<boolean | undefined> {
  let underWay = 0;
  return async (guess) => {
    if (underWay >= AT_ONCE) return undefined;
    underWay++;
    try {
      if (await guess()) return true;
      await sleep(wrongMs);
      return false;
    } finally {
      underWay--;
    }
  };
}
