import type { Api } from "../../../api/api.ts";
import { delay } from "../../../async/delay.ts";
import { messageOf } from "../../../errors.ts";
import type { Logger } from "../../../logger.ts";
import type { SecretsStore } from "../../secrets/store.ts";
import { applyPlan } from "./apply_plan.ts";
import type { Fleet, Problem } from "./fleet.ts";
import type { Action } from "./plan.ts";
import { preparePlan } from "./prepare.ts";
import { countsText, problemText } from "./report.ts";

/** Keeps the webhooks of a fleet as its file declares them. */
export interface FleetKeeper {
  /** Applies the fleet, and again and again, until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Options of {@linkcode createFleetKeeper}. */
export interface FleetKeeperOptions {
  /** Reads the file, each time. */
  readonly read: () => Promise<Fleet>;
  readonly openTokens: (fleet: Fleet) => Promise<ReadonlyMap<string, Api>>;
  readonly store: SecretsStore;
  readonly everyMs: number;
  readonly logger: Logger;
}

/** Applies a fleet in the background. Logs what was done, each problem once, and when it is over. */
export function createFleetKeeper({ read, openTokens, store, everyMs, logger }: FleetKeeperOptions): FleetKeeper {
  let known = new Map<string, string>();

  /** @returns what stands in the way, by what it is about */
  async function applyOnce(signal: AbortSignal): Promise<Problem[]> {
    // Handlers go before it.
    const call = { signal, priority: "low" } as const;
    const fleet = await read();
    const apis = await openTokens(fleet);
    const plan = await preparePlan(fleet, apis, await store.read(), call);
    const problems = [...plan.problems];
    const done: Action[] = [];
    if (plan.steps.some(({ action }) => action !== "none")) {
      await store.requireWritable();
      await applyPlan({
        ...{ plan, fleet: fleet.name, apis, store, call },
        onDone: ({ action, sheetId, place }, { id: webhookId }) => {
          done.push(action);
          logger.debug("fleet {fleet}: {action} webhook {webhookId} on sheet {sheetId} ({place})", {
            ...{ fleet: fleet.name, action, webhookId, sheetId, place },
          });
        },
        onProblem: (problem) => problems.push(problem),
      }).finally(() => {
        if (done.length) {
          logger.info("fleet {fleet}: {done}", { fleet: fleet.name, done: countsText(done, 0, false) });
        }
      });
    }
    return problems;
  }

  function logProblems(problems: readonly Problem[]): void {
    const found = new Map(problems.map((problem) => [kindOf(problem), problemText(problem)]));
    for (const [kind, problem] of found) if (!known.has(kind)) logger.error("fleet: {problem}", { problem });
    for (const [kind, problem] of known) if (!found.has(kind)) logger.info("fleet: no longer: {problem}", { problem });
    known = found;
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          logProblems(await applyOnce(signal));
        } catch (error) {
          if (!signal.aborted) logProblems([{ place: "it can't be applied", message: messageOf(error) }]);
        }
        await delay(everyMs, signal);
      }
    },
  };
}

/** The same for the same problem, whose message may hold a refId and a time. */
function kindOf({ place, sheetId, message }: Problem): string {
  return `${place} ${sheetId} ${message.replace(/\bref ?id:? [\w-]+/gi, "")}`;
}
