/** `npm run dst`: runs the whole of sheethook on a virtual clock, once for each seed, and checks what it promises. */
import { writeSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import { installSyncCrypto } from "./sync_crypto.ts";
import { installVirtualTime } from "./virtual_time.ts";

const seconds = performance.now.bind(performance);
const time = installVirtualTime();
installSyncCrypto();
// Behind it: what they import keeps the timer functions that it finds.
const { ENGINES } = await import("./engine.ts");
const { historyText } = await import("./history.ts");
const { FAULTS } = await import("./plan.ts");
const { runSeed } = await import("./run_seed.ts");
const { runSeeds } = await import("./run_seeds.ts");
type FaultName = keyof typeof FAULTS;

const HELP = `npm run dst -- [options]

Runs receiver, worker, inbox, mirror, forwarding and the simulator in one process on a virtual clock, with faults that a seed decides,
and checks what sheethook promises. One seed is one run: the same seed gives the same history. Progress goes to stderr, failures and
figures to stdout. Exit code 1 if something didn't hold, 2 for wrong usage. Ctrl+C ends it behind the run that is running.

  --seeds N      how many seeds (default: 1000)
  --from N       the first one (default: 1)
  --minutes M    ends after so many minutes, whatever --seeds says
  --seed N       this seed alone, with its whole history
  --engine E     memory, sqlite or both, one after another (default: both)
  --without F,G  without these faults
  --help

Faults:
${Object.entries(FAULTS).map(([name, text]) => `  ${name.padEnd(13)}  ${text}`).join("\n")}
`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
    seed: { type: "string" },
    engine: { type: "string", default: "both" },
    without: { type: "string", default: "" },
    help: { type: "boolean" },
  },
});
const [seeds, from, minutes, seed] = [values.seeds, values.from, values.minutes, values.seed ?? "1"].map(Number);
const engines = ENGINES.filter(({ name }) => values.engine === "both" || values.engine === name);
const without = values.without.split(",").filter(Boolean) as FaultName[];
const unknown = without.filter((name) => !(name in FAULTS));

if (values.help) {
  print(1, HELP);
} else if (![seeds, from, seed].every(Number.isSafeInteger) || !(minutes! > 0) || !engines.length || unknown.length) {
  const why = unknown.length ? `no such fault: ${unknown.join(", ")}` : "numbers should be whole, and the engine known";
  print(2, `${why}\n\n${HELP}`);
  process.exit(2);
} else {
  process.exit(values.seed === undefined ? await runMany() : await runOne());
}

async function runOne(): Promise<number> {
  let code = 0;
  for (const engine of engines) {
    const { history, violations } = await runSeed(seed!, { engine, time, without });
    print(1, `${historyText(history)}\n\n`);
    print(1, `Seed ${seed} with ${engine.name}: ${violations.length ? `${violations.length} fail` : "all holds"}\n`);
    for (const violation of violations) print(1, `  ${violation}\n`);
    if (violations.length) code = 1;
  }
  return code;
}

async function runMany(): Promise<number> {
  const beganAt = seconds();
  let toldAt = beganAt;
  let isInterrupted = false;
  process.once("SIGINT", () => {
    isInterrupted = true;
    print(2, "Interrupted: the run that is running ends first; once more ends it now\n");
  });
  let next = from!;
  const totals = await runSeeds({
    from: from!,
    seeds: seeds!,
    engines,
    without,
    time,
    isOver: () => isInterrupted || seconds() - beganAt > minutes! * 60_000,
    onFailure: (text) => print(1, `${text}\n`),
    onProgress(seed, { failed, hours, callbacks }) {
      next = seed + 1;
      if (seconds() - toldAt < 10_000) return;
      toldAt = seconds();
      print(2, `seed ${seed}: ${hours.toFixed(0)} hours, ${callbacks} callbacks, ${failed} failed\n`);
    },
  });
  const { runs, failed, hours, callbacks, calls, kills } = totals;
  const tookMs = seconds() - beganAt;
  const { user, system } = process.cpuUsage();
  const perMinute = (ms: number) => (hours / ms * 60_000).toFixed(0);
  print(
    1,
    `${runs} runs of ${next - from!} seeds from ${from} (${
      engines.map(({ name }) => name).join(", ")
    }): ${failed} failed\n` +
      `${
        hours.toFixed(0)
      } simulated hours, ${callbacks} callbacks answered 200, ${calls} calls of handlers, ${kills} kills\n` +
      `${(tookMs / 1000).toFixed(0)} s: ${perMinute(tookMs)} simulated hours a minute, ` +
      `${perMinute((user + system) / 1000)} a minute of one processor\n`,
  );
  if (next < from! + seeds!) print(1, `It goes on with --from ${next}\n`);
  return failed ? 1 : 0;
}

/** At once: the process ends before a pipe has taken what a stream keeps. */
function print(file: 1 | 2, text: string): void {
  for (let rest = Buffer.from(text); rest.length;) {
    try {
      rest = rest.subarray(writeSync(file, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
