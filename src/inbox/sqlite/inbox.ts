import { consoleLogger, createQuietLogger, type Logger } from "../../logger.ts";
import type { Inbox } from "../inbox.ts";
import type { InspectableInbox } from "../inspect.ts";
import { requireKeepMs } from "../limits.ts";
import { createAccept } from "./accept.ts";
import { createClockWatch } from "./clock.ts";
import { createCommit } from "./commit.ts";
import { createSqliteInspect } from "./inspect/inspect.ts";
import { createLanes } from "./lanes.ts";
import { createListener } from "./listener.ts";
import { createSqliteMirror } from "./mirror.ts";
import { openSqlite } from "./open.ts";
import { createPrune } from "./prune.ts";
import { createRead } from "./read.ts";
import { prepareStatements } from "./statements.ts";

/** Options of `sqliteInbox`. */
export interface SqliteInboxOptions {
  /** How long processed callbacks are kept, in milliseconds, to recognise duplicates; at least 2 days. @default 7 days */
  readonly keepMs?: number | undefined;
  /** Warns of a file that other users of this machine can read; logs that one is brought up to date. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** Options, and what the commands and tests need besides. */
export interface SqliteSettings extends SqliteInboxOptions {
  /** Milliseconds of a monotonic clock. @default `performance.now`, or `now` if that is given */
  readonly elapsed?: (() => number) | undefined;
  /** Whether to check all pages for corruption when it is opened, which takes about 1 s for 1 GB. @default true */
  readonly checkPages?: boolean | undefined;
}

/** What `sqliteInbox` returns. */
export function createSqliteInbox(path: string, options: SqliteSettings = {}): Inbox & InspectableInbox {
  const { now: clockNow = Date.now, random = Math.random, checkPages = true } = options;
  // Columns of integers refuse fractions.
  const now = () => Math.round(clockNow());
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
    mirror: createSqliteMirror({ database, commit, read, sql }),

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
