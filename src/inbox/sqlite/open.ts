import { DatabaseSync } from "node:sqlite";
import type { Logger } from "../../logger.ts";
import { makePrivateFile, modeForOthers } from "./file.ts";
import { repair } from "./repair.ts";
import { migrate } from "./schema.ts";
import { explainProblem, isLocked, LOCKED_MS } from "./problems.ts";

const RETRY_MS = 10;

/**
 * Opens the file of an inbox, makes it if it isn't there, and brings its schema up to date.
 *
 * @throws {SheethookError} `inbox_unusable` for a file that can't be opened, is no inbox, is corrupt, or of a newer version
 */
export function openSqlite(
  path: string,
  { checkPages, time, logger }: { readonly checkPages: boolean; readonly time: number; readonly logger: Logger },
): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    makePrivateFile(path);
    database = new DatabaseSync(path);
    // Before the journal mode, which needs a lock, too.
    database.exec(`pragma busy_timeout = ${LOCKED_MS}`);
    requireWal(database);
    database.exec("pragma synchronous = full");
    // 40 MiB: nonces are random, and each checkpoint writes about a page of their index for each callback since the last.
    database.exec("pragma wal_autocheckpoint = 10000");
    database.exec("pragma foreign_keys = on");
    if (checkPages) requireWholePages(database);
    migrate(database, () => {
      logger.info("Inbox {path} is brought up to date: this may take a minute for each GB of it", { path });
    });
    repair(database, time);
    warnOfMode(path, logger);
    // From here on, commits and reads try again until a lock is gone; each try blocks the event loop for at most 20 ms.
    database.exec("pragma busy_timeout = 20");
    return database;
  } catch (cause) {
    database?.close();
    throw explainProblem(path, cause);
  }
}

function warnOfMode(path: string, logger: Logger): void {
  const mode = modeForOthers(path);
  if (!mode) return;
  logger.warn("Other users of this machine can read the inbox {path} (mode {mode}): chmod 600 {path}*", { path, mode });
}

/** Anything but a file on a disk of this machine would accept callbacks and lose them. */
function requireWal(database: DatabaseSync): void {
  const mode = useWal(database);
  if (mode !== "wal") {
    throw new Error(`its journal is ${mode}, but should be wal: it should be a file on a disk of this machine`);
  }
}

/** SQLite answers "locked" at once, whatever the busy timeout, when two make the file at the same time: it detects a deadlock. */
function useWal(database: DatabaseSync): string {
  const endAt = performance.now() + LOCKED_MS;
  while (true) {
    try {
      return (database.prepare("pragma journal_mode = wal").get() as { journal_mode: string }).journal_mode;
    } catch (error) {
      if (!isLocked(error) || performance.now() > endAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** Corruption should be found before anything is accepted. */
function requireWholePages(database: DatabaseSync): void {
  const { quick_check: found } = database.prepare("pragma quick_check(1)").get() as { quick_check: string };
  if (found !== "ok") throw new Error(`database is malformed: ${found}`);
}
