/** The clock of a client. */
export interface Clock {
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** How a request waits. */
export interface Waiting {
  readonly signal?: AbortSignal | undefined;
  /** `low` waits behind all others, and leaves them a fifth of the limit. */
  readonly priority?: "low" | undefined;
}

/** Limits the requests of one token. */
export interface Budget {
  /** Resolves when `cost` requests may be made. @throws the reason of `signal` */
  take(cost: number, limit: number, clock: Clock, waiting?: Waiting): Promise<void>;
  /** Delays all requests until `until`, also those that already wait; with a priority, only those of that priority. */
  pause(until: number, clock: Clock, priority?: "low"): void;
}

interface Slot {
  at: number;
  readonly cost: number;
  /** The most that any minute may hold when this slot is added to it. */
  readonly limit: number;
  readonly isLow: boolean;
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
 * request can't wait for a promise of another one. A slot may move to a later time, never to an earlier one.
 */
export function createBudget(): Budget {
  /** In the order of `at`; the waiting ones of low priority are at the end. */
  let slots: Slot[] = [];
  let pausedUntil = 0;
  let lowPausedUntil = 0;
  let seenAt = -Infinity;

  /** Reads the time. When the clock was set back, all slots move back with it. */
  function readClock({ now }: Clock): number {
    const time = now();
    const back = Math.max(seenAt - time, 0);
    seenAt = time;
    if (back) {
      pausedUntil -= back;
      lowPausedUntil -= back;
      for (const slot of slots) slot.at -= back;
    }
    return time;
  }

  /** Adds a slot behind all others. */
  function append(slot: Slot): void {
    const { cost, limit, isLow } = slot;
    slot.at = Math.max(slot.at, pausedUntil, isLow ? lowPausedUntil : 0, slots.at(-1)?.at ?? 0);
    // From the newest back: the first slot that leaves no room must be a minute away.
    let room = limit - cost;
    for (let index = slots.length - 1; index >= 0; index--) {
      const { at: taken, cost: used } = slots[index]!;
      room -= used;
      if (room < 0) {
        slot.at = Math.max(slot.at, taken + WINDOW_MS);
        break;
      }
    }
    slots.push(slot);
  }

  /** Removes the slots at the end of the list that still wait, as far back as `isRemoved` says. */
  function removeWaiting(now: number, isRemoved: (slot: Slot) => boolean): Slot[] {
    const last = slots.findLastIndex((slot) => slot.at <= now || !isRemoved(slot));
    return slots.splice(last + 1);
  }

  return {
    async take(cost, limit, clock, { signal, priority } = {}) {
      signal?.throwIfAborted();
      const start = readClock(clock);
      slots = slots.filter(({ at }) => at > start - WINDOW_MS);
      const isLow = priority === "low";
      const most = isLow ? Math.ceil(limit * 4 / 5) : limit;
      const slot = { at: start, cost: Math.min(cost, most), limit: most, isLow };
      const behind = isLow ? [] : removeWaiting(start, ({ isLow }) => isLow);
      append(slot);
      behind.forEach(append);
      for (let now = start; now < slot.at; now = readClock(clock)) {
        await clock.sleep(slot.at - now, signal);
        if (!signal?.aborted) continue;
        slots = slots.filter((other) => other !== slot);
        throw signal.reason;
      }
    },
    pause(until, clock, priority) {
      const now = readClock(clock);
      if (priority === "low") lowPausedUntil = Math.max(lowPausedUntil, until);
      else pausedUntil = Math.max(pausedUntil, until);
      removeWaiting(now, () => true).forEach(append);
    },
  };
}
