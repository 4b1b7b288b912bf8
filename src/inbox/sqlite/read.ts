import { delay } from "../../async/delay.ts";
import { explainProblem, isLocked, LOCKED_MS } from "./problems.ts";

/** Resolves with the result of `query`. Rejects with `inbox_unusable` when the file can't be read, or is locked for over 2 s. */
export type Read = <Result>(query: () => Result) => Promise<Result>;

const RETRY_MS = 5;

/** Reads at once; retries while another process has locked the file, without blocking the event loop. */
export function createRead(path: string): Read {
  return async (query) => {
    const endAt = performance.now() + LOCKED_MS;
    while (true) {
      try {
        return query();
      } catch (error) {
        if (!isLocked(error) || performance.now() > endAt) throw explainProblem(path, error);
        await delay(RETRY_MS);
      }
    }
  };
}
