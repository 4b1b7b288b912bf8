import { DatabaseSync } from "node:sqlite";
import { migrate } from "./sqlite_schema.ts";
import { explainTrouble } from "./sqlite_trouble.ts";

/**
 * Opens the file of an inbox, makes it if it isn't there, and brings its schema up to date.
 *
 * @throws {SheethookError} `inbox_unusable` for a file that can't be opened, is no inbox, is corrupt, or of a newer version
 */
export function openSqlite(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // Before the journal mode, which wants a lock, too.
    database.exec("pragma busy_timeout = 2000");
    database.exec("pragma journal_mode = wal");
    database.exec("pragma synchronous = full");
    database.exec("pragma foreign_keys = on");
    checkPages(database);
    migrate(database);
    // From here on, who waits for another process lets requests and timers have their turn.
    database.exec("pragma busy_timeout = 20");
    return database;
  } catch (cause) {
    database?.close();
    throw explainTrouble(path, cause);
  }
}

/** What is corrupt should be known before anything is promised. */
function checkPages(database: DatabaseSync): void {
  const [row] = database.prepare("pragma quick_check(1)").all() as { quick_check: string }[];
  if (row?.quick_check !== "ok") throw new Error(`database is malformed: ${row?.quick_check}`);
}
