import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { SheethookError } from "../errors.ts";

/** Runs `work` in a transaction; resolves when it is on disk. What it throws of ours undoes nothing but itself. */
export type Commit = <Result>(work: () => Result) => Promise<Result>;

const MAX_BATCH = 256;

/**
 * Commits together what has gathered in one turn of the event loop, without waiting for company: a sync of the disk costs
 * the same for one and for 256.
 *
 * `work` must throw a `SheethookError` before it has written anything; any other error undoes the whole batch, and all
 * of it rejects.
 */
export function createCommit(database: DatabaseSync): Commit {
  interface Waiting {
    readonly work: () => unknown;
    readonly resolve: (result: never) => void;
    readonly reject: (error: unknown) => void;
  }
  let waiting: Waiting[] = [];

  function flush(): void {
    const batch = waiting.slice(0, MAX_BATCH);
    waiting = waiting.slice(MAX_BATCH);
    if (waiting.length) setImmediate(flush);
    const ends: (() => void)[] = [];
    try {
      // Not a plain begin, which fails at once when it has read before another process wrote, whatever the busy timeout.
      database.exec("begin immediate");
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
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const end of ends) end();
  }

  return (work) =>
    new Promise((resolve, reject) => {
      if (!waiting.length) setImmediate(flush);
      waiting.push({ work, resolve, reject });
    });
}

function rollBack(database: DatabaseSync): void {
  try {
    database.exec("rollback");
  } catch { /* It never began, or a full disk has ended it already. */ }
}
