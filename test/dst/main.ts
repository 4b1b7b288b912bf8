/** `npm run dst`: runs the whole of sheethook on a virtual clock, once for each seed, and checks what it promises. */
import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { historyText } from "./history.ts";
import { installSimulation } from "./install.ts";
import { type FaultName, FAULTS } from "./plan.ts";
import { runSeeds } from "./jobs/run_seeds.ts";
import { createThreadJob } from "./jobs/thread_job.ts";

const HELP = `npm run dst -- [options]

Runs receiver, worker, inbox, mirror, forwarding and the simulator in one process on a virtual clock, with faults that a seed decides,
and checks what sheethook promises. One seed is one run: the same seed gives the same history. Progress goes to stderr, failures and
figures to stdout, in the order of the seeds. Exit code 1 if something didn't hold, 2 for wrong usage. Ctrl+C ends it behind the runs
that are running.

  --seeds N      how many seeds (default: 1000)
  --from N       the first one (default: 1)
  --minutes M    ends after so many minutes, whatever --seeds says
  --seed N       this seed alone, with its whole history
  --jobs N       how many run at once, each in a thread (default: one for each processor, ${availableParallelism()} here)
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
    jobs: { type: "string", default: String(availableParallelism()) },
    engine: { type: "string", default: "both" },
    without: { type: "string", default: "" },
    help: { type: "boolean" },
  },
});
const [seeds, from, minutes, seed, jobs] = [values.seeds, values.from, values.minutes, values.seed ?? "1", values.jobs]
  .map(Number);
const engines = ["memory", "sqlite"].filter((name) => values.engine === "both" || values.engine === name);
const without = values.without.split(",").filter(Boolean) as FaultName[];
const unknown = without.filter((name) => !(name in FAULTS));

if (values.help) {
  print(1, HELP);
} else if (
  ![seeds, from, seed, jobs].every(Number.isSafeInteger) || jobs! < 1 || !(minutes! > 0) || !engines.length ||
  unknown.length
) {
  const why = unknown.length ? `no such fault: ${unknown.join(", ")}` : "numbers should be whole, and the engine known";
  print(2, `${why}\n\n${HELP}`);
  process.exit(2);
} else {
  process.exit(values.seed === undefined ? await runMany() : await runOne());
}

async function runOne(): Promise<number> {
  const simulation = await installSimulation();
  const { runSeed, time } = simulation;
  let code = 0;
  for (const engine of simulation.engines.filter(({ name }) => engines.includes(name))) {
    const { history, violations } = await runSeed(seed!, { engine, time, without });
    print(1, `${historyText(history)}\n\n`);
    print(1, `Seed ${seed} with ${engine.name}: ${violations.length ? `${violations.length} fail` : "all holds"}\n`);
    for (const violation of violations) print(1, `  ${violation}\n`);
    if (violations.length) code = 1;
  }
  return code;
}

async function runMany(): Promise<number> {
  const beganAt = performance.now();
  let toldAt = beganAt;
  let isInterrupted = false;
  process.once("SIGINT", () => {
    isInterrupted = true;
    print(2, "Interrupted: what is running ends first; once more ends it now\n");
  });
  let next = from!;
  const threads = Array.from({ length: Math.min(jobs!, seeds!) }, () => createThreadJob({ engines, without }));
  const totals = await runSeeds({
    from: from!,
    seeds: seeds!,
    jobs: threads,
    isOver: () => isInterrupted || performance.now() - beganAt > minutes! * 60_000,
    onFailure: (text) => print(1, `${text}\n`),
    onProgress(seed, { failed, hours, callbacks }) {
      next = seed + 1;
      if (performance.now() - toldAt < 10_000) return;
      toldAt = performance.now();
      print(2, `seed ${seed}: ${hours.toFixed(0)} hours, ${callbacks} callbacks, ${failed} failed\n`);
    },
  });
  await Promise.all(threads.map((thread) => thread.end()));
  const { runs, failed, hours, callbacks, calls, kills } = totals;
  const tookMs = performance.now() - beganAt;
  const { user, system } = process.cpuUsage();
  const perMinute = (ms: number) => (hours / ms * 60_000).toFixed(0);
  print(
    1,
    `${runs} runs of ${next - from!} seeds from ${from} (${engines.join(", ")}): ${failed} failed\n` +
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
