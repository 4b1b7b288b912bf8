import type { DatabaseSync } from "node:sqlite";
import type {
  ActedOn,
  Activity,
  CallbackFilter,
  CallbackState,
  Failure,
  HeldLane,
  InboxOverview,
  InspectableInbox,
  StoredCallback,
} from "../inspect.ts";
import { LONGEST_HELD, PRUNE_CHUNK } from "../limits.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import { conditionOf, stateIn } from "../callback_condition.ts";
import type { Commit } from "./commit.ts";
import type { Read } from "./read.ts";
import {
  ACTIVITY,
  DISCARD,
  FAILURES,
  FOUND,
  GO_ON,
  HEAD,
  HELD,
  KEPT,
  LANES,
  NEXT_PLACE,
  OLDEST,
  RELEASE_HOLD,
  START_AFRESH,
} from "./inspect_statements.ts";
import { ADD_PENDING } from "./statements.ts";

/** The half of a SQLite inbox that is for people. Its statements are rare, so each is prepared when it is needed. */
export function createSqliteInspect(
  { database, commit, read, now }: {
    readonly database: DatabaseSync;
    readonly commit: Commit;
    readonly read: Read;
    readonly now: () => number;
  },
): InspectableInbox {
  const run = (text: string, ...values: (number | string | null)[]) => database.prepare(text).run(...values);
  const get = <Row>(text: string, ...values: number[]) => database.prepare(text).get(...values) as Row | undefined;
  const all = <Row>(text: string, ...values: (number | Record<string, number>)[]) =>
    database.prepare(text).all(...values as number[]) as Row[];

  function actOn(ids: readonly number[], act: (found: Found) => ActedOn["outcome"]): Promise<readonly ActedOn[]> {
    return commit(() =>
      ids.map((id) => {
        const found = get<Found>(`select ${FOUND} from callbacks left join lanes using (lane) where id = ?`, id);
        return { id, outcome: found ? act(found) : "unknown", state: found?.state };
      })
    );
  }

  function isRunning({ id, taken, lease_until: leaseUntil }: Found): boolean {
    return taken === id && leaseUntil! > now();
  }

  function replayOne({ id, state, lane }: Found): ActedOn["outcome"] {
    if (state === "pending") return "unchanged";
    const { place } = get<{ place: number }>(NEXT_PLACE)!;
    run(state === "dead" ? GO_ON : START_AFRESH, place, id);
    run(ADD_PENDING, lane, now());
    return "changed";
  }

  function discardOne(found: Found): ActedOn["outcome"] {
    const { id, state, lane } = found;
    if (state !== "pending" && state !== "dead") return "unchanged";
    if (isRunning(found)) return "running";
    if (state === "pending") {
      // Read before it leaves the lane: it may hold up the lane.
      const head = get<{ id: number }>(HEAD, lane)!;
      if (head.id === id) database.prepare(RELEASE_HOLD).run({ now: now(), lane });
      run("update lanes set pending = pending - 1 where lane = ?", lane);
      run("update counters set value = value + 1 where name = 'done'");
    }
    run(DISCARD, now(), id);
    run("delete from steps where callback = ?", id);
    return "changed";
  }

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
      totals: { done: totalOf("done"), dead: totalOf("dead") },
      oldestPendingAt: oldest?.accepted_at,
      lanes,
      heldLanes: held,
      longestHeld: all<HeldLane>(HELD, now(), LONGEST_HELD).map((lane) => ({ ...lane })),
    };
  }

  function find(filter: CallbackFilter, limit: number): number[] {
    const { where, values } = conditionOf(filter);
    // The only index with webhooks; without it the bodies of all callbacks are read to find those of a quiet one.
    const index = filter.webhookId === undefined ? "" : "indexed by callbacks_accepted";
    const text = `select id from callbacks ${index} where ${where} order by id desc limit ?`;
    return all<{ id: number }>(text, ...values, limit).map(({ id }) => id);
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
      isRunning: isRunning(row),
      ...callbackOf(row),
      attempts: row.attempts,
      unfinished: row.unfinished,
      position: row.position === null ? undefined : JSON.parse(row.position),
      steps: steps.map(({ key }) => key),
      error: row.error ?? undefined,
      failedAt: row.failed_at ?? undefined,
      attemptedAt: row.attempted_at ?? undefined,
      failures: all<Failure>(FAILURES, id).map((failure) => ({ ...failure })).reverse(),
      retryAt: isHolding ? row.retry_at! : undefined,
      endedAt: row.ended_at ?? undefined,
    };
  }

  function activity(since: number, until: number, stepMs: number): Activity[] {
    const steps = all<Activity>(ACTIVITY, { since, until, stepMs });
    return steps.filter(({ accepted, done, dead }) => accepted || done || dead).map((step) => ({ ...step }));
  }

  return {
    overview: () => read(overview),

    find: (filter, limit = -1) => read(() => find(filter, limit)),

    show: (id) => read(() => show(id)),

    activity: (since, until, stepMs) => read(() => activity(since, until, stepMs)),

    replay: (ids) => actOn(ids, replayOne),

    discard: (ids) => actOn(ids, discardOne),

    prune: (states, endedBefore) =>
      commit(() => {
        const text = `delete from callbacks where id in (
          select id from callbacks where ${stateIn(states)} and ended_at < ? limit ?)`;
        return Number(run(text, endedBefore, PRUNE_CHUNK).changes);
      }),
  };
}

/** A callback, and what its lane says about it. */
interface Found {
  readonly id: number;
  readonly state: CallbackState;
  readonly lane: number;
  readonly taken: number | null;
  readonly lease_until: number | null;
  readonly retry_at: number | null;
}

interface Row extends CallbackRow, Found {
  readonly error: string | null;
  readonly failed_at: number | null;
  readonly attempted_at: number | null;
  readonly ended_at: number | null;
}
