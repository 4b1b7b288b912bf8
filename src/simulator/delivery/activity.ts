import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";

/** Tracks work in progress, to wait for its end and to report its failures. */
export interface Activity {
  /** Runs work that counts as in progress until it ends. */
  track<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs work that nobody awaits; a failure is reported. */
  run(name: string, work: () => Promise<unknown>): void;
  /** Wraps a function of the user: if it throws or rejects, the error is reported. */
  guard<Args extends unknown[]>(name: string, callback: (...args: Args) => unknown): (...args: Args) => void;
  /** Resolves when nothing is in progress. Rejects with the first failure since the last call. */
  idle(): Promise<void>;
}

/** Logs each kind of failure once. */
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
    // Caught inside track(): idle() must see the failure before the work ends.
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
