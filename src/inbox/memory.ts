import type { AcceptedCallback } from "../callback/callback.ts";
import { SheethookError } from "../errors.ts";
import type { Inbox, Lease, Position, Work } from "./inbox.ts";
import { sleep } from "../sleep.ts";
import { retryDelayMs } from "./retry_delay.ts";

/** @see memoryInbox */
export interface MemoryInboxOptions {
  /** Callbacks that may be owed at once; one more is refused, so that Smartsheet sends it again. @default 100_000 */
  readonly maxPending?: number | undefined;
  /** How long a callback is remembered, so that it is recognised when it comes again. @default 7 days */
  readonly keepMs?: number | undefined;
  /** How many callbacks are remembered at most: a memory has an end. @default 100_000 */
  readonly maxRemembered?: number | undefined;
  /** Milliseconds since 1970; should never go back. @default the monotonic clock */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

interface Entry {
  readonly id: number;
  readonly callback: AcceptedCallback;
  readonly steps: Map<string, string>;
  attempts: number;
  unfinished: number;
  position: Position | undefined;
  next: Entry | undefined;
}

interface Lane {
  readonly lane: number;
  /** The callback that the lane is at. */
  first: Entry | undefined;
  last: Entry | undefined;
  dueAt: number;
  /** Empty while nobody has the lane. */
  token: string;
  leasedUntil: number;
  /** Whether an attempt at `first` was begun and hasn't ended. */
  isTaken: boolean;
}

/**
 * An inbox in the memory of this process: for tests, and for trying things out. It keeps order, retries and steps like
 * any other, but what it holds is lost when the process ends, and dead letters are kept as a number only.
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox {
  const { maxPending = 100_000, keepMs = 7 * 86_400_000, maxRemembered = 100_000, random = Math.random } = options;
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  // In the order in which they began to wait: a lane that is given back goes to the end.
  const lanes = new Map<number, Lane>();
  /** When each was put, oldest first. A callback has two keys. */
  const remembered = new Map<string, number>();
  const waiting = new Set<() => void>();
  const stats = { pending: 0, done: 0, dead: 0 };
  let lastId = 0;
  let lastToken = 0;

  function wake(): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  function laneOf({ lane, token }: Lease): Lane {
    const found = lanes.get(lane);
    if (found?.token === token && found.leasedUntil > now()) return found;
    throw new SheethookError("lease_lost", `The lease of lane ${lane} has run out`);
  }

  function entryOf(lease: Lease, { id }: Work): Entry {
    const { first } = laneOf(lease);
    if (first?.id === id) return first;
    throw new SheethookError("lease_lost", `Callback ${id} isn't the one that lane ${lease.lane} is at`);
  }

  /** A lease that has run out takes the attempt that was under way with it. */
  function expire(lane: Lane, time: number): void {
    if (!lane.token || lane.leasedUntil > time) return;
    lane.token = "";
    if (!lane.isTaken || !lane.first) return;
    lane.isTaken = false;
    lane.first.unfinished++;
    lane.dueAt = lane.leasedUntil + retryDelayMs(lane.first.attempts, random);
  }

  function full(): SheethookError {
    return new SheethookError("inbox_full", `Inbox holds ${maxPending} callbacks: see the option maxPending`);
  }

  function remember(keys: readonly string[]): void {
    const time = now();
    for (const key of keys) remembered.set(key, time);
    for (const [key, since] of remembered) {
      if (remembered.size <= 2 * maxRemembered && since >= time - keepMs) break;
      remembered.delete(key);
    }
  }

  return {
    put(callback) {
      const { webhookId, nonce, timestamp, digest } = callback;
      const keys = [`${webhookId} n ${nonce} ${digest}`, `${webhookId} t ${timestamp} ${digest}`];
      if (keys.some((key) => remembered.has(key))) return Promise.resolve("duplicate");
      if (stats.pending >= maxPending) return Promise.reject(full());
      remember(keys);
      stats.pending++;
      const steps = new Map<string, string>();
      const entry: Entry = {
        id: ++lastId,
        callback,
        steps,
        attempts: 0,
        unfinished: 0,
        position: undefined,
        next: undefined,
      };
      const id = callback.scopeObjectId;
      const lane = lanes.get(id);
      if (!lane) {
        lanes.set(id, {
          lane: id,
          first: entry,
          last: entry,
          dueAt: now(),
          token: "",
          leasedUntil: 0,
          isTaken: false,
        });
        wake();
      } else {
        if (lane.first) lane.last!.next = entry;
        else lane.first = entry;
        lane.last = entry;
      }
      return Promise.resolve("stored");
    },

    lease(limit, leaseMs) {
      const time = now();
      const leases: Lease[] = [];
      for (const lane of lanes.values()) {
        if (leases.length >= limit) break;
        expire(lane, time);
        if (lane.token || lane.dueAt > time) continue;
        lane.token = String(++lastToken);
        lane.leasedUntil = time + leaseMs;
        leases.push({ lane: lane.lane, token: lane.token });
      }
      return Promise.resolve(leases);
    },

    renew(leases, leaseMs) {
      const time = now();
      const lost = leases.filter((lease) => {
        const lane = lanes.get(lease.lane);
        if (lane?.token !== lease.token || lane.leasedUntil <= time) return true;
        lane.leasedUntil = time + leaseMs;
        return false;
      });
      return Promise.resolve(lost);
    },

    release(lease) {
      const lane = lanes.get(lease.lane);
      if (lane?.token === lease.token) {
        lanes.delete(lane.lane);
        lane.token = "";
        lane.isTaken = false;
        if (lane.first) lanes.set(lane.lane, lane);
        wake();
      }
      return Promise.resolve();
    },

    async take(lease) {
      const lane = laneOf(lease);
      const entry = lane.first;
      if (!entry || lane.dueAt > now()) return undefined;
      lane.isTaken = true;
      entry.attempts++;
      const { id, callback, attempts: attempt, unfinished, position, steps } = entry;
      return { id, callback, attempt, unfinished, position, steps: new Map(steps) };
    },

    async finish(lease, work, outcome) {
      const entry = entryOf(lease, work);
      const lane = laneOf(lease);
      lane.isTaken = false;
      entry.unfinished = 0;
      if (outcome.kind === "failed" || outcome.kind === "paused") {
        entry.position = outcome.position;
        if (outcome.kind === "paused") entry.attempts--;
        else lane.dueAt = now() + outcome.retryAfterMs;
        return;
      }
      lane.first = entry.next;
      stats.pending--;
      stats[outcome.kind === "dead" ? "dead" : "done"]++;
    },

    async savePosition(lease, work, position) {
      entryOf(lease, work).position = position;
    },

    async saveStep(lease, work, key, json) {
      entryOf(lease, work).steps.set(key, json);
    },

    async wait(signal) {
      const time = now();
      let dueAt = Infinity;
      for (const lane of lanes.values()) {
        dueAt = Math.min(dueAt, lane.token ? Math.max(lane.leasedUntil, lane.dueAt) : lane.dueAt);
      }
      const due = new AbortController();
      const wakeUp = () => due.abort();
      waiting.add(wakeUp);
      signal.addEventListener("abort", wakeUp);
      // Timers can't wait longer than 2^31 ms.
      if (!signal.aborted) await sleep(Math.min(Math.max(dueAt - time, 0), 2 ** 31 - 1), due.signal);
      waiting.delete(wakeUp);
      signal.removeEventListener("abort", wakeUp);
    },

    stats: () => Promise.resolve({ ...stats }),

    async check() {
      if (stats.pending >= maxPending) throw full();
    },

    close: () => Promise.resolve(),
  };
}
