import { createRandom, type Random } from "../soak/random.ts";
import type { SimulatorOptions } from "../../src/simulator/simulator.ts";

/** What can go wrong. Each kind can be left out, to find out which of them a failure needs. */
export const FAULTS = {
  "kill": "a process is killed at any place where it waits, and another one is started",
  "stand still": "a process stands still, for up to 90 s",
  "stop": "a process is stopped, with some grace",
  "clock": "the machine's clock is set, by up to 5 minutes",
  "disk full": "the inbox can't be written, once or for up to a minute",
  "throw": "handlers throw errors and nonsense",
  "verdicts": "handlers throw RetryLater, Skip and Discard",
  "hang": "handlers don't end",
  "api": "the API answers 429, 5xx, half an answer, or none",
  "torn pages": "rows slide between pages while a sheet is read, and answers lack rows",
  "access": "access to a sheet is taken away, and given back",
  "disable": "a webhook is disabled, and enabled again",
  "silent": "a webhook sends nothing although it is enabled",
  "network": "callbacks are lost, late, sent twice, split and reordered",
  "forged": "captured callbacks are sent again, and with a wrong signature",
  "operator": "dead letters and others are replayed, skipped and discarded; reconciles are asked for",
  "own writes": "handlers write back",
  "target": "the targets that callbacks are forwarded to fail, are late, and answer 410 and 429",
} as const;

/** A kind of fault. */
export type FaultName = keyof typeof FAULTS;

/** What a seed decides before a run begins. */
export interface Plan {
  readonly seed: number;
  /** Draws of one part of the simulation: those of the others stay the same when a fault is left out. */
  stream(name: string): Random;
  /** How often it happens, from 0 to 1; 0 if this run has no such fault. */
  rate(fault: FaultName): number;
  /** How long things go wrong, in milliseconds. */
  readonly troubleMs: number;
  readonly processes: number;
  readonly sheets: number;
  readonly attempts: number;
  readonly concurrency: number;
  readonly forwardTo: readonly string[];
  readonly forwardAs: "callbacks" | "events" | "changes";
  readonly simulator: Pick<SimulatorOptions, "debounceMs" | "clockSkewMs" | "assumptions">;
}

const MINUTE = 60_000;

/** @param without leaves these faults out */
export function createPlan(seed: number, without: readonly FaultName[] = []): Plan {
  const stream = (name: string) => createRandom(hash(`${seed} ${name}`));
  const random = stream("plan");
  const names = Object.keys(FAULTS) as FaultName[];
  // Each run has about half of them: too much at once, and nothing gets far enough.
  const rates = new Map(names.map((name) => [name, random.chance(0.5) ? random.next() ** 2 : 0]));
  for (const name of without) rates.set(name, 0);
  return {
    seed,
    stream,
    rate: (fault) => rates.get(fault)!,
    troubleMs: random.between(2, 40) * MINUTE * (random.chance(0.2) ? 10 : 1),
    processes: random.between(1, 3),
    sheets: random.between(1, 3),
    attempts: random.between(2, 15),
    concurrency: random.between(1, 4),
    forwardTo: Array.from(
      { length: random.pick([0, 0, 1, 2]) },
      (_, index) => `http://target-${index + 1}.example/hook`,
    ),
    forwardAs: random.pick(["callbacks", "events", "changes"] as const),
    simulator: {
      debounceMs: random.chance(0.5) ? 60_000 : random.between(200, 60_000),
      clockSkewMs: random.chance(0.3) ? random.between(-300_000, 300_000) : 0,
      assumptions: {
        retryNonce: random.pick(["new", "same"] as const),
        // Both new would make it another callback.
        retryTimestamp: "same",
        laterEvents: random.pick(["merge", "wait"] as const),
        failedChallenge: random.pick(["disable", "retry"] as const),
        newRowCells: random.pick(["updated", "created", "none"] as const),
        clearedCell: random.pick(["deleted", "updated"] as const),
        noAccess: random.pick(["not-found", "refused"] as const),
        missingRowIds: random.pick(["refused", "left-out"] as const),
        deletedRowVersion: random.pick(["stays", "grows"] as const),
      },
    },
  };
}

function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
