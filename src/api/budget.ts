/** The clock of a client. */
export interface Clock {
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Limits the requests of one token. */
export interface Budget {
  /** Resolves when `cost` requests may be made. @throws the reason of `signal` */
  take(cost: number, limit: number, clock: Clock, signal?: AbortSignal): Promise<void>;
  /** Delays all requests until `until`, also those that already wait. */
  pause(until: number, limit: number, clock: Clock): void;
}

interface Slot {
  at: number;
  readonly cost: number;
}

// A second more than Smartsheet's minute, because requests take different times to arrive.
const WINDOW_MS = 61_000;

const budgets = new Map<string, Budget>();

/** The budget of a token, shared by all of its clients in this process. */
export function budgetOf(token: string): Budget {
  const known = budgets.get(token);
  if (known) return known;
  // For hosts with thousands of accounts: forgotten budgets start over, and Smartsheet's 429 still limits them.
  if (budgets.size >= 1000) budgets.clear();
  const budget = createBudget();
  budgets.set(token, budget);
  return budget;
}

/**
 * Allows at most `limit` in any minute. Each request gets a slot in time at once and waits for it by itself: on workerd, a
 * request can't wait for a promise of another one.
 */
export function createBudget(): Budget {
  /** In the order of `at`. */
  let slots: Slot[] = [];
  let pausedUntil = 0;
  let seenAt = -Infinity;

  /** Reads the time. When the clock was set back, all slots move back with it. */
  function readClock({ now }: Clock): number {
    const time = now();
    const back = Math.max(seenAt - time, 0);
    seenAt = time;
    if (back) {
      pausedUntil -= back;
      for (const slot of slots) slot.at -= back;
    }
    return time;
  }

  function findSlot(cost: number, limit: number, now: number): Slot {
    let at = Math.max(now, pausedUntil, slots.at(-1)?.at ?? 0);
    // From the newest back: the first slot that leaves no room must be a minute away.
    let room = limit - cost;
    for (let index = slots.length - 1; index >= 0; index--) {
      const { at: taken, cost: used } = slots[index]!;
      room -= used;
      if (room < 0) {
        at = Math.max(at, taken + WINDOW_MS);
        break;
      }
    }
    const slot = { at, cost };
    slots.push(slot);
    return slot;
  }

  return {
    async take(cost, limit, clock, signal) {
      signal?.throwIfAborted();
      const start = readClock(clock);
      slots = slots.filter(({ at }) => at > start - WINDOW_MS);
      const slot = findSlot(Math.min(cost, limit), limit, start);
      for (let now = start; now < slot.at; now = readClock(clock)) {
        await clock.sleep(slot.at - now, signal);
        if (!signal?.aborted) continue;
        slots = slots.filter((other) => other !== slot);
        throw signal.reason;
      }
    },
    pause(until, limit, clock) {
      const now = readClock(clock);
      pausedUntil = Math.max(pausedUntil, until);
      const waiting = slots.filter(({ at }) => at > now);
      slots = slots.filter(({ at }) => at <= now);
      for (const slot of waiting) {
        const { at } = findSlot(slot.cost, limit, now);
        slot.at = at;
        slots[slots.length - 1] = slot;
      }
    },
  };
}
