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
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Requests that can't be Smartsheet's: a browser that was led to the callback path. */
const NOT_A_POST = 405;

export function createRefusals(now: () => number): Refusals {
  // By the minute: anyone can make it many.
  const counts = new Map<number, number>();
  let last = { lastAt: 0, lastStatus: 0 };

  function forgetOld(): void {
    for (const minute of counts.keys()) if (minute <= now() - HOUR) counts.delete(minute);
  }

  return {
    note(status) {
      if (status === NOT_A_POST) return;
      forgetOld();
      const minute = Math.floor(now() / MINUTE) * MINUTE;
      counts.set(minute, (counts.get(minute) ?? 0) + 1);
      last = { lastAt: now(), lastStatus: status };
    },
    recent() {
      forgetOld();
      const count = [...counts.values()].reduce((sum, each) => sum + each, 0);
      return count ? { count, ...last } : undefined;
    },
  };
}
