/** Requests that this process refused lately. Smartsheet retries them for some hours; they never reach the inbox. */
export interface Refusals {
  /** Notes an answer other than 200. */
  note(status: number): void;
  /** Returns the refusals of the last hour; undefined if there were none. */
  recent(): RecentRefusals | undefined;
}

export interface RecentRefusals {
  readonly count: number;
  /** Time and status of the last one. */
  readonly lastAt: number;
  readonly lastStatus: number;
  /** Counts by status, the largest first. */
  readonly byStatus: readonly (readonly [status: number, count: number])[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Not from Smartsheet: a browser that opened the callback path. */
const NOT_A_POST = 405;

export function createRefusals(now: () => number): Refusals {
  // Counts by minute and status: anyone can cause many.
  const counts = new Map<number, Map<number, number>>();
  let last = { lastAt: 0, lastStatus: 0 };

  function forgetOld(): void {
    for (const minute of counts.keys()) if (minute <= now() - HOUR) counts.delete(minute);
  }

  return {
    note(status) {
      if (status === NOT_A_POST) return;
      forgetOld();
      const minute = Math.floor(now() / MINUTE) * MINUTE;
      const ofMinute = counts.get(minute) ?? new Map<number, number>();
      counts.set(minute, ofMinute.set(status, (ofMinute.get(status) ?? 0) + 1));
      last = { lastAt: now(), lastStatus: status };
    },
    recent() {
      forgetOld();
      const sums = new Map<number, number>();
      for (const [status, count] of [...counts.values()].flatMap((ofMinute) => [...ofMinute])) {
        sums.set(status, (sums.get(status) ?? 0) + count);
      }
      const byStatus = [...sums].sort(([, one], [, other]) => other - one);
      const count = byStatus.reduce((sum, [, each]) => sum + each, 0);
      return count ? { count, ...last, byStatus } : undefined;
    },
  };
}
