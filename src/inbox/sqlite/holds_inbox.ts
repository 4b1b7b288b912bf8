import { DatabaseSync } from "node:sqlite";

/**
 * Whether a database file holds an inbox. Opening it would create one in any other database. Also true for a
 * file that can't be read: opening it reports the reason.
 */
export function holdsInbox(path: string): boolean {
  const database = new DatabaseSync(path);
  try {
    database.exec("pragma busy_timeout = 2000");
    return database.prepare("select 1 from sqlite_schema where name = 'callbacks'").get() !== undefined;
  } catch {
    return true;
  } finally {
    database.close();
  }
}
