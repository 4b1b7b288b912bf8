import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { runCli } from "../support/run_cli.ts";
import { checkSoak, type SoakRow, type SoakVerdict } from "./check_soak.ts";
import { createCrew, type CrewCounts } from "./crew.ts";
import { createLoad, type LoadCounts } from "./load.ts";
import { planRound } from "./plan.ts";
import { createRandom } from "./random.ts";
import { openRecord, readRecord } from "./record.ts";

export interface SoakOptions {
  /** For what is sent, who works and when it is killed; not for what the machine makes of it. */
  readonly seed: number;
  /** How often processes are started and ended, under load. Whichever comes first, of the two. @default no end */
  readonly rounds?: number;
  readonly minutes?: number;
  readonly lanes: number;
  readonly connections: number;
  /** Callbacks a second. */
  readonly rate: number;
  /** At most so long after a process is ready, its end begins. */
  readonly roundMs: number;
  readonly attempts: number;
  readonly crashEvery: number;
  readonly poison?: number;
  /** How long the rest may take, when nothing is sent and killed any more. */
  readonly drainMs: number;
  readonly tell: (line: string) => void;
}

export interface SoakResult {
  readonly rounds: number;
  readonly seconds: number;
  readonly load: LoadCounts;
  readonly crew: CrewCounts;
  readonly verdict: SoakVerdict;
  /** Everything that didn't hold, with what the verdict holds. */
  readonly violations: readonly string[];
}

/**
 * Sends callbacks to `serve`, on the runtime of the caller, while it is killed, stopped and started again and again; then
 * lets all be worked and checks it.
 */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-soak-"));
  try {
    return await runIn(folder, options);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function runIn(folder: string, options: SoakOptions): Promise<SoakResult> {
  const { seed, lanes, connections, rate, crashEvery, poison, attempts, tell, drainMs } = options;
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const random = createRandom(seed);
  const inbox = join(folder, "inbox.db");
  const recordFile = join(folder, "record.jsonl");
  const record = openRecord(recordFile);
  const crew = createCrew({ folder, inbox: `sqlite:${inbox}`, recordFile, record, attempts });
  const load = createLoad({ seed, lanes, connections, rate, crashEvery, poison, url: crew.url });
  const violations: string[] = [];

  const enough = new AbortController();
  const loaded = load.run(enough.signal);
  const { rounds: maxRounds = Infinity, minutes = Infinity } = options;
  let rounds = 0;
  while (rounds < maxRounds && seconds() < minutes * 60) {
    rounds++;
    // The first must at least make the file.
    const plan = planRound(random, options.roundMs, rounds === 1);
    tell(
      `round ${rounds}, ${seconds()} s: ${plan.map(({ role, ending }) => `${role}: ${ending.name}`).join("; ")}; ` +
        `${load.counts.ok} times 200, ${crew.counts.kills} kills, ${crew.counts.crashes} crashes so far`,
    );
    await Promise.all(plan.map(({ role, ending }) => crew.run(role, ending)));
  }

  tell(`${seconds()} s: no more kills; what was begun is sent to its end`);
  enough.abort();
  const endBy = performance.now() + drainMs;
  let isLoaded = false;
  loaded.then(() => isLoaded = true);
  let lastTold = 0;
  await crew.runUntil(() => {
    const pending = pendingIn(inbox);
    if (performance.now() - lastTold > 10_000) {
      lastTold = performance.now();
      tell(`${seconds()} s: ${pending} callbacks are still owed`);
    }
    if (performance.now() > endBy) {
      violations.push(`${pending} callbacks are still owed after ${drainMs / 1000} s without a kill`);
      return true;
    }
    return isLoaded && !pending;
  });
  await loaded;
  record.close();

  const verdict = checkSoak(readRows(inbox, violations), readRecord(recordFile), load.sent);
  violations.push(...crew.faults, ...load.wrongAnswers, ...verdict.violations);
  await checkStats(inbox, verdict, violations);
  return { rounds, seconds: seconds(), load: load.counts, crew: crew.counts, verdict, violations };
}

export function pendingIn(inbox: string): number {
  const database = new DatabaseSync(inbox);
  try {
    database.exec("pragma busy_timeout = 2000");
    const text = "select count(*) as pending from callbacks where state = 'pending'";
    return (database.prepare(text).get() as { pending: number }).pending;
  } finally {
    database.close();
  }
}

const ROWS = `
  select place, lane, body, state, error, (
    select json_group_array(json_extract(call, '$.event')) from dead_calls where callback = callbacks.id and state = 'dead'
  ) as deadEvents
  from callbacks`;

/** The callbacks of a file, whole. */
export function readRows(inbox: string, violations: string[]): SoakRow[] {
  const database = new DatabaseSync(inbox);
  try {
    const { integrity_check: integrity } = database.prepare("pragma integrity_check").get() as Record<string, string>;
    if (integrity !== "ok") violations.push(`the file is damaged: ${integrity}`);
    const rows = database.prepare(ROWS).all() as unknown as (SoakRow & { body: string; deadEvents: string })[];
    return rows.map(({ body, deadEvents, ...row }) => ({
      ...row,
      number: JSON.parse(body).events[0].number,
      deadEvents: JSON.parse(deadEvents),
    }));
  } finally {
    database.close();
  }
}

/** The command must tell the same. */
async function checkStats(inbox: string, verdict: SoakVerdict, violations: string[]): Promise<void> {
  const { code, stdout, stderr } = await runCli(["inbox", "stats", "--json", "--inbox", `sqlite:${inbox}`], {
    reads: [inbox],
    writes: [inbox],
  });
  if (code !== 0) return void violations.push(`inbox stats ended with ${code}: ${stderr}`);
  const { pending, done, discarded, dead, totals } = JSON.parse(stdout);
  const told = { pending, done, discarded, dead, totals };
  const whole = verdict.stored - verdict.dead;
  const expected = {
    pending: 0,
    done: whole,
    discarded: 0,
    dead: verdict.dead,
    totals: { done: whole, dead: verdict.dead },
  };
  if (JSON.stringify(told) !== JSON.stringify(expected)) {
    violations.push(`inbox stats is ${JSON.stringify(told)}, but should be ${JSON.stringify(expected)}`);
  }
}
