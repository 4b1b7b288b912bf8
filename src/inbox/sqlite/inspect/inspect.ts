import type { DatabaseSync } from "node:sqlite";
import type {
  Activity,
  CallbackState,
  HeldLane,
  InboxOverview,
  InspectableInbox,
  StoredCallback,
} from "../../inspect.ts";
import { LONGEST_HELD } from "../../limits.ts";
import { callbackOf, type CallbackRow } from "../../callback_row.ts";
import type { Commit } from "../commit.ts";
import { positionOf, readDeadCalls, readFailures } from "../dead_calls.ts";
import type { Read } from "../read.ts";
import { createActions } from "./act.ts";
import { createSqliteAlerts } from "./alerts.ts";
import { findCallbacks, findDeadErrors } from "./find.ts";
import { type Found, isRunning } from "./found.ts";
import { createQueries } from "./queries.ts";
import { ACTIVITY, DEAD_CALLS, FOUND, HEAD, HELD, KEPT, LANES, OLDEST } from "./statements.ts";

/** The half of a SQLite inbox that is for people. */
export function createSqliteInspect(
  { database, commit, read, now }: {
    readonly database: DatabaseSync;
    readonly commit: Commit;
    readonly read: Read;
    readonly now: () => number;
  },
): InspectableInbox {
  const queries = createQueries(database);
  const { get, all } = queries;

  function overview(): InboxOverview {
    const kept = all<{ state: CallbackState; count: number }>(KEPT);
    const keptOf = (state: CallbackState) => kept.find((row) => row.state === state)?.count ?? 0;
    const totals = all<{ name: string; value: number }>("select name, value from counters");
    const totalOf = (name: string) => totals.find((row) => row.name === name)?.value ?? 0;
    const { pending, lanes, held } = get<{ pending: number; lanes: number; held: number }>(LANES, now())!;
    const oldest = get<{ accepted_at: number }>(OLDEST);
    return {
      pending,
      done: keptOf("done"),
      discarded: keptOf("discarded"),
      dead: keptOf("dead"),
      deadCalls: get<{ count: number }>(DEAD_CALLS)!.count,
      totals: { done: totalOf("done"), dead: totalOf("dead") },
      oldestPendingAt: oldest?.accepted_at,
      lanes,
      heldLanes: held,
      longestHeld: all<HeldLane>(HELD, now(), LONGEST_HELD).map((lane) => ({ ...lane })),
    };
  }

  function show(id: number): StoredCallback | undefined {
    const row = get<Row>(`select callbacks.*, ${FOUND} from callbacks left join lanes using (lane) where id = ?`, id);
    if (!row) return undefined;
    const steps = all<{ key: string }>("select key from steps where callback = ?", id);
    const isHolding = row.state === "pending" && row.retry_at! > now() &&
      get<{ id: number }>(HEAD, row.lane)?.id === id;
    return {
      id,
      state: row.state,
      isRunning: isRunning(row, now()),
      ...callbackOf(row),
      attempts: row.attempts,
      unfinished: row.unfinished,
      position: positionOf(row.position),
      deadCalls: readDeadCalls(database, id),
      steps: steps.map(({ key }) => key),
      error: row.error ?? undefined,
      failedAt: row.failed_at ?? undefined,
      attemptedAt: row.attempted_at ?? undefined,
      failures: readFailures(database, id),
      retryAt: isHolding ? row.retry_at! : undefined,
      endedAt: row.ended_at ?? undefined,
    };
  }

  function activity(since: number, until: number, stepMs: number): Activity[] {
    const steps = all<Activity>(ACTIVITY, { since, until, stepMs });
    return steps.filter(({ accepted, done, dead }) => accepted || done || dead).map((step) => ({ ...step }));
  }

  return {
    alerts: createSqliteAlerts({ database, commit, read }),
    ...createActions({ queries, commit, now }),

    overview: () => read(overview),

    find: (filter, limit = -1) => read(() => findCallbacks(queries, filter, limit)),

    deadErrors: (filter = {}) => read(() => findDeadErrors(queries, filter)),

    show: (id) => read(() => show(id)),

    activity: (since, until, stepMs) => read(() => activity(since, until, stepMs)),
  };
}

interface Row extends CallbackRow, Found {
  readonly error: string | null;
  readonly failed_at: number | null;
  readonly attempted_at: number | null;
  readonly ended_at: number | null;
}
