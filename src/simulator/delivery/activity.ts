import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";

/** What is under way, so that one can wait for its end, and hears of what failed in it. */
export interface Activity {
  /** Counts as under way until it ends. */
  track<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The same for what nobody awaits: what it throws is reported. */
  run(name: string, work: () => Promise<unknown>): void;
  /** A callback of the user's that can't disturb us: what it throws, or rejects with, is reported. */
  guard<Args extends unknown[]>(name: string, callback: (...args: Args) => unknown): (...args: Args) => void;
  /** Resolves when nothing is under way. Rejects with the first thing that was reported since it last did. */
  idle(): Promise<void>;
}

/** Reports each kind of failure once to `logger`. */
export function createActivity(logger: Logger): Activity {
  let busy = 0;
  let failure: { readonly error: unknown } | undefined;
  const whenIdle: (() => void)[] = [];
  const logged = new Set<string>();

  async function track<Result>(work: () => Promise<Result>): Promise<Result> {
    busy++;
    try {
      return await work();
    } finally {
      busy--;
      if (!busy) whenIdle.splice(0).forEach((resolve) => resolve());
    }
  }

  function fail(name: string, error: unknown): void {
    failure ??= { error };
    if (logged.has(name)) return;
    logged.add(name);
    logger.error("{name} failed (logged once; idle() rejects with it): {error}", { name, error: messageOf(error) });
  }

  function run(name: string, work: () => Promise<unknown>): void {
    // Caught inside: idle() must know of it before it ends.
    void track(() => work().catch((error) => fail(name, error)));
  }

  return {
    track,
    run,
    guard: (name, callback) => (...args) => {
      try {
        const result = callback(...args);
        if (result instanceof Promise) run(name, () => result);
      } catch (error) {
        fail(name, error);
      }
    },
    async idle() {
      if (busy) await new Promise<void>((resolve) => whenIdle.push(resolve));
      if (!failure) return;
      const { error } = failure;
      failure = undefined;
      throw error;
    },
  };
}
