import { sleep } from "../../async/delay.ts";
import { explainProblem, isLocked } from "./problems.ts";

/** Resolves with what `look` returns. Rejects with `inbox_unusable` when the file can't be read, or is locked for over 2 s. */
export type Read = <Result>(look: () => Result) => Promise<Result>;

/** How long another process may have the file to itself. */
const LOCKED_MS = 2000;
const LOOK_AGAIN_MS = 5;

/** Reads at once; while another process has locked the file it tries again, and lets everything else go on meanwhile. */
export function createRead(path: string): Read {
  return async (look) => {
    const endAt = performance.now() + LOCKED_MS;
    while (true) {
      try {
        return look();
      } catch (error) {
        if (!isLocked(error) || performance.now() > endAt) throw explainProblem(path, error);
        await sleep(LOOK_AGAIN_MS);
      }
    }
  };
}
