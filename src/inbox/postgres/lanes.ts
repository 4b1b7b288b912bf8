import { SheethookError } from "../../errors.ts";
import { sleep } from "../../async/delay.ts";
import type { Inbox, Lease, Outcome, Work } from "../inbox.ts";
import type { PostgresConnection, Row, Statement } from "./connection.ts";
import { createGather } from "./batch.ts";
import type { postgresStatements } from "./statements.ts";
import { storable } from "./text.ts";
import { isBroken } from "./problems.ts";
import { retryDelayMs } from "../retry_delay.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";

/** The statements of a batch, in the order in which they run: an outcome is recorded before the next callback is taken. */
const KINDS = ["savePosition", "saveStep", "finish", "take", "renew", "release", "lease"] as const;
type Kind = (typeof KINDS)[number];

/** Something to do for a lane: a row for each statement that it needs. */
interface Task {
  readonly lease?: Lease;
  readonly rows: Partial<Record<Kind, Readonly<Record<string, unknown>>>>;
  /** Makes the result of the rows that came back. */
  readonly read: (found: (kind: Kind) => readonly Row[]) => unknown;
}

const MAX_BATCH = 256;
/** The waits from there on are all the same. */
const DELAYS = 13;
/** So long what was worked is tried to be recorded: less than a lease lasts. */
const PATIENCE_MS = 10_000;

/**
 * The half of an inbox that works lanes. What the lanes of this process ask for while one transaction is under way goes
 * together with the next: so many lanes need one connection, and one sync of the disk.
 */
