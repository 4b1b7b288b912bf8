import type fc from "fast-check";
import assert from "node:assert/strict";
import { SheethookError } from "../../../src/errors.ts";
import { compare, type FullInbox } from "./compare.ts";
import { type Held, laneOf, type Model, statusOf } from "./state.ts";

/** The inbox under test, as each of the workers has opened it. */
export interface Real {
  readonly inboxes: FullInbox[];
  /** Closes the inbox of a worker, and opens it again; left out where nothing would be left. */
  readonly reopen?: ((worker: number) => Promise<void>) | undefined;
  /** Milliseconds since 1970, and of a monotonic clock. */
  readonly clock: { now: number; elapsed: number };
  /** What becomes of leases and due times when the clock is set back: they stay, or move with it. Left out if it never is. */
  readonly setBack?: "stays" | "moves" | undefined;
  /** What was done, in words. */
  readonly history: string[];
}

export type ModelCommand = fc.AsyncCommand<Model, Real>;
/** Adds to what is told of the command. */
export type Say = (words: string) => void;

/**
 * @param run does the same to the inbox and to the model
 * @param can whether it can be done
 */
export function command(
  name: string,
  run: (model: Model, real: Real, say: Say) => Promise<void>,
  can: (model: Model) => boolean = () => true,
): ModelCommand {
  return {
    check: can,
    async run(model, real) {
      const words = [name];
      const index = real.history.length;
      const say = (more: string) => {
        words.push(more);
        real.history[index] = words.join(" ");
      };
      say("");
      try {
        await run(model, real, say);
        await compare(model, real.inboxes);
      } catch (error) {
        say("← !");
        throw error;
      }
    },
    toString: () => name,
  };
}

export const WORKERS = ["A", "B", "C"];

export function pick<Item>(items: readonly Item[], index: number): Item {
  return items[index % items.length]!;
}

/** Leases that aren't lost for certain, or those that are. */
export function heldOf(model: Model, isLost: boolean): Held[] {
  return model.held.filter((held) => (statusOf(model, held) === "lost") === isLost);
}

/** Leases that run an attempt, or have run one that they don't know to be lost. */
export function workingOf(model: Model, isLost: boolean): Held[] {
  return model.held.filter((held) => held.work && (statusOf(model, held) !== "lost" && isAt(model, held)) !== isLost);
}

/** Whether the lane is at the callback that a lease is at. */
function isAt(model: Model, { lease, work }: Held): boolean {
  const { isTaken, queue } = laneOf(model, lease.lane);
  return isTaken && queue[0]?.id === work?.id;
}

/** Calls what needs a lease. @returns its result; undefined if the lease is lost, which the model allows */
export async function fenced<Result>(
  model: Model,
  held: Held,
  call: () => Promise<Result>,
  say: Say,
): Promise<{ readonly result: Result } | undefined> {
  const status = held.work && !isAt(model, held) ? "lost" : statusOf(model, held);
  try {
    const result = await call();
    assert.notEqual(status, "lost", "a lost lease should be refused");
    return { result };
  } catch (error) {
    if (!(error instanceof SheethookError) || error.code !== "lease_lost") throw error;
    say("(lost)");
    assert.notEqual(status, "held", "a lease that holds was refused");
    refuse(model, held);
    return undefined;
  }
}

/** The inbox takes a lease for lost that has expired, or that had nothing pending. */
export function refuse(model: Model, held: Held): void {
  held.isRefused = true;
  const lane = laneOf(model, held.lease.lane);
  if (lane.held !== held || lane.isTaken || !lane.queue.length || model.slack) return;
  lane.held = undefined;
  if (!held.isLoose) lane.dueAt = Math.max(model.now, lane.retryAt);
  lane.isDueAtExact = false;
}

export const describe = ({ worker, lease }: Held): string => `${WORKERS[worker]} lane ${lease.lane}`;
