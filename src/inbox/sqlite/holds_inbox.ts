import { DatabaseSync } from "node:sqlite";

/**
 * Whether a database file holds an inbox. Opening an inbox would create one in any other database. Also true for
 * a file that can't be read: opening the inbox reports the reason.
 */
export function holdsInbox(path: string): boolean {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("pragma busy_timeout = 2000");
    return database.prepare("select 1 from sqlite_schema where name = 'callbacks'").get() !== undefined;
  } catch {
    return true;
  } finally {
    database?.close();
  }
}
