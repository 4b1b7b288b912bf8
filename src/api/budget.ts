/** Time, as a client sees it. */
export interface Clock {
  readonly now: () => number;
  /** Resolves after `ms`, or as soon as `signal` aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** Requests that one token may make. */
export interface Budget {
  /** Resolves when `cost` requests may be made. @throws what `signal` was aborted with */
  take(cost: number, limit: number, clock: Clock, signal?: AbortSignal): Promise<void>;
  /** Lets nobody go before `until`, those who wait already included. */
  pause(until: number, limit: number, clock: Clock): void;
}

interface Place {
  at: number;
  readonly cost: number;
}

// A second more than Smartsheet's minute: requests don't all take the same time to get there.
const WINDOW_MS = 61_000;

const budgets = new Map<string, Budget>();

/** The budget of a token: one for all of its clients in this process. */
export function budgetOf(token: string): Budget {
  const known = budgets.get(token);
  if (known) return known;
  // A host with thousands of accounts: those forgotten start over, and Smartsheet's 429 still holds.
  if (budgets.size >= 1000) budgets.clear();
  const budget = createBudget();
  budgets.set(token, budget);
  return budget;
}

/**
 * Never more than `limit` in any minute. Each who comes is given a place in time at once and waits for it alone: in
 * workerd nobody can wait for a promise of another request.
 */
export function createBudget(): Budget {
  /** In the order of `at`. */
  let places: Place[] = [];
  let pausedUntil = 0;
  let seenAt = -Infinity;

  /** The time; when the clock is set back, what was planned goes back with it. */
  function readClock({ now }: Clock): number {
    const time = now();
    const back = Math.max(seenAt - time, 0);
    seenAt = time;
    if (back) {
      pausedUntil -= back;
      for (const place of places) place.at -= back;
    }
    return time;
  }

  function findPlace(cost: number, limit: number, now: number): Place {
    let at = Math.max(now, pausedUntil, places.at(-1)?.at ?? 0);
    // From the newest back: as soon as there is no room beside it, an older one has to be a minute away.
    let room = limit - cost;
    for (let index = places.length - 1; index >= 0; index--) {
      const { at: taken, cost: used } = places[index]!;
      room -= used;
      if (room < 0) {
        at = Math.max(at, taken + WINDOW_MS);
        break;
      }
    }
    const place = { at, cost };
    places.push(place);
    return place;
  }

  return {
    async take(cost, limit, clock, signal) {
      signal?.throwIfAborted();
      const start = readClock(clock);
      places = places.filter(({ at }) => at > start - WINDOW_MS);
      const place = findPlace(Math.min(cost, limit), limit, start);
      for (let now = start; now < place.at; now = readClock(clock)) {
        await clock.sleep(place.at - now, signal);
        if (!signal?.aborted) continue;
        places = places.filter((other) => other !== place);
        throw signal.reason;
      }
    },
    pause(until, limit, clock) {
      const now = readClock(clock);
      pausedUntil = Math.max(pausedUntil, until);
      const waiting = places.filter(({ at }) => at > now);
      places = places.filter(({ at }) => at <= now);
      for (const place of waiting) {
        const { at } = findPlace(place.cost, limit, now);
        place.at = at;
        places[places.length - 1] = place;
      }
    },
  };
}
