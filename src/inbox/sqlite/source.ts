import { DatabaseSync } from "node:sqlite";
import { SheethookError } from "../../errors.ts";
import type { Failure } from "../inspect.ts";
import type { MovingCallback, MovingSource } from "../transfer.ts";
import { NEVER_ENDED } from "../attempts.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import { consoleLogger } from "../../logger.ts";
import { createCommit, rollBack } from "./commit.ts";
import { COUNT_CALLS, positionOf, readDeadCalls, readFailures, SKIP_CALLS } from "./dead_calls.ts";
import { createSqliteMirror } from "./mirror.ts";
import { openSqlite } from "./open.ts";
import { explainProblem, isLocked } from "./problems.ts";
import { createRead } from "./read.ts";
import { prepareStatements } from "./statements.ts";

/** So many dead calls end a chunk: thousands of a single callback are more than a message should hold. */
const MAX_CALLS = 5000;
/** And so many characters of changes. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Opens a SQLite inbox to move its pending and dead callbacks elsewhere. No other process can use the file until it is closed.
 *
 * @throws {SheethookError} `inbox_unusable` for a file that can't be used, or that another process uses
 */
export async function openSqliteSource(path: string): Promise<MovingSource> {
  // Brings its schema up to date.
  openSqlite(path, { checkPages: false, time: Date.now(), logger: consoleLogger }).close();
  const database = new DatabaseSync(path);
  try {
    // Every process that has the file open, such as `serve`, holds a lock that conflicts with this one.
    database.exec("pragma locking_mode = exclusive");
    database.exec("begin exclusive; commit");
    database.exec("pragma foreign_keys = on");
    database.exec("pragma synchronous = full");
  } catch (cause) {
    database.close();
    if (!isLocked(cause)) throw explainProblem(path, cause);
    const text = `Inbox ${JSON.stringify(path)} is used by another process: serve should be stopped before`;
    throw new SheethookError("inbox_unusable", text, { cause });
  }

  const steps = database.prepare("select key, json from steps where callback = ? order by key");
  const parts = database.prepare("select number, json, is_last from change_parts where callback = ? order by number");
  const mirror = createSqliteMirror({
    database,
    commit: createCommit(database, path),
    read: createRead(path),
    sql: prepareStatements(database),
  });

  function movingOf(row: Row): MovingCallback {
    const failed = readFailures(database, row.id);
    const neverEnded: Failure = {
      attempt: row.attempts,
      call: positionOf(row.position),
      beganAt: row.attempted_at!,
      endedAt: Date.now(),
      error: NEVER_ENDED,
    };
    const isUnfinished = row.taken === row.id;
    return {
      id: row.id,
      ...callbackOf(row),
      place: row.place,
      state: row.state,
      attempts: row.attempts,
      attemptedAt: row.attempted_at ?? undefined,
      unfinished: row.unfinished + Number(isUnfinished),
      position: row.position ?? undefined,
      error: row.error ?? undefined,
      failedAt: row.failed_at ?? undefined,
      endedAt: row.ended_at ?? undefined,
      retryAt: row.state === "pending" ? row.retry_at : 0,
      steps: steps.all(row.id).map((step) => ({ ...step })) as unknown as MovingCallback["steps"],
      failures: isUnfinished ? [...failed, neverEnded] : failed,
      deadCalls: readDeadCalls(database, row.id),
      changes: (parts.all(row.id) as unknown as PartRow[]).map(({ number, json, is_last }) => {
        return { number, json, isLast: is_last === 1 };
      }),
    };
  }

  function end(callbacks: readonly MovingCallback[], where: string): void {
    const discard = database.prepare(DISCARD);
    const skipCalls = database.prepare(SKIP_CALLS);
    const countCalls = database.prepare(COUNT_CALLS);
    const dropSteps = database.prepare("delete from steps where callback = ?");
    const settle = database.prepare(SETTLE);
    for (const { id, state, scopeObjectId } of callbacks) {
      discard.run(Date.now(), `Moved to ${where}`, id);
      dropSteps.run(id);
      if (skipCalls.run(id).changes) countCalls.run(id);
      if (state === "pending") settle.run(scopeObjectId);
    }
  }

  function explained<Result>(use: () => Result): Result {
    try {
      return use();
    } catch (error) {
      throw explainProblem(path, error);
    }
  }

  return {
    count: () => explained(() => (database.prepare(COUNT).get() as { count: number }).count),

    next: (limit) =>
      explained(() => {
        const moving: MovingCallback[] = [];
        let calls = 0;
        let characters = 0;
        for (const row of database.prepare(NEXT).all(limit) as unknown as Row[]) {
          const callback = movingOf(row);
          moving.push(callback);
          calls += callback.deadCalls.length;
          characters += callback.changes.reduce((sum, { json }) => sum + json.length, 0);
          if (calls >= MAX_CALLS || characters >= MAX_CHARACTERS) break;
        }
        return moving;
      }),

    moved: (callbacks, where) =>
      explained(() => {
        database.exec("begin immediate");
        try {
          end(callbacks, where);
          database.exec("commit");
        } catch (error) {
          rollBack(database);
          throw error;
        }
      }),

    mirror,

    close: () => database.close(),
  };
}

interface PartRow {
  readonly number: number;
  readonly json: string;
  readonly is_last: number;
}

interface Row extends CallbackRow {
  readonly place: number;
  readonly state: "pending" | "dead";
  readonly attempted_at: number | null;
  readonly error: string | null;
  readonly failed_at: number | null;
  readonly ended_at: number | null;
  readonly retry_at: number;
  readonly taken: number | null;
}

const COUNT = "select count(*) as count from callbacks where state in ('pending', 'dead')";
const NEXT = `
  select callbacks.*, retry_at, taken from callbacks join lanes using (lane) where state in ('pending', 'dead')
  order by place limit ?`;
const DISCARD = `
  update callbacks set state = 'discarded', ended_at = ?, error = ?, unfinished = 0, position = null where id = ?`;
const SETTLE = `
  update lanes set pending = pending - 1, retry_at = 0, lease = null, lease_until = 0, taken = null where lane = ?`;
