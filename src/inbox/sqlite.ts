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
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";
import type { Inbox } from "./inbox.ts";
import type { InspectableInbox } from "./inspect.ts";
import { requireKeepMs } from "./limits.ts";
import { createAccept } from "./sqlite/accept.ts";
import { createClockWatch } from "./sqlite/clock.ts";
import { createCommit } from "./sqlite/commit.ts";
import { createSqliteInspect } from "./sqlite/inspect.ts";
import { createLanes } from "./sqlite/lanes.ts";
import { createListener } from "./sqlite/listener.ts";
import { openSqlite } from "./sqlite/open.ts";
import { createPrune } from "./sqlite/prune.ts";
import { createRead } from "./sqlite/read.ts";
import { prepareStatements } from "./sqlite/statements.ts";
export type { AcceptedCallback } from "../callback/callback.ts";
export type { Logger } from "../logger.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";

/** Options of {@linkcode sqliteInbox}. */
export interface SqliteInboxOptions {
  /** How long processed callbacks are kept, in milliseconds, to recognise duplicates; at least 2 days. @default 7 days */
  readonly keepMs?: number | undefined;
  /** Warns of a file that other users of this machine can read; logs that one is brought up to date. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Milliseconds of a monotonic clock. @default `performance.now`, or `now` if that is given */
  readonly elapsed?: (() => number) | undefined;
  /** Whether to check all pages for corruption when it is opened, which takes about 1 s for 1 GB. @default true */
  readonly checkPages?: boolean | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * An inbox in a SQLite file: stored callbacks are on disk. For one machine, on a disk of its own, no network file system; any
 * number of processes on it may share the file.
 *
 * @param path of the file, which is made if it isn't there, with mode 0600; two more stand beside it, `-wal` and `-shm`
 * @throws {SheethookError} `inbox_unusable` for a file that can't be opened, is no inbox, is corrupt, or of a newer version
 */
export function sqliteInbox(path: string, options: SqliteInboxOptions = {}): Inbox & InspectableInbox {
  const { now = Date.now, random = Math.random, checkPages = true } = options;
  const elapsed = options.elapsed ?? options.now ?? (() => performance.now());
  const keepMs = requireKeepMs(options.keepMs);
  const logger = createQuietLogger(options.logger ?? consoleLogger);
  const database = openSqlite(path, { checkPages, time: now(), logger });
  const commit = createCommit(database, path);
  const read = createRead(path);
  const sql = prepareStatements(database);
  const clock = createClockWatch(sql, now, elapsed);
  const prune = createPrune({ sql, clock, elapsed, keepMs });
  const { wait, wake } = createListener({ read, sql, clock, now });

  return {
    ...createSqliteInspect({ database, commit, read, now }),
    ...createAccept({ commit, sql, now, wake }),
    ...createLanes({ commit, sql, clock, now, random, prune, wake }),
    wait,

    async close() {
      try {
        // Puts before this are on disk then.
        await commit(() => {});
      } finally {
        database.close();
      }
    },
  };
}
