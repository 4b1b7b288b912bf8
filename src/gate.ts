/** Lets many run at once, or one alone. */
export interface Gate {
  /** Runs beside others, but not beside what runs alone. */
  shared<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Waits until nothing runs, and keeps everything else waiting; those that came before go first. */
  alone<Result>(run: () => Promise<Result>): Promise<Result>;
}

export function createGate(): Gate {
  let running = 0;
  let isIdle = Promise.withResolvers<void>();
  /** The last of those that run alone; undefined while there is none. */
  let last: Promise<unknown> | undefined;

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
      const ran = (async () => {
        await before;
        while (running) await isIdle.promise;
        return await run();
      })();
      const own = ran.catch(() => {}).then(() => {
        if (last === own) last = undefined;
      });
      last = own;
      return ran;
    },
  };
}
