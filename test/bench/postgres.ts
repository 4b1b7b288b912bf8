import pg from "pg";
import { setTimeout as wait } from "node:timers/promises";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { startPostgres } from "../support/postgres.ts";
import { type Child, type Runtime, runtimes, startChild } from "./child.ts";
import { BODY } from "./fixture.ts";
import { freshCallback } from "./fresh_callback.ts";
import type { PostgresAcceptOptions } from "./postgres_accept.ts";
import { median, type Ratio, ratioOf, rounds } from "./rounds.ts";
import { rateRow, type Row, toCount } from "./table.ts";

interface Pace {
  readonly rounds: number;
  readonly roundMs: number;
  /** How many callbacks wait to be worked: more than are worked. */
  readonly callbacks: number;
}

const LANES = [50, 1000, 10_000] as const;
const WORKERS = [1, 2, 4] as const;
const BATCHES = [1, 64, 256] as const;

/** The rows of an inbox in Postgres: a server of the bench's own, on the machine's own disk, fsync on. */
export async function postgresRows(pace: Pace, tell: (what: string) => void): Promise<Row[]> {
  const server = await startPostgres();
  try {
    const rows: Row[] = [];
    for (const runtime of runtimes) {
      for (const batch of runtime === "node" ? BATCHES : [64]) {
        tell(`accepting into Postgres, ${batch} at a time, on ${runtime}`);
        const ratio = await accepting(runtime, { url: server.url, schema: `accept_${runtime}`, batch, ...pace });
        const what = `accepting into Postgres, ${batch} at a time / bare graphile-worker addJobs`;
        rows.push(rateRow(what, runtime, ratio, batch === 64 ? 1 : undefined));
      }
      tell(`working a Postgres inbox, on ${runtime}`);
      rows.push(...await working(runtime, server.url, pace));
      tell(`the wait from the answer to the handler, on ${runtime}`);
      rows.push(await waiting(runtime, server.url, pace));
    }
    return rows;
  } finally {
    await server.end();
  }
}

async function accepting(runtime: Runtime, options: PostgresAcceptOptions): Promise<Ratio> {
  const child = startChild(runtime, "test/bench/postgres_accept.ts", [JSON.stringify(options)]);
  return JSON.parse(await child.line()) as Ratio;
}

/** What is pending is worked off by one process, in more and more lanes; then by more and more processes. */
async function working(runtime: Runtime, url: string, pace: Pace): Promise<Row[]> {
  const { callbacks } = pace;
  const byLanes = await inTurns(LANES, pace, (lanes) => {
    return drainer({ runtime, url, schema: `lanes_${lanes}_${runtime}`, lanes, workers: 1, callbacks });
  });
  const few = byLanes[50]!;
  const rows = LANES.slice(1).map((lanes) => {
    const what = `working ${toCount(callbacks)} pending in Postgres, in ${toCount(lanes)} lanes / in 50`;
    return rateRow(what, runtime, ratioOf(byLanes[lanes]!, few), lanes === 10_000 ? 0.85 : undefined);
  });
  if (runtime !== "node") return rows;
  const byWorkers = await inTurns(WORKERS, pace, (workers) => {
    return drainer({ runtime, url, schema: `workers_${workers}`, lanes: 1000, workers, callbacks });
  });
  for (const workers of WORKERS.slice(1)) {
    const ratio = ratioOf(byWorkers[workers]!, byWorkers[1]!);
    rows.push(rateRow(`working in Postgres, 1,000 lanes, ${workers} processes / 1`, runtime, ratio));
  }
  return rows;
}

interface Drainer {
  /** Works for so long. @returns callbacks a second */
  drain(ms: number): Promise<number>;
  end(): Promise<void>;
}

async function inTurns(
  sizes: readonly number[],
  { rounds: count, roundMs }: Pace,
  make: (size: number) => Promise<Drainer>,
): Promise<Record<number, number[]>> {
  const drainers = new Map<number, Drainer>();
  for (const size of sizes) drainers.set(size, await make(size));
  const contenders = Object.fromEntries(
    sizes.map((size) => [size, () => drainers.get(size)!.drain(2 * roundMs)]),
  );
  const measured = await rounds(contenders, count + 1);
  for (const drainer of drainers.values()) await drainer.end();
  // The first round is for warming up.
  return Object.fromEntries(Object.entries(measured).map(([size, rates]) => [size, rates.slice(1)]));
}

