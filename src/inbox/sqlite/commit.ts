import type { DatabaseSync } from "node:sqlite";
import { setImmediate, setTimeout } from "node:timers";
import { SheethookError } from "../../errors.ts";
import { explainProblem, isAboutFile, isLocked, LOCKED_MS } from "./problems.ts";

/**
 * Runs `work` in a transaction; resolves when it is on disk. A `SheethookError` of it undoes nothing else. Rejects
 * with `inbox_unusable` when the file can't be written, or is locked by another process for over 2 s.
 */
export type Commit = <Result>(work: () => Result) => Promise<Result>;

const MAX_BATCH = 256;
const RETRY_MS = 5;

/**
 * Commits everything of one turn of the event loop together, without waiting for more: a sync of the disk costs
 * the same for one and for 256.
 *
 * `work` must throw a `SheethookError` before it has written anything. Any other error undoes the whole batch: if it is
 * about the file, all of it rejects; else each runs again in a transaction of its own, and only those that fail again reject.
 */
export function createCommit(database: DatabaseSync, path: string): Commit {
  interface Waiting {
    readonly work: () => unknown;
    readonly resolve: (result: never) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let lockedSince: number | undefined;

  function flush(): void {
    try {
      // Not a plain begin, which fails at once when it has read before another process wrote, whatever the busy timeout.
      database.exec("begin immediate");
      lockedSince = undefined;
    } catch (error) {
      return isLocked(error) && waitForLock() ? undefined : fail(waiting.splice(0), error);
    }
    const batch = waiting.splice(0, MAX_BATCH);
    if (waiting.length) setImmediate(flush);
    run(batch);
  }

  /** In the transaction that has begun. */
  function run(batch: readonly Waiting[]): void {
    const ends: (() => void)[] = [];
    try {
      for (const { work, resolve, reject } of batch) {
        try {
          const result = work();
          ends.push(() => resolve(result as never));
        } catch (error) {
          if (!(error instanceof SheethookError)) throw error;
          ends.push(() => reject(error));
        }
      }
      database.exec("commit");
    } catch (error) {
      rollBack(database);
      if (batch.length === 1 || isAboutFile(error)) return fail(batch, error);
      // One of them can't be stored: it alone should fail.
      for (const each of batch) runAlone(each);
      return;
    }
    for (const end of ends) end();
  }

  function runAlone(each: Waiting): void {
    try {
      database.exec("begin immediate");
    } catch (error) {
      return fail([each], error);
    }
    run([each]);
  }

  /** SQLite's own busy timeout would block the event loop. @returns false if it took too long */
  function waitForLock(): boolean {
    lockedSince ??= performance.now();
    const goesOn = performance.now() - lockedSince < LOCKED_MS;
    if (goesOn) setTimeout(flush, RETRY_MS);
    else lockedSince = undefined;
    return goesOn;
  }

  function fail(batch: readonly Waiting[], error: unknown): void {
    const problem = explainProblem(path, error);
    for (const { reject } of batch) reject(problem);
  }

  return (work) =>
    new Promise((resolve, reject) => {
      if (!waiting.length) setImmediate(flush);
      waiting.push({ work, resolve, reject });
    });
}

/** Ends a transaction that failed. */
export function rollBack(database: DatabaseSync): void {
  try {
    database.exec("rollback");
  } catch { /* It never began, or a full disk has ended it already. */ }
}
