// What `serve` runs in a soak: handlers that are slow, fail, use steps or end the process, as each event says, and that
// write down what they do.
import process from "node:process";
import { setTimeout as wait } from "node:timers/promises";
import type { Callback } from "../../src/callback/callback.ts";
import { RetryLater } from "../../src/errors.ts";
import type { Context } from "../../src/dispatch/context.ts";
import type { Receiver } from "../../src/receiver.ts";
import { openRecord } from "./record.ts";

/** What the last event of a callback makes its handler do. */
export type Kind = "plain" | "slow" | "steps" | "fails once" | "fails always" | "crashes once" | "crashes always";

/** What ends the process by a handler's fault, so that the soak knows it from a fault of ours. */
export const CRASH_CODE = 86;
export const CRASH_TEXT = "a handler of the soak crashes";

export default function register(receiver: Pick<Receiver, "on">, isLate?: (context: Context) => boolean): void {
  const record = openRecord(process.env.SHEETHOOK_SOAK_RECORD!);
  const runs = new WeakMap<Callback, number>();
  let lastRun = 0;
  /** Each attempt at a callback has an object of its own for it. */
  function runOf({ callback }: Context): number {
    const run = runs.get(callback) ?? ++lastRun;
    runs.set(callback, run);
    return run;
  }

  receiver.on("row.updated", async (soaked, context) => {
    const { number, event, kind, ms } = soaked as unknown as SoakEvent;
    const line = { pid: process.pid, number, event, run: runOf(context), attempt: context.attempt };
    record.write({ what: "begin", ...line, late: isLate?.(context) });
    try {
      await wait(ms, undefined, { signal: context.signal });
      if (kind === "steps") {
        for (const name of ["first", "second"]) {
          await context.step(name, async () => {
            record.write({ what: "step", ...line, name, late: isLate?.(context) });
            await wait(ms);
          });
          record.write({ what: "stepped", ...line, name });
        }
      }
      await misbehave(kind, number, context);
      record.write({ what: "end", ...line });
    } catch (error) {
      record.write({ what: "fail", ...line });
      throw error;
    }
  });
}

/** An event of the soak's callbacks. */
export interface SoakEvent {
  readonly number: number;
  /** Its index in the callback. */
  readonly event: number;
  readonly kind: Kind;
  readonly ms: number;
}

async function misbehave(kind: Kind, number: number, { attempt }: Context): Promise<void> {
  if ((kind === "fails once" || (kind === "steps" && number % 2)) && attempt === 1) throw new Error("now and then");
  if (kind === "fails always") throw new RetryLater(50, "always");
  if (kind !== "crashes always" && !(kind === "crashes once" && attempt === 1)) return;
  if (number % 2) process.exit(CRASH_CODE);
  setTimeout(() => {
    throw new Error(CRASH_TEXT);
  });
  await new Promise(() => {});
}
