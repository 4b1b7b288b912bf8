import { SheethookError } from "../../errors.ts";
import { delay } from "../../async/delay.ts";
import { retryDelayMs } from "../attempts.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import type { EndedCall, Inbox, Lease, Outcome, Work } from "../inbox.ts";
import { createCallRows } from "./call_rows.ts";
import type { PostgresConnection } from "./connection.ts";
import { createBatches } from "./batch.ts";
import { isBroken } from "./problems.ts";
import { deadCallStatements } from "./statements/dead_calls.ts";
import { type HeldRow, laneStatements, type LeasedRow, type TakenRow } from "./statements/lanes.ts";
import { type StatementContext, storable } from "./statements/sql.ts";

/** The statements of a batch, in the order in which they run: an outcome is recorded before the next callback is taken. */
const KINDS = [
  "endCalls",
  "skipCalls",
  "dropCalls",
  "forgetErrors",
  "saveProgress",
  "saveStep",
  "finish",
  "take",
  "renew",
  "release",
] as const;
type Kind = (typeof KINDS)[number];

/** Something to do for a lane: a row for each statement that it needs; or lanes to be leased. */
interface Task {
  readonly lease?: Lease;
  readonly rows?: TaskRows;
  /** How many calls have ended. */
  readonly calls?: number;
  readonly wanted?: { readonly limit: number; readonly leaseMs: number };
  /** Makes the result of what came back. */
  readonly read: (found: Found) => unknown;
}

type TaskRows = Partial<Record<Kind, Readonly<Record<string, unknown>>>>;

/** What came back for a task. */
interface Found {
  readonly held: (kind: Kind) => HeldRow | undefined;
  readonly taken: () => TakenRow | undefined;
  readonly leased: readonly LeasedRow[];
}

const MAX_BATCH = 256;
/** Of a batch that isn't one task alone: a batch is one message to Postgres. */
const MAX_CALLS = 5000;
/** The delays from there on are all the same. */
const DELAYS = 13;
/** How long recording is retried while Postgres is away: less than a lease lasts. */
const PATIENCE_MS = 10_000;

/**
 * The half of an inbox that processes lanes. What the lanes of this process ask for while one transaction runs goes
 * together with the next: so many lanes need one connection, and one sync of the disk.
 */
export function createLanes(
  connection: PostgresConnection,
  context: StatementContext,
  random: () => number,
): Pick<Inbox, "lease" | "renew" | "release" | "take" | "finish" | "saveProgress" | "saveStep"> {
  const statements = { ...laneStatements(context), ...deadCallStatements(context) };
  /** By lane, the token of the lease whose last `take` found nothing pending: the lane is released already. */
  const released = new Map<number, string>();
  const isReleased = ({ lane, token }: Lease) => released.get(lane) === token;

  const ask = createBatches<Task, unknown>(newBatch, async (batch) => {
    const kinds = KINDS.filter((kind) => batch.some(({ rows }) => rows?.[kind]));
    const lanes = [...new Set(batch.flatMap(({ lease }) => lease?.lane ?? []))];
    const asked = [
      ...(lanes.length ? [statements.lockLanes(lanes)] : []),
      ...kinds.map((kind) => statements[kind](rowsOf(kind, batch))),
      ...leaseOf(batch, !lanes.length),
    ];
    const found = lanes.length
      ? await patiently(() => connection.transaction(...asked))
      : [await connection.statement(asked[0]!)];
    const heldRows = (kind: Kind, n: number) =>
      (found[1 + kinds.indexOf(kind)] as HeldRow[]).find((row) => row.n === n);
    return batch.map(({ read }, n) => {
      try {
        return read({
          held: (kind) => heldRows(kind, n),
          taken: () => heldRows("take", n) as TakenRow | undefined,
          leased: found.at(-1) as LeasedRow[],
        });
      } catch (error) {
        return error as Error;
      }
    });
  });

  function leaseOf(batch: readonly Task[], isAlone: boolean) {
    const wanted = batch.find(({ wanted }) => wanted)?.wanted;
    if (!wanted) return [];
    const delays = Array.from({ length: DELAYS }, (_, index) => retryDelayMs(index + 1, random));
    return [statements.lease(wanted.limit, wanted.leaseMs, delays, isAlone)];
  }

  async function leaseSome(limit: number, leaseMs: number): Promise<readonly LeasedRow[]> {
    return await ask({ wanted: { limit, leaseMs }, read: ({ leased }) => leased }) as readonly LeasedRow[];
  }

  const idOf = ({ lane, token }: Lease) => ({ lane, token });

  function requireHeld<Row extends HeldRow>(lease: Lease, row: Row | undefined): Row {
    if (row) return row;
    throw new SheethookError("lease_lost", `The lease of lane ${lease.lane} is no longer held`);
  }

  function readTaken(lease: Lease, found: Found): Work | undefined {
    const row = requireHeld(lease, found.taken());
    if (row.given_back) released.set(lease.lane, lease.token);
    return row.id === null ? undefined : workOf(row);
  }

  return {
    async lease(limit, leaseMs) {
      const leases: Lease[] = [];
      while (true) {
        const leased = await leaseSome(limit - leases.length, leaseMs).catch((error) => {
          if (leases.length) return [];
          throw error;
        });
        leases.push(...leased.flatMap(({ lane, lease }) => lease === null ? [] : [{ lane, token: lease }]));
        // What is not to be leased after all took the place of others.
        if (leases.length === limit || leased.every(({ lease }) => lease !== null)) return leases;
      }
    },

    async renew(leases, leaseMs) {
      const kept = await Promise.all(leases.map((lease) =>
        ask({
          lease,
          rows: { renew: { ...idOf(lease), lease_ms: Math.round(leaseMs) } },
          read: (found) => found.held("renew") !== undefined,
        })
      ));
      return leases.filter((lease, index) => !kept[index] && !isReleased(lease));
    },

    async release(lease) {
      if (isReleased(lease)) released.delete(lease.lane);
      else await ask({ lease, rows: { release: idOf(lease) }, read() {} });
    },

    async take(lease) {
      const work = await ask({
        lease,
        rows: { take: idOf(lease) },
        read: (found) => readTaken(lease, found),
      });
      return work as Work | undefined;
    },

    async finish(lease, work, outcome, options) {
      const row = { ...idOf(lease), id: work.id };
      const ended = "ended" in outcome ? outcome.ended ?? [] : [];
      const next = await ask({
        lease,
        rows: {
          ...endedRows(row, ended),
          ...(outcome.kind === "discarded" && { skipCalls: row }),
          ...(outcome.kind === "dropped" && { dropCalls: row }),
          ...(hasReplayed(work) && /^(done|dead)$/.test(outcome.kind) && { forgetErrors: row }),
          finish: { ...row, ...rowOf(outcome, work) },
          ...(options?.next && { take: idOf(lease) }),
        },
        calls: ended.length,
        read(found) {
          requireHeld(lease, found.held("finish"));
          return options?.next ? readTaken(lease, found) : undefined;
        },
      });
      return next as Work | undefined;
    },

    async saveProgress(lease, { id, attempt: before }, { position, attempt = before, ended = [] }) {
      const row = { ...idOf(lease), id };
      await ask({
        lease,
        rows: { ...endedRows(row, ended), saveProgress: { ...row, position: JSON.stringify(position), attempt } },
        calls: ended.length,
        read: (found) => requireHeld(lease, found.held("saveProgress")),
      });
    },

    async saveStep(lease, { id }, key, json) {
      await ask({
        lease,
        rows: { saveStep: { ...idOf(lease), id, key: JSON.stringify(key), json } },
        read: (found) => requireHeld(lease, found.held("saveStep")),
      });
    },
  };
}

