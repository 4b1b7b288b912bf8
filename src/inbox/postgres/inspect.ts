import type { ActedOn, CallbackFilter, CallbackState, CallPick, DeadError, InspectableInbox } from "../inspect.ts";
import { MOST_ERRORS } from "../limits.ts";
import { callbackOf } from "../callback_row.ts";
import { keyOf } from "./call_rows.ts";
import type { PostgresConnection } from "./connection.ts";
import { actStatements } from "./statements/act.ts";
import { findStatements } from "./statements/find.ts";
import { inspectStatements } from "./statements/inspect.ts";
import { type Statement, type StatementContext, storable } from "./statements/sql.ts";

/** The half of a Postgres inbox that is for people. @param wake called when a lane may have become due */
export function createPostgresInspect(
  connection: PostgresConnection,
  context: StatementContext,
  wake: () => void,
): Omit<InspectableInbox, "alerts"> {
  const statements = { ...inspectStatements(context), ...findStatements(context), ...actStatements(context) };

  async function all<Row>(statement: Statement<Row>): Promise<Row[]> {
    const [rows] = await connection.transaction(statement);
    return rows;
  }

  async function actOn(act: Statement<ActedOn>, ids: readonly number[]): Promise<readonly ActedOn[]> {
    const [, rows] = await connection.transaction(statements.lockLanesOf(ids), act);
    wake();
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? { id, outcome: "unknown", state: undefined, calls: 0 });
  }

  function picked(pick: CallPick | undefined): CallPick | undefined {
    return pick && { ...pick, error: pick.error === undefined ? undefined : storable(pick.error) };
  }

  async function findDead({ error, ...filter }: CallbackFilter, limit: number | undefined) {
    const key = storable(error!);
    const uncalled = await all(statements.uncalled(filter));
    const ids = uncalled.flatMap(({ line, ids }) => keyOf(line) === key ? ids : []);
    return await all(statements.findDead(filter, key, ids, limit));
  }

  return {
    async overview() {
      const [[lanes], kept, held] = await connection.transaction(
        statements.lanes(),
        statements.kept(),
        statements.held(),
      );
      const keptOf = (state: CallbackState) => kept.find((row) => row.state === state)?.count ?? 0;
      const { pending, totals_done: done, totals_dead: dead, oldest, with_pending, holding, dead_calls } = lanes!;
      return {
        pending,
        done: keptOf("done"),
        discarded: keptOf("discarded"),
        dead: keptOf("dead"),
        deadCalls: dead_calls,
        totals: { done, dead },
        oldestPendingAt: oldest ?? undefined,
        lanes: with_pending,
        heldLanes: holding,
        longestHeld: held,
      };
    },

    async find(filter, limit) {
      const rows = filter.error === undefined
        ? await all(statements.find(filter, limit))
        : await findDead(filter, limit);
      return rows.map(({ id }) => id);
    },

    async deadErrors(filter = {}) {
      const only = filter.error === undefined ? undefined : (await findDead(filter, undefined)).map(({ id }) => id);
      const [called, uncalled] = await connection.transaction(
        statements.deadErrors(filter, only),
        statements.uncalled(filter, only),
      );
      const errors = new Map<string, DeadError>(called.map((row) => [row.error, row]));
      for (const { line, ids } of uncalled) {
        const error = keyOf(line);
        const { callbacks, calls, last } = errors.get(error) ?? { callbacks: 0, calls: 0, last: 0 };
        const newest = ids.reduce((one, other) => Math.max(one, other), last);
        errors.set(error, { error, callbacks: callbacks + ids.length, calls, last: newest });
      }
      const sorted = [...errors.values()].sort((a, b) => b.calls - a.calls || b.callbacks - a.callbacks);
      return sorted.slice(0, MOST_ERRORS);
    },

    async show(id) {
      const [row] = await all(statements.show(id));
      return row && {
        id,
        state: row.state,
        isRunning: row.is_running,
        ...callbackOf(row),
        attempts: row.attempts,
        unfinished: row.unfinished,
        position: row.position === null ? undefined : JSON.parse(row.position),
        deadCalls: row.dead_calls.map((call) => ({ ...call, error: row.texts![call.error]! })),
        steps: row.steps.map((key) => JSON.parse(key)),
        error: row.error ?? undefined,
        failedAt: row.failed_at ?? undefined,
        attemptedAt: row.attempted_at ?? undefined,
        failures: row.failures.map((failure) => ({ ...failure, call: failure.call ?? undefined })),
        retryAt: row.holding_until ?? undefined,
        endedAt: row.ended_at ?? undefined,
      };
    },

    activity: (since, until, stepMs) => all(statements.activity(since, until, stepMs)),

    replay: (ids, pick) => actOn(statements.replay(ids, picked(pick)), ids),

    skip: (ids, pick) => actOn(statements.skip(ids, picked(pick)), ids),

    discard: (ids) => actOn(statements.discard(ids), ids),

    async prune(states, endedBefore) {
      return (await all(statements.prune(states, endedBefore))).length;
    },
  };
}
