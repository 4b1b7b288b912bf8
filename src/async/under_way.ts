import { delay } from "./delay.ts";

/** Knows what is under way, so that `stop` can wait for it. */
export interface UnderWay {
  track<Result>(promise: Promise<Result>): Promise<Result>;
  /** Resolves when everything tracked has ended, or after `graceMs`. */
  ended(graceMs: number): Promise<void>;
}

export function createUnderWay(): UnderWay {
  let count = 0;
  let allEnded: (() => void) | undefined;
  return {
    async track(promise) {
      count++;
      try {
        return await promise;
      } finally {
        if (--count === 0) allEnded?.();
      }
    },
    async ended(graceMs) {
      const inTime = new AbortController();
      if (count) allEnded = () => inTime.abort();
      else inTime.abort();
      await delay(graceMs, inTime.signal);
    },
  };
}