export function createLanes(
  { connection, statements, channel, owner, now, random }: {
    readonly connection: PostgresConnection;
    readonly statements: ReturnType<typeof postgresStatements>;
    readonly channel: string;
    /** What is said in the channel: who. */
    readonly owner: string;
    readonly now: () => number | null;
    readonly random: () => number;
  },
): Pick<Inbox, "lease" | "renew" | "release" | "take" | "finish" | "savePosition" | "saveStep"> {
  /** By lane, the token of the lease with which it was last taken and owed nothing more: it is released already. */
  const released = new Map<number, string>();
  const isReleased = ({ lane, token }: Lease) => released.get(lane) === token;

  const ask = createGather<Task, unknown>(newBatch, async (batch) => {
    const lanes = [...new Set(batch.flatMap(({ lease }) => lease ? [lease.lane] : []))];
    const kinds = KINDS.filter((kind) => batch.some(({ rows }) => rows[kind]));
    const isLeaseAlone = kinds.length === 1 && kinds[0] === "lease";
    const texts = kinds.map((kind) => statementOf(kind, batch, isLeaseAlone));
    const locks = lanes.length ? [{ text: statements.lockLanes, values: [lanes] }] : [];
    const run = isLeaseAlone ? () => connection.statement(texts[0]!) : () => connection.transaction(...locks, ...texts);
    const found = await patiently(run, lanes.length > 0);
    const rowsOf = (kind: Kind) => found[locks.length + kinds.indexOf(kind)]!;
    return batch.map(({ read }, n) => {
      try {
        return read((kind) => kind === "lease" ? rowsOf(kind) : rowsOf(kind).filter((row) => row.n === n));
      } catch (error) {
        return error as Error;
      }
    });
  });

  function statementOf(kind: Kind, batch: readonly Task[], isAlone: boolean): Statement {
    const text = statements[kind];
    const rows = batch.flatMap((task, n) => task.rows[kind] ? [{ n, ...task.rows[kind] }] : []);
    if (kind !== "lease") {
      const more = kind === "release" ? [now(), channel, owner] : kind.startsWith("save") ? [] : [now()];
      return { text, values: [JSON.stringify(rows), ...more] };
    }
    const [{ limit, leaseMs }] = rows as unknown as [{ limit: number; leaseMs: number }];
    const delays = Array.from({ length: DELAYS }, (_, index) => retryDelayMs(index + 1, random));
    return { text, values: [limit, now(), Math.round(leaseMs), delays, isAlone] };
  }

  const idOf = ({ lane, token }: Lease) => ({ lane, token });

  function requireHeld(lease: Lease, [row]: readonly Row[]): Row {
    if (row) return row;
    throw new SheethookError("lease_lost", `The lease of lane ${lease.lane} has run out, and another has it`);
  }

  function readTaken(lease: Lease, rows: readonly Row[]): Work | undefined {
    const row = requireHeld(lease, rows);
    if (row.given_back) released.set(lease.lane, lease.token);
    return row.id === null ? undefined : workOf(row);
  }

  async function save(kind: "savePosition" | "saveStep", lease: Lease, row: Readonly<Record<string, unknown>>) {
    await ask({
      lease,
      rows: { [kind]: { ...idOf(lease), ...row } },
      read: (found) => requireHeld(lease, found(kind)),
    });
  }

  return {
    async lease(limit, leaseMs) {
      const leases = await ask({
        rows: { lease: { limit, leaseMs } },
        read: (found) => found("lease").flatMap(({ lane, lease }) => lease ? [{ lane, token: lease }] : []),
      });
      return leases as Lease[];
    },

    async renew(leases, leaseMs) {
      const kept = await Promise.all(leases.map((lease) =>
        ask({
          lease,
          rows: { renew: { ...idOf(lease), lease_ms: Math.round(leaseMs) } },
          read: (found) => found("renew").length > 0,
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
        read: (found) => readTaken(lease, found("take")),
      });
      return work as Work | undefined;
    },

    async finish(lease, { id }, outcome, options) {
      const row = { ...idOf(lease), id, ...rowOf(outcome) };
      const work = await ask({
        lease,
        rows: options?.next ? { finish: row, take: idOf(lease) } : { finish: row },
        read(found) {
          requireHeld(lease, found("finish"));
          return options?.next ? readTaken(lease, found("take")) : undefined;
        },
      });
      return work as Work | undefined;
    },

    savePosition: (lease, { id }, position) => save("savePosition", lease, { id, position: JSON.stringify(position) }),

    saveStep: (lease, { id }, key, json) => save("saveStep", lease, { id, key: JSON.stringify(key), json }),
  };
}

/** A statement may be about a lane, or a step of it, once. */
function newBatch(): (task: Task) => boolean {
  const used = new Set<string>();
  let count = 0;
  return ({ lease, rows }) => {
    const subjects = Object.entries(rows).map(([kind, { key }]) => `${kind} ${lease?.lane} ${key}`);
    const fits = ++count <= MAX_BATCH && !subjects.some((subject) => used.has(subject));
    if (fits) { for (const subject of subjects) used.add(subject); }
    return fits;
  };
}

/** Handlers have run: while their leases last, it is worth waiting for a Postgres that is being started again. */
async function patiently<Result>(run: () => Promise<Result>, isWorth: boolean): Promise<Result> {
  const endAt = performance.now() + PATIENCE_MS;
  for (let waitMs = 50;; waitMs *= 2) {
    try {
      return await run();
    } catch (error) {
      if (!isWorth || !isBroken(error) || performance.now() + waitMs > endAt) throw error;
    }
    await sleep(waitMs);
  }
}

function rowOf(outcome: Outcome) {
  const error = "error" in outcome ? outcome.error : "reason" in outcome ? outcome.reason : undefined;
  return {
    kind: outcome.kind,
    error: error === undefined ? null : storable(error),
    position: "position" in outcome ? JSON.stringify(outcome.position) : null,
    retry_after_ms: "retryAfterMs" in outcome ? Math.round(outcome.retryAfterMs) : null,
  };
}

function workOf(row: Row): Work {
  const { id, attempts, unfinished, position, steps } = row as unknown as CallbackRow & {
    steps: Record<string, string>;
  };
  return {
    id,
    callback: callbackOf(row as unknown as CallbackRow),
    attempt: attempts,
    unfinished,
    position: position === null ? undefined : JSON.parse(position),
    steps: new Map(Object.entries(steps ?? {}).map(([key, json]) => [JSON.parse(key), json])),
  };
}
