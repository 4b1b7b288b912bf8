import { SheethookError } from "../../errors.ts";
import { delay } from "../../async/delay.ts";
import type { Inbox, Lease, Outcome, Work } from "../inbox.ts";
import type { PostgresConnection, Row, Statement } from "./connection.ts";
import { createGather } from "./batch.ts";
import type { postgresStatements } from "./statements.ts";
import { storable } from "./text.ts";
import { isBroken } from "./problems.ts";
import { retryDelayMs } from "../retry_delay.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";

/** In the order in which a batch does them: a worker asks for nothing of one lane in another order. */
const KINDS = ["savePosition", "saveStep", "finish", "take", "renew", "release", "lease"] as const;
type Kind = (typeof KINDS)[number];

/** Something to do for a lane; `read` makes its result of the row that came back, if one did. */
interface Task {
  readonly kind: Kind;
  readonly lease?: Lease;
  readonly row: Readonly<Record<string, unknown>>;
  readonly read: (rows: readonly Row[]) => unknown;
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
  /** Leases of lanes that owed nothing more when they were last asked: the lanes are given back already. */
  const givenBack = new WeakSet<Lease>();

  const ask = createGather<Task, unknown>(newBatch, async (batch) => {
    const lanes = [...new Set(batch.flatMap(({ lease }) => lease ? [lease.lane] : []))];
    const kinds = KINDS.filter((kind) => batch.some((task) => task.kind === kind));
    const isLeaseAlone = kinds.length === 1 && kinds[0] === "lease";
    const texts = kinds.map((kind) => statementOf(kind, batch, isLeaseAlone));
    const locks = lanes.length ? [{ text: statements.lockLanes, values: [lanes] }] : [];
    const run = isLeaseAlone ? () => connection.statement(texts[0]!) : () => connection.transaction(...locks, ...texts);
    const found = await patiently(run, lanes.length > 0);
    const rowsOf = (kind: Kind) => found[locks.length + kinds.indexOf(kind)]!;
    return batch.map(({ kind, read }, n) => {
      try {
        return read(kind === "lease" ? rowsOf(kind) : rowsOf(kind).filter((row) => row.n === n));
      } catch (error) {
        return error as Error;
      }
    });
  });

  function statementOf(kind: Kind, batch: readonly Task[], isAlone: boolean): Statement {
    const text = statements[kind];
    const rows = batch.flatMap((task, n) => task.kind === kind ? [{ n, ...task.row }] : []);
    if (kind !== "lease") {
      const more = kind === "release" ? [now(), channel, owner] : kind.startsWith("save") ? [] : [now()];
      return { text, values: [JSON.stringify(rows), ...more] };
    }
    const [{ limit, leaseMs }] = rows as unknown as [{ limit: number; leaseMs: number }];
    const delays = Array.from({ length: DELAYS }, (_, index) => retryDelayMs(index + 1, random));
    return { text, values: [limit, now(), Math.round(leaseMs), delays, isAlone] };
  }

  const idOf = ({ lane, token }: Lease) => ({ lane, token });

  /** For what only the holder of the lease may do. */
  function held(kind: Kind, lease: Lease, row: Task["row"], read: (row: Row) => unknown = () => {}): Promise<unknown> {
    return ask({
      kind,
      lease,
      row: { ...idOf(lease), ...row },
      read([row]) {
        if (row) return read(row);
        throw new SheethookError("lease_lost", `The lease of lane ${lease.lane} has run out, and another has it`);
      },
    });
  }

  return {
    async lease(limit, leaseMs) {
      const read = (rows: readonly Row[]) => rows.flatMap(({ lane, lease }) => lease ? [{ lane, token: lease }] : []);
      return await ask({ kind: "lease", row: { limit, leaseMs }, read }) as Lease[];
    },

    async renew(leases, leaseMs) {
      const row = (lease: Lease) => ({ ...idOf(lease), lease_ms: Math.round(leaseMs) });
      const read = ([row]: readonly Row[]) => row !== undefined;
      const kept = await Promise.all(leases.map((lease) => ask({ kind: "renew", lease, row: row(lease), read })));
      return leases.filter((lease, index) => !kept[index] && !givenBack.has(lease));
    },

    async release(lease) {
      if (!givenBack.has(lease)) await ask({ kind: "release", lease, row: idOf(lease), read() {} });
    },

    async take(lease) {
      const work = await held("take", lease, {}, (row) => {
        if (row.given_back) givenBack.add(lease);
        return row.id === null ? undefined : workOf(row);
      });
      return work as Work | undefined;
    },

    async finish(lease, { id }, outcome) {
      await held("finish", lease, { id, ...rowOf(outcome) });
    },

    async savePosition(lease, { id }, position) {
      await held("savePosition", lease, { id, position: JSON.stringify(position) });
    },

    async saveStep(lease, { id }, key, json) {
      await held("saveStep", lease, { id, key: JSON.stringify(key), json });
    },
  };
}

/** At most one of a kind for a lane, in the order of the kinds; what is behind it waits, also if it would fit. */
function newBatch(): (task: Task) => boolean {
  const last = new Map<number | undefined, number>();
  const renewed = new Set<number | undefined>();
  let count = 0;
  return ({ kind, lease }) => {
    const order = KINDS.indexOf(kind);
    // It may go before or behind anything else.
    const fits = ++count <= MAX_BATCH &&
      (kind === "renew" ? !renewed.has(lease?.lane) : order > (last.get(lease?.lane) ?? -1));
    if (kind === "renew") renewed.add(lease?.lane);
    else last.set(lease?.lane, fits ? order : Infinity);
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
    await delay(waitMs);
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
