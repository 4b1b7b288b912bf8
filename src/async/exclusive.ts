import { delay } from "./delay.ts";

/** Lets many run at once, or one alone. */
export interface Gate {
  /** Runs beside others, but not beside what runs alone. */
  shared<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Waits until nothing runs, and keeps everything else waiting; those that came before go first. */
  alone<Result>(run: () => Promise<Result>): Promise<Result>;
}

/**
 * What never ends can't keep the others waiting for ever: `alone` waits at most `waitMs` for others to end, and keeps
 * them waiting for at most `aloneMs` once it runs.
 */
export function createGate(waitMs: number, aloneMs: number): Gate {
  let running = 0;
  let isIdle = Promise.withResolvers<void>();
  /** The last of those that run alone; undefined while there is none. */
  let last: Promise<unknown> | undefined;

  async function waitUntilIdle(): Promise<void> {
    const enough = new AbortController();
    const late = delay(waitMs, enough.signal).then(() => true);
    while (running) if (await Promise.race([isIdle.promise, late])) break;
    enough.abort();
  }

  return {
    async shared(run) {
      while (last) await last;
      running++;
      try {
        return await run();
      } finally {
        if (--running === 0) {
          isIdle.resolve();
          isIdle = Promise.withResolvers();
        }
      }
    },
    alone(run) {
      const before = last;
      const begun = Promise.withResolvers<void>();
      const ended = new AbortController();
      const ran = (async () => {
        await before;
        await waitUntilIdle();
        begun.resolve();
        try {
          return await run();
        } finally {
          ended.abort();
        }
      })();
      const own: Promise<void> = begun.promise.then(() => delay(aloneMs, ended.signal)).then(() => {
        if (last === own) last = undefined;
      });
      last = own;
      return ran;
    },
  };
}
