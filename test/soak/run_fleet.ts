import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { runCli } from "../support/run_cli.ts";
import { type PostgresServer, type PostgresVersion, startPostgres } from "../support/postgres.ts";
import { checkSoak, type SoakRow, type SoakVerdict } from "./check_soak.ts";
import { createCrew, type Role } from "./crew.ts";
import { createLoad } from "./load.ts";
import { createRandom } from "./random.ts";
import { openRecord, readRecord } from "./record.ts";
import { endingOf } from "./plan.ts";
import type { SoakOptions, SoakResult } from "./run_soak.ts";

export interface FleetOptions extends Omit<SoakOptions, "rounds" | "minutes"> {
  /** How long processes are ended and started again, under load. */
  readonly seconds: number;
  /** How often Postgres is, meanwhile: as a crash ends it. */
  readonly restarts: number;
  readonly version?: PostgresVersion;
}

const FLEET: readonly Role[] = ["receive", "receive", "receive", "work", "work", "work"];

/**
 * As `runSoak`, but on a Postgres of its own: three that receive and three that work, each ended and started again without
 * regard to the others, and Postgres crashed in the middle.
 */
export async function runFleet(options: FleetOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-soak-"));
  const server = await startPostgres({ version: options.version });
  try {
    return await runOn(server, folder, options);
  } finally {
    await server.end();
    await rm(folder, { recursive: true });
  }
}

async function runOn(server: PostgresServer, folder: string, options: FleetOptions): Promise<SoakResult> {
  const { seed, lanes, connections, rate, crashEvery, poison, attempts, tell, drainMs, restarts, roundMs } = options;
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const random = createRandom(seed);
  const recordFile = join(folder, "record.jsonl");
  const record = openRecord(recordFile);
  const crew = createCrew({ folder, inbox: server.url, recordFile, record, attempts });
  const load = createLoad({ seed, lanes, connections, rate, crashEvery, poison, url: crew.url });
  const violations: string[] = [];

  const enough = new AbortController();
  const loaded = load.run(enough.signal);
  let rounds = 0;
  const members = FLEET.map(async (role) => {
    while (seconds() < options.seconds) {
      rounds++;
      const ending = endingOf(random, roundMs, false);
      tell(`${seconds()} s: ${role}: ${ending.name}; ${load.counts.ok} times 200 so far`);
      await crew.run(role, ending);
    }
  });
  for (let restart = 1; restart <= restarts; restart++) {
    await wait(startedAt + restart * options.seconds * 1000 / (restarts + 1) - performance.now());
    const awayMs = random.between(0, 3000);
    tell(`${seconds()} s: Postgres crashes, and is away for ${awayMs} ms`);
    record.write({ what: "away" });
    await server.stop();
    await wait(awayMs);
    await server.start();
    record.write({ what: "back" });
  }
  await Promise.all(members);

  tell(`${seconds()} s: no more kills; what was begun is sent to its end`);
  enough.abort();
  let isLoaded = false;
  loaded.then(() => isLoaded = true);
  const endBy = performance.now() + drainMs;
  const owed = "select coalesce(sum(pending), 0)::integer as pending from sheethook.lanes";
  await crew.runUntil(async () => {
    const [{ pending }] = await query(server.url, owed) as [{ pending: number }];
    if (performance.now() < endBy) return isLoaded && !pending;
    violations.push(`${pending} callbacks are still owed after ${drainMs / 1000} s without a kill`);
    return true;
  });
  await loaded;
  record.close();

  const stored = await query(
    server.url,
    `select place::float8, lane::float8, body, state, error, array(
      select (call::json->>'event')::integer from sheethook.dead_calls where callback = callbacks.id and dead_calls.state = 'dead') as "deadEvents"
    from sheethook.callbacks join sheethook.progress using (id, lane)`,
  );
  const rows = stored.map(({ body, ...row }) => ({ ...row, number: JSON.parse(body as string).events[0].number }));
  const verdict = checkSoak(rows as SoakRow[], readRecord(recordFile), load.sent);
  violations.push(...crew.faults, ...load.wrongAnswers, ...verdict.violations);
  await checkStats(server.url, verdict, violations);
  return { rounds, seconds: seconds(), load: load.counts, crew: crew.counts, verdict, violations };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** The command must tell the same. */
async function checkStats(url: string, { stored, dead }: SoakVerdict, violations: string[]): Promise<void> {
  const { stdout, stderr } = await runCli(["inbox", "stats", "--json"], { env: { SHEETHOOK_INBOX: url } });
  const { pending, totals } = JSON.parse(stdout || "{}");
  const expected = { pending: 0, totals: { done: stored - dead, dead } };
  if (JSON.stringify({ pending, totals }) === JSON.stringify(expected)) return;
  violations.push(`inbox stats is ${stdout}${stderr}, but should be ${JSON.stringify(expected)}`);
}
