/** What this process refused lately. Smartsheet sends it again, for some hours; the inbox never sees it. */
export interface Refusals {
  /** To be called with the status of each answer that isn't 200. */
  note(status: number): void;
  /** Undefined if nothing was refused in the last hour. */
  recent(): RecentRefusals | undefined;
}

export interface RecentRefusals {
  readonly count: number;
  /** When the last one was refused, and how. */
  readonly lastAt: number;
  readonly lastStatus: number;
  /** How many were refused with which status, the most first. */
  readonly byStatus: readonly (readonly [status: number, count: number])[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Requests that can't be Smartsheet's: a browser that was led to the callback path. */
const NOT_A_POST = 405;

export function createRefusals(now: () => number): Refusals {
  // By the minute and the status: anyone can make it many.
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
