import type { ActedOn, CallbackState, InspectableInbox } from "../inspect.ts";
import { callbackOf } from "../callback_row.ts";
import type { PostgresConnection } from "./connection.ts";
import { inspectStatements } from "./statements/inspect.ts";
import type { Statement, StatementContext } from "./statements/sql.ts";

/** The half of a Postgres inbox that is for people. @param wake called when a lane may have become due */
export function createPostgresInspect(
  connection: PostgresConnection,
  context: StatementContext,
  wake: () => void,
): InspectableInbox {
  const statements = inspectStatements(context);

  async function all<Row>(statement: Statement<Row>): Promise<Row[]> {
    const [rows] = await connection.transaction(statement);
    return rows;
  }

  async function actOn(act: Statement<ActedOn>, ids: readonly number[]): Promise<readonly ActedOn[]> {
    const [, rows] = await connection.transaction(statements.lockLanesOf(ids), act);
    wake();
    const found = new Map(rows.map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? { id, outcome: "unknown", state: undefined });
  }

  return {
    async overview() {
      const [[lanes], kept, held] = await connection.transaction(
        statements.lanes(),
        statements.kept(),
        statements.held(),
      );
      const keptOf = (state: CallbackState) => kept.find((row) => row.state === state)?.count ?? 0;
      const { pending, totals_done: done, totals_dead: dead, oldest, with_pending, holding } = lanes!;
      return {
        pending,
        done: keptOf("done"),
        discarded: keptOf("discarded"),
        dead: keptOf("dead"),
        totals: { done, dead },
        oldestPendingAt: oldest ?? undefined,
        lanes: with_pending,
        heldLanes: holding,
        longestHeld: held,
      };
    },

    async find(filter, limit) {
      return (await all(statements.find(filter, limit))).map(({ id }) => id);
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
        steps: row.steps.map((key) => JSON.parse(key)),
        error: row.error ?? undefined,
        failedAt: row.failed_at ?? undefined,
        attemptedAt: row.attempted_at ?? undefined,
        failures: row.failures,
        retryAt: row.holding_until ?? undefined,
        endedAt: row.ended_at ?? undefined,
      };
    },

    activity: (since, until, stepMs) => all(statements.activity(since, until, stepMs)),

    replay: (ids) => actOn(statements.replay(ids), ids),

    discard: (ids) => actOn(statements.discard(ids), ids),

    async prune(states, endedBefore) {
      return (await all(statements.prune(states, endedBefore))).length;
    },
  };
}
