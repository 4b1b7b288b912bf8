import type { Engine } from "../engine.ts";
import { historyText } from "../history.ts";
import { type FaultName, FAULTS } from "../plan.ts";
import { runSeed, type SeedResult } from "../run_seed.ts";
import type { VirtualTime } from "../virtual_time.ts";

/** What a run came to. */
export interface Ran extends Pick<SeedResult, "hours" | "callbacks" | "calls" | "kills"> {
  readonly engine: string;
  /** If it failed: what didn't hold, and the command that repeats it. */
  readonly failure?: string;
}

/** Runs seeds, one at a time. */
export interface Job {
  /** Runs a seed with each engine. */
  run(seed: number): Promise<readonly Ran[]>;
  /** Leaves out one fault after another, as long as the run still fails. @returns what didn't hold then, and the command that repeats it */
  shrink(seed: number, engine: string): Promise<string>;
}

const SHOWN_VIOLATIONS = 5;
const SHOWN_LINES = 40;

/** A job in this thread, on whose clock nothing else may run. */
export function createJob({ engines, without, time }: {
  readonly engines: readonly Engine[];
  readonly without: readonly FaultName[];
  readonly time: VirtualTime;
}): Job {
  return {
    async run(seed) {
      const ran: Ran[] = [];
      for (const engine of engines) {
        const result = await runSeed(seed, { engine, time, without });
        const { hours, callbacks, calls, kills, violations } = result;
        const failure = violations.length ? { failure: failureText(seed, engine.name, without, result) } : {};
        ran.push({ engine: engine.name, hours, callbacks, calls, kills, ...failure });
      }
      return ran;
    },

    async shrink(seed, name) {
      const engine = engines.find((engine) => engine.name === name)!;
      let least = without;
      let result = await runSeed(seed, { engine, time, without });
      for (const fault of Object.keys(FAULTS) as FaultName[]) {
        if (least.includes(fault)) continue;
        const less = await runSeed(seed, { engine, time, without: [...least, fault] });
        if (!less.violations.length) continue;
        least = [...least, fault];
        result = less;
      }
      return failureText(seed, name, least, result);
    },
  };
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
