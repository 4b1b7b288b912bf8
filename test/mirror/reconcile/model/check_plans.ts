import fc from "fast-check";
import process from "node:process";
import type { ModelInboxes } from "./world.ts";
import { FOUND } from "./found.ts";
import { type Plan, plans } from "./plan.ts";
import { runPlan } from "./run_plan.ts";

/** An empty inbox, for one plan. */
export interface PlanInbox extends ModelInboxes {
  /** Removes what it has kept. */
  end(): Promise<void>;
}

/**
 * Runs the plans that once failed, and others, against an inbox.
 *
 * @param runs how many others; `RECONCILE_RUNS` says how many instead, `RECONCILE_SEED` and `RECONCILE_PATH` repeat one,
 *   `RECONCILE_MS` bounds the time
 */
export async function checkPlans(runs: number, create: () => Promise<PlanInbox>): Promise<void> {
  const { RECONCILE_RUNS, RECONCILE_SEED, RECONCILE_PATH } = process.env;
  const property = fc.asyncProperty(plans, async (plan) => {
    const inboxes = await create();
    try {
      await runPlan(plan, inboxes, { now: 0 });
    } finally {
      await inboxes.end();
    }
  });
  await withoutWaits(() =>
    fc.assert(property, {
      // One that hangs fails.
      timeout: 60_000,
      numRuns: FOUND.length + Number(RECONCILE_RUNS ?? runs),
      // Also when one is repeated: its path counts them.
      examples: FOUND.map((plan): [Plan] => [plan]),
      // The same plans each time, so that a failure is of the source; another seed for the long form.
      ...(RECONCILE_SEED !== undefined
        ? { seed: Number(RECONCILE_SEED) }
        : RECONCILE_RUNS === undefined && { seed: 1 }),
      ...(RECONCILE_PATH !== undefined && { path: RECONCILE_PATH }),
      interruptAfterTimeLimit: Number(process.env.RECONCILE_MS ?? 3_600_000),
      reporter(out) {
        if (!out.failed) return;
        const { seed, counterexamplePath } = out;
        const how = `RECONCILE_SEED=${seed} RECONCILE_PATH=${counterexamplePath}`;
        throw new Error(`Repeat it with ${how}\n${fc.defaultReportMessage(out)}`, { cause: out.errorInstance });
      },
    })
  );
}

/** How long a row is waited for that was just created. */
const CREATED_WAIT_MS = 5000;

/** The one wait here that has no clock of its own. */
async function withoutWaits(run: () => Promise<void>): Promise<void> {
  const { setTimeout } = globalThis;
  const short =
    ((call: () => void, ms?: number) => setTimeout(call, ms === CREATED_WAIT_MS ? 0 : ms)) as typeof setTimeout;
  globalThis.setTimeout = short;
  try {
    await run();
  } finally {
    globalThis.setTimeout = setTimeout;
  }
}
