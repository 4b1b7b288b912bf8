/**
 * `sheethook/inbox/sqlite`: an inbox in a SQLite file, for one machine.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { sqliteInbox } from "sheethook/inbox/sqlite";
 *
 * const inbox = sqliteInbox(`${Deno.makeTempDirSync()}/sheethook.db`); // where your program keeps its data
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox });
 * receiver.on("row.created", (event) => console.log(event.id));
 *
 * await receiver.start();
 * await receiver.stop();
 * await inbox.close();
 * ```
 *
 * @module
 */
import { requireKnownOptions } from "../errors.ts";
import type { Inbox } from "./inbox.ts";
import type { InspectableInbox } from "./inspect.ts";
import { createSqliteInbox, type SqliteInboxOptions } from "./sqlite/inbox.ts";

export type { AcceptedCallback } from "../callback/callback.ts";
export type { Logger } from "../logger.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";
export type * from "./mirror.ts";
export type { SqliteInboxOptions } from "./sqlite/inbox.ts";

/**
 * An inbox in a SQLite file: stored callbacks are on disk. For one machine, on a disk of its own, no network file system; any
 * number of processes on it may share the file.
 *
 * @param path of the file, which is made if it isn't there, with mode 0600; two more stand beside it, `-wal` and `-shm`
 * @throws {SheethookError} `inbox_unusable` for a file that can't be opened, is no inbox, is corrupt, or of a newer version;
 * `option_invalid` for an unknown option
 */
export function sqliteInbox(path: string, options: SqliteInboxOptions = {}): Inbox & InspectableInbox {
  requireKnownOptions("sqliteInbox", options, OPTIONS);
  return createSqliteInbox(path, options);
}

const OPTIONS: Readonly<Record<keyof SqliteInboxOptions, true>> = {
  keepMs: true,
  logger: true,
  now: true,
  random: true,
};
