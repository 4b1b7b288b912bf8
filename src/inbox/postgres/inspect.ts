import type { ActedOn, CallbackState, Failure, HeldLane, InspectableInbox } from "../inspect.ts";
import type { PostgresConnection, Row } from "./connection.ts";
import { inspectStatements } from "./inspect_sql.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import { conditionOf, stateIn } from "../callback_condition.ts";

/** What is pruned in one go. */
export const PRUNE_CHUNK = 500;
const LONGEST_HELD = 10;

/** The half of a Postgres inbox that is for people. */
export function createPostgresInspect(
  { connection, schema, channel, owner, now, wake }: {
    readonly connection: PostgresConnection;
    readonly schema: string;
    readonly channel: string;
    readonly owner: string;
    readonly now: () => number | null;
    readonly wake: () => void;
  },
): InspectableInbox {
  const sql = inspectStatements(schema);
  const all = async <Found>(text: string, ...values: unknown[]): Promise<Found[]> => {
    const [rows] = await connection.transaction({ text, values });
    return rows as Found[];
  };

  async function actOn(text: string, ids: readonly number[]): Promise<readonly ActedOn[]> {
    const [, rows] = await connection.transaction(
      { text: sql.lockLanes, values: [ids] },
      { text, values: [ids, now(), channel, owner] },
    );
    wake();
    const found = new Map((rows as unknown as ActedOn[]).map((row) => [row.id, row]));
    return ids.map((id) => found.get(id) ?? { id, outcome: "unknown", state: undefined });
  }

  return {
    async overview() {
      const [[lanes], kept, held] = await connection.transaction(
        { text: sql.lanes, values: [now()] },
        { text: sql.kept, values: [] },
        { text: sql.held, values: [now(), LONGEST_HELD] },
      ) as [Row[], Row[], Row[]];
      const keptOf = (state: CallbackState) => kept.find((row) => row.state === state)?.count as number ?? 0;
      const { pending, totals_done: done, totals_dead: dead, oldest, owing, holding } = lanes as Record<string, number>;
      return {
        pending: pending!,
        done: keptOf("done"),
        discarded: keptOf("discarded"),
        dead: keptOf("dead"),
        totals: { done: done!, dead: dead! },
        oldestPendingAt: oldest ?? undefined,
        lanes: owing!,
        heldLanes: holding!,
        longestHeld: held as unknown as HeldLane[],
      };
    },

    async find(filter, limit) {
      const { where, values } = conditionOf(filter);
      let place = 0;
      const numbered = where.replaceAll("?", () => `$${++place}`);
      const text = `select id from ${sql.both} where ${numbered} order by id desc limit $${place + 1}`;
      return (await all<{ id: number }>(text, ...values, limit ?? null)).map(({ id }) => id);
    },

    async show(id) {
      const [row] = await all<StoredRow>(sql.show, id, now());
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

    activity: (since, until, stepMs) => all(sql.activity, since, until, stepMs),

    replay: (ids) => actOn(sql.replay, ids),

    discard: (ids) => actOn(sql.discard, ids),

    async prune(states, endedBefore) {
      return (await all(sql.prune(stateIn(states)), endedBefore, PRUNE_CHUNK)).length;
    },
  };
}

interface StoredRow extends CallbackRow {
  readonly state: CallbackState;
  readonly is_running: boolean;
  readonly error: string | null;
  readonly failed_at: number | null;
  readonly attempted_at: number | null;
  readonly ended_at: number | null;
  readonly holding_until: number | null;
  readonly steps: readonly string[];
  readonly failures: readonly Failure[];
}
