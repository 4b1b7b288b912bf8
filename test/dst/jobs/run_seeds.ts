import type { Engine } from "./engine.ts";
import { historyText } from "./history.ts";
import { type FaultName, FAULTS } from "./plan.ts";
import { runSeed, type SeedResult } from "./run_seed.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** What many runs came to. */
export interface Totals {
  runs: number;
  failed: number;
  hours: number;
  callbacks: number;
  calls: number;
  kills: number;
}

export interface SeedsOptions {
  readonly from: number;
  readonly seeds: number;
  readonly engines: readonly Engine[];
  readonly without: readonly FaultName[];
  readonly time: VirtualTime;
  /** Ends the runs behind the one that is running. */
  readonly isOver: () => boolean;
  /** Called for each run that fails, with what repeats it. */
  readonly onFailure: (text: string) => void;
  readonly onProgress: (seed: number, totals: Readonly<Totals>) => void;
}

/** So many failures are looked into: which faults do they need? */
const MOST_SHRUNK = 3;
const SHOWN_VIOLATIONS = 5;
const SHOWN_LINES = 40;

/** Runs one seed after another, each with each engine. */
export async function runSeeds(options: SeedsOptions): Promise<Totals> {
  const { from, seeds, engines, without, time, isOver, onFailure, onProgress } = options;
  const totals: Totals = { runs: 0, failed: 0, hours: 0, callbacks: 0, calls: 0, kills: 0 };
  for (let seed = from; seed < from + seeds && !isOver(); seed++) {
    for (const engine of engines) {
      const result = await runSeed(seed, { engine, time, without });
      totals.runs++;
      for (const name of ["hours", "callbacks", "calls", "kills"] as const) totals[name] += result[name];
      if (!result.violations.length) continue;
      totals.failed++;
      const needed = totals.failed > MOST_SHRUNK
        ? { without, result }
        : await shrink(seed, engine, time, without, result);
      onFailure(failureText(seed, engine.name, needed.without, needed.result));
    }
    onProgress(seed, totals);
  }
  return totals;
}

/** Leaves out one fault after another, as long as the run still fails. */
async function shrink(
  seed: number,
  engine: Engine,
  time: VirtualTime,
  given: readonly FaultName[],
  failed: SeedResult,
): Promise<{ readonly without: readonly FaultName[]; readonly result: SeedResult }> {
  let without = given;
  let result = failed;
  for (const fault of Object.keys(FAULTS) as FaultName[]) {
    if (without.includes(fault)) continue;
    const less = await runSeed(seed, { engine, time, without: [...without, fault] });
    if (!less.violations.length) continue;
    without = [...without, fault];
    result = less;
  }
  return { without, result };
}

/** What didn't hold, what happened last before it of the same callback or row, and the command that repeats the run. */
function failureText(seed: number, engine: string, without: readonly FaultName[], result: SeedResult): string {
  const { violations, history } = result;
  const ids = new Set(violations[0]!.match(/\b\d{13,}\b|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g));
  const about = historyText(history).split("\n").filter((line) => [...ids].some((id) => line.includes(id)));
  const lines = about.slice(-SHOWN_LINES).map((line) => line.length > 300 ? `${line.slice(0, 300)}…` : line);
  const needs = without.length ? ` --without ${JSON.stringify(without.join(","))}` : "";
  return [
    `Seed ${seed} with ${engine} fails:`,
    ...violations.slice(0, SHOWN_VIOLATIONS).map((violation) => `  ${violation}`),
    ...(violations.length > SHOWN_VIOLATIONS ? [`  and ${violations.length - SHOWN_VIOLATIONS} more`] : []),
    ...(lines.length ? ["  what happened of the first:", ...lines.map((line) => `  ${line}`)] : []),
    `  again, with its whole history: npm run dst -- --seed ${seed} --engine ${engine}${needs}`,
  ].join("\n");
}
