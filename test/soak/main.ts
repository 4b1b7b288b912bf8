/**
 * `npm run soak [-- --seed N] [--minutes M] [--runtime node|deno|bun|all] [--inbox sqlite|postgres]
 * [--postgres 13|18] [--stops N]`: kills `serve` again and again under load, and
 * checks that nothing that was answered 200 was lost, ran out of order within its sheet, or beside another of its sheet.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import type { PostgresVersion } from "../support/postgres.ts";
import { runtime } from "../support/runtime.ts";
import { runOnRuntime } from "../tasks/run_on_runtime.ts";
import { runFleet } from "./run_fleet.ts";
import { runSoak } from "./run_soak.ts";
import { runStops } from "./run_stops.ts";
import { soakReport } from "./soak_report.ts";

const RUNTIMES = ["node", "deno", "bun"] as const;
const DRAIN_MINUTES = 6;

const HELP = `npm run soak -- [options]

Sends callbacks to serve while it is killed, stopped and started again and again, lets the rest be worked, and checks all
of it. Progress goes to stderr, the figures to stdout. Exit code 1 if something didn't hold.

  --seed N        for what is sent, and who is killed when (default: a new one; it is printed)
  --minutes M     how long there are kills (default: 10); what is owed then is worked for at most ${DRAIN_MINUTES} more
  --runtime R     node, deno, bun or all, one after another (default: node)
  --rate N        callbacks a second (default: 100)
  --inbox I       sqlite; or postgres: three that receive and three that work, on a server that is crashed every minute
                  (default: sqlite)
  --postgres V    the version of Postgres: 13 or 18 (default: 18)
  --stops N       instead of kills: two processes with short leases on a SQLite file, one of which is stopped (SIGSTOP) and
                  continued, N times
  --help
`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
    minutes: { type: "string", default: "10" },
    runtime: { type: "string", default: "node" },
    rate: { type: "string", default: "100" },
    inbox: { type: "string", default: "sqlite" },
    postgres: { type: "string", default: "18" },
    stops: { type: "string", default: "0" },
    help: { type: "boolean" },
  },
});
const seed = Number(values.seed);
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const stops = Number(values.stops);

if (values.help) {
  process.stdout.write(HELP);
} else if (!Number.isSafeInteger(seed) || !(minutes > 0) || !(rate > 0) || !(stops >= 0)) {
  process.stderr.write(`--seed and --stops should be whole numbers, --minutes and --rate more than 0\n\n${HELP}`);
  process.exitCode = 2;
} else if (values.inbox !== "sqlite" && values.inbox !== "postgres") {
  process.stderr.write(`--inbox is "${values.inbox}", but should be sqlite or postgres\n`);
  process.exitCode = 2;
} else if (values.postgres !== "13" && values.postgres !== "18") {
  process.stderr.write(`--postgres is "${values.postgres}", but should be 13 or 18\n`);
  process.exitCode = 2;
} else if (values.runtime === runtime) {
  await (stops ? soakWithStops() : soak(values.postgres));
} else {
  const chosen = RUNTIMES.filter((name) => values.runtime === "all" || values.runtime === name);
  if (!chosen.length) {
    process.stderr.write(`--runtime is "${values.runtime}", but should be ${RUNTIMES.join(", ")} or all\n`);
    process.exitCode = 2;
  }
  // One that fails doesn't keep the others from their turn.
  for (const name of chosen) process.exitCode = Math.max(Number(process.exitCode ?? 0), await soakOn(name));
}

async function soak(version: PostgresVersion): Promise<void> {
  const what = `soak on ${runtime}, ${
    values.inbox === "postgres" ? `Postgres ${version}` : values.inbox
  }, seed ${seed}`;
  process.stderr.write(`${what}\n`);
  const options = {
    seed,
    rate,
    lanes: 300,
    connections: 8,
    roundMs: 6000,
    attempts: 6,
    crashEvery: 2000,
    // It takes three minutes to die.
    ...(minutes >= 3 && { poison: 200 }),
    drainMs: DRAIN_MINUTES * 60_000,
    tell: (line: string) => void process.stderr.write(`${line}\n`),
  };
  const result = values.inbox === "sqlite"
    ? await runSoak({ ...options, minutes })
    : await runFleet({ ...options, version, seconds: minutes * 60, restarts: Math.ceil(minutes) });
  process.stdout.write(`${what}\n${soakReport(result)}\n`);
  process.exitCode = result.violations.length ? 1 : 0;
}

async function soakWithStops(): Promise<void> {
  const what = `soak with ${stops} stops on ${runtime}, seed ${seed}`;
  const tell = (line: string) => void process.stderr.write(`${line}\n`);
  tell(what);
  const { verdict, violations } = await runStops({ seed, stops, rate, drainMs: DRAIN_MINUTES * 60_000, tell });
  const { violations: _, ...counts } = verdict;
  process.stdout.write(`${what}\n${JSON.stringify(counts)}\n${violations.map((line) => `! ${line}\n`).join("")}`);
  process.exitCode = violations.length ? 1 : 0;
}

/** The same program again, on another runtime: `serve` runs on the one that it is started from. */
function soakOn(name: string): Promise<number> {
  const args = ["--seed", String(seed), "--minutes", String(minutes), "--rate", String(rate), "--runtime", name];
  args.push("--inbox", values.inbox, "--postgres", values.postgres, "--stops", values.stops);
  return runOnRuntime(name, import.meta.url, args);
}