/** Each slice works some of what is owed: so much that it is never all. */
async function drainer(
  { runtime, url, schema, lanes, workers, callbacks }: {
    readonly runtime: Runtime;
    readonly url: string;
    readonly schema: string;
    readonly lanes: number;
    readonly workers: number;
    readonly callbacks: number;
  },
): Promise<Drainer> {
  const inbox = postgresInbox(url, { schema });
  await inbox.check();
  await inbox.close();
  const client = new pg.Client(url);
  await client.connect();
  await fill(client, schema, callbacks, lanes);
  const children = Array.from({ length: workers }, () => startWorker(runtime, url, schema));
  for (const child of children) await child.line();
  const askAll = (question: string) => Promise.all(children.map((child) => child.ask(question)));
  async function done(): Promise<number> {
    const { rows: [row] } = await client.query(`select sum(done)::integer as done from ${schema}.lanes`);
    return row.done;
  }
  return {
    async drain(ms) {
      await askAll("start");
      const before = await done();
      const startedAt = performance.now();
      await wait(ms);
      const worked = await done() - before;
      const rate = worked / ((performance.now() - startedAt) / 1000);
      await askAll("stop");
      return rate;
    },
    async end() {
      await Promise.all(children.map((child) => child.stop()));
      await client.query(`drop schema ${schema} cascade`);
      await client.end();
    },
  };
}

/** By SQL, since so many puts take minutes. */
async function fill(client: pg.Client, schema: string, callbacks: number, lanes: number): Promise<void> {
  const { webhookId } = JSON.parse(BODY);
  await client.query(
    `insert into ${schema}.callbacks (id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at)
    select n, $1, gen_random_uuid(), n, 1 + n % $2, $3, n, 1 from generate_series(1, $4::bigint) n`,
    [webhookId, lanes, BODY, callbacks],
  );
  await client.query(`insert into ${schema}.progress (id, lane, place) select id, lane, id from ${schema}.callbacks`);
  await client.query(`insert into ${schema}.lanes (lane, pending, due_at)
    select lane, count(*), 1 from ${schema}.callbacks group by lane`);
  await client.query(`vacuum analyze ${schema}.progress`);
  await client.query(`vacuum analyze ${schema}.callbacks`);
  await client.query(`vacuum analyze ${schema}.lanes`);
  await client.query("checkpoint");
}

/** At 20 callbacks a second: from the moment at which `put` has resolved here until a handler begins in another process. */
async function waiting(runtime: Runtime, url: string, { rounds }: Pace): Promise<Row> {
  const schema = `wait_${runtime}`;
  const inbox = postgresInbox(url, { schema });
  const child = startWorker(runtime, url, schema);
  await child.line();
  await child.ask("start");
  const answered: [nonce: string, at: number][] = [];
  for (let number = 0; number < rounds * 30; number++) {
    const callback = freshCallback(64);
    await inbox.put(callback);
    answered.push([callback.nonce, performance.timeOrigin + performance.now()]);
    await wait(50);
  }
  await wait(1000);
  const starts = JSON.parse(await child.ask("starts")) as Record<string, number>;
  await child.stop();
  await inbox.close();
  const waits = answered.map(([nonce, at]) => starts[nonce]! - at).toSorted((a, b) => a - b);
  const last = waits[Math.floor(waits.length * 0.99)]!;
  return {
    what: "Postgres: from the answer to the start of its handler in another process (median; 99 of 100)",
    runtime,
    sheethook: `${median(waits).toFixed(1)} ms; ${last.toFixed(1)} ms`,
  };
}

function startWorker(runtime: Runtime, url: string, schema: string): Child {
  return startChild(runtime, "test/bench/postgres_worker.ts", [url, schema]);
}
