import { delay } from "./delay.ts";

/** Runs many things at once, or one exclusively. */
export interface Exclusive {
  /** Runs beside other shared runs, but not beside an exclusive one. */
  shared<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Waits until nothing runs, and keeps everything else waiting. Exclusive runs take turns in call order. */
  exclusive<Result>(run: () => Promise<Result>): Promise<Result>;
}

/**
 * A run that never ends must not block the others forever.
 *
 * @param waitMs how long an exclusive run waits for others to end, at most
 * @param blockMs how long it keeps others waiting, at most, from when it starts
 */
export function createExclusive(waitMs: number, blockMs: number): Exclusive {
  let running = 0;
  let idle = Promise.withResolvers<void>();
  /** The last of the exclusive runs that block others; undefined while there is none. */
  let last: Promise<unknown> | undefined;

  async function waitUntilIdle(): Promise<void> {
    const enough = new AbortController();
    const late = delay(waitMs, enough.signal).then(() => true);
    while (running) if (await Promise.race([idle.promise, late])) break;
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
          idle.resolve();
          idle = Promise.withResolvers();
        }
      }
    },
    exclusive(run) {
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
      const own: Promise<void> = begun.promise.then(() => delay(blockMs, ended.signal)).then(() => {
        if (last === own) last = undefined;
      });
      last = own;
      return ran;
    },
  };
}
