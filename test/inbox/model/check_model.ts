import fc from "fast-check";
import process from "node:process";
import type { ModelCommand, Real } from "./command.ts";
import * as attempt from "./commands/attempt.ts";
import * as leases from "./commands/lease.ts";
import * as mirror from "./commands/mirror.ts";
import * as people from "./commands/people.ts";
import { put } from "./commands/put.ts";
import * as time from "./commands/time.ts";
import { createModel } from "./state.ts";

const START = Date.UTC(2026, 0, 1);
const MAX_COMMANDS = 80;

/** An empty inbox, for one run. */
export interface ModelInbox extends Omit<Real, "history" | "clock"> {
  /** Closes it. */
  end(): Promise<void>;
}

/**
 * Does the same to an inbox and to the model, in any order, and compares them after each command.
 *
 * @param runs how many times; `MODEL_RUNS` says how many instead, `MODEL_SEED`, `MODEL_PATH` and `MODEL_REPLAY` repeat one,
 *   `MODEL_MS` bounds the time
 */
export async function checkModel(
  runs: number,
  { setBack, canReopen }: { readonly setBack?: Real["setBack"]; readonly canReopen: boolean },
  open: (clock: Real["clock"]) => Promise<ModelInbox>,
): Promise<void> {
  const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY, MODEL_MS } = process.env;
  const weighted: [weight: number, arbitrary: fc.Arbitrary<ModelCommand>][] = [
    [10, put],
    [10, leases.lease],
    [12, attempt.take],
    [14, attempt.finish],
    [3, attempt.saveProgress],
    [2, attempt.saveStep],
    [1, attempt.recordOld],
    [2, leases.renew],
    [5, leases.release],
    [8, time.wait],
    [setBack ? 1 : 0, time.setBack],
    [canReopen ? 1 : 0, time.reopen],
    [4, people.replay],
    [3, people.skip],
    [3, people.discard],
    [2, people.prune],
    [2, people.find],
    [2, mirror.write],
    [3, mirror.derive],
    [1, mirror.changesOf],
    [1, mirror.waiting],
    [1, mirror.drop],
  ];
  const command = fc.oneof(...weighted.map(([weight, arbitrary]) => ({ weight, arbitrary })));
  const commands = fc.commands([command], {
    maxCommands: MAX_COMMANDS,
    size: "max",
    ...(MODEL_REPLAY && { replayPath: MODEL_REPLAY }),
  });
  const property = fc.asyncProperty(commands, async (commands) => {
    const clock = { now: START, elapsed: 0 };
    const inbox = await open(clock);
    const history: string[] = [];
    try {
      await fc.asyncModelRun(
        () => ({ model: createModel(START), real: { ...inbox, setBack, clock, history } }),
        commands,
      );
    } catch (cause) {
      throw new Error(
        `${history.map((line, index) => `${index + 1}. ${line}`).join("\n")}\n\n${(cause as Error).stack}`,
      );
    } finally {
      await inbox.end();
    }
  });
  await fc.assert(property, {
    numRuns: Number(MODEL_RUNS ?? runs),
    // One that hangs fails.
    timeout: 60_000,
    // The same runs each time, so that a failure is of the source; another seed for the long form.
    ...(MODEL_SEED !== undefined ? { seed: Number(MODEL_SEED) } : MODEL_RUNS === undefined && { seed: 1 }),
    ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
    interruptAfterTimeLimit: Number(MODEL_MS ?? 3_600_000),
    reporter(out) {
      if (process.env.MODEL_RUNS) console.log(`${out.numRuns} runs, ${out.numShrinks} shrinks, seed ${out.seed}`);
      if (!out.failed) return;
      const [, replay = ""] = /replayPath="([^"]*)"/.exec(String(out.counterexample?.[0])) ?? [];
      const how = `MODEL_SEED=${out.seed} MODEL_PATH=${out.counterexamplePath} MODEL_REPLAY=${replay}`;
      throw new Error(`Repeat it with ${how}\n\n${(out.errorInstance as Error).message}`);
    },
  });
}