function endedRows(row: Readonly<Record<string, unknown>>, ended: readonly EndedCall[]): TaskRows {
  if (!ended.length) return {};
  const { callRow, errorRows } = createCallRows();
  const rows = ended.map((each, nth) => ({ nth, ...callRow(each), attempt: each.attempt }));
  // Of a call that is there twice, the last counts.
  const calls = [...new Map(rows.map((each) => [each.digest, each])).values()];
  return { endCalls: { ...row, calls, errors: errorRows() } };
}

/** Whether it may have got rid of errors. */
function hasReplayed({ deadCalls }: Work): boolean {
  return deadCalls.some(({ isOwed }) => isOwed);
}

function rowsOf(kind: Kind, batch: readonly Task[]): readonly object[] {
  return batch.flatMap(({ rows }, n) => rows?.[kind] ? [{ n, ...rows[kind] }] : []);
}

/** A statement may be about a lane, or a step of it, once; and one of a batch leases lanes. */
function newBatch(): (task: Task) => boolean {
  const used = new Set<string>();
  let count = 0;
  let allCalls = 0;
  return ({ lease, rows = { lease: {} }, calls = 0 }) => {
    const subjects = Object.entries(rows).map(([kind, { key }]) => `${kind} ${lease?.lane} ${key}`);
    const isSmall = ++count <= MAX_BATCH && (!allCalls || allCalls + calls <= MAX_CALLS);
    const fits = isSmall && !subjects.some((subject) => used.has(subject));
    if (!fits) return false;
    allCalls += calls;
    for (const subject of subjects) used.add(subject);
    return true;
  };
}

/** Handlers have run: while their leases last, it is worth waiting for a Postgres that is being started again. */
async function patiently<Result>(run: () => Promise<Result>): Promise<Result> {
  const endAt = performance.now() + PATIENCE_MS;
  for (let waitMs = 50;; waitMs *= 2) {
    try {
      return await run();
    } catch (error) {
      if (!isBroken(error) || performance.now() + waitMs > endAt) throw error;
    }
    await delay(waitMs);
  }
}

function rowOf(outcome: Outcome, { attempt: before }: Work) {
  const error = errorOf(outcome);
  return {
    kind: outcome.kind,
    error: error === undefined ? null : storable(error),
    position: "position" in outcome && outcome.position ? JSON.stringify(outcome.position) : null,
    // What else ends is at the call that was saved last.
    attempt: outcome.kind === "failed" || outcome.kind === "paused" ? outcome.attempt ?? before : null,
    retry_after_ms: "retryAfterMs" in outcome ? Math.round(outcome.retryAfterMs) : null,
  };
}

function errorOf(outcome: Outcome): string | undefined {
  if ("error" in outcome) return outcome.error;
  return "reason" in outcome ? outcome.reason : undefined;
}

function workOf(row: CallbackRow & Pick<TakenRow, "steps" | "dead_calls">): Work {
  const { id, attempts, unfinished, position, steps, dead_calls: deadCalls } = row;
  return {
    id,
    callback: callbackOf(row),
    attempt: attempts,
    unfinished,
    position: position === null ? undefined : JSON.parse(position),
    steps: new Map(Object.entries(steps ?? {}).map(([key, json]) => [JSON.parse(key), json])),
    deadCalls: deadCalls ?? [],
  };
}
