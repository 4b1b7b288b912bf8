import type { AcceptedCallback } from "../callback/callback.ts";
import { SheethookError } from "../errors.ts";
import type { Inbox, Lease, Position, Work } from "./inbox.ts";

/** @see createMemoryInbox */
export interface MemoryInboxOptions {
  /** Callbacks that may be owed at once; one more is refused, so that Smartsheet sends it again. @default 100_000 */
  readonly maxPending?: number;
  /** How long a callback is remembered, so that it is recognised when it comes again. @default 7 days */
  readonly keepMs?: number;
  /** How many callbacks are remembered at most: a memory has an end. @default 100_000 */
  readonly maxRemembered?: number;
  /** Milliseconds since 1970; should never go back. @default the monotonic clock */
  readonly now?: () => number;
}

interface Entry {
  readonly id: number;
  readonly callback: AcceptedCallback;
  readonly steps: Map<string, string>;
  attempts: number;
  position: Position | undefined;
}

interface Lane {
  readonly lane: number;
  /** Oldest first; the first is the one that is worked. Never empty. */
  readonly owed: Entry[];
  dueAt: number;
  /** Empty while nobody has the lane. */
  token: string;
  leasedUntil: number;
}

/**
 * An inbox in the memory of this process: for tests, and for trying things out. It keeps order, retries and steps like
 * any other, but what it holds is lost when the process ends, and dead letters are kept as a number only.
 */
export function createMemoryInbox(options: MemoryInboxOptions = {}): Inbox {
  const { maxPending = 100_000, keepMs = 7 * 86_400_000, maxRemembered = 100_000 } = options;
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
    throw new SheethookError("lease_lost", `Lane ${lane} was worked for too long without renewing its lease`);
  }

  function entryOf(lease: Lease, { id }: Work): Entry {
    const entry = laneOf(lease).owed[0];
    if (entry?.id === id) return entry;
    throw new SheethookError("lease_lost", `Callback ${id} isn't the one that lane ${lease.lane} is at`);
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
      if (stats.pending >= maxPending) {
        return Promise.reject(
          new SheethookError("inbox_full", `Inbox holds ${maxPending} callbacks: see the option maxPending`),
        );
      }
      remember(keys);
      stats.pending++;
      const entry = { id: ++lastId, callback, steps: new Map(), attempts: 0, position: undefined };
      const lane = lanes.get(callback.scopeObjectId);
      if (lane) lane.owed.push(entry);
      else {
        const id = callback.scopeObjectId;
        lanes.set(id, { lane: id, owed: [entry], dueAt: now(), token: "", leasedUntil: 0 });
        wake();
      }
      return Promise.resolve("stored");
    },

    lease(limit, leaseMs) {
      const time = now();
      const leases: Lease[] = [];
      for (const lane of lanes.values()) {
        if (leases.length >= limit) break;
        if (lane.dueAt > time || (lane.token && lane.leasedUntil > time)) continue;
        lane.token = String(++lastToken);
        lane.leasedUntil = time + leaseMs;
        leases.push({ lane: lane.lane, token: lane.token });
      }
      return Promise.resolve(leases);
    },

    renew(leases, leaseMs) {
      const lost = leases.filter((lease) => {
        const lane = lanes.get(lease.lane);
        if (lane?.token !== lease.token || lane.leasedUntil <= now()) return true;
        lane.leasedUntil = now() + leaseMs;
        return false;
      });
      return Promise.resolve(lost);
    },

    release(lease) {
      const lane = lanes.get(lease.lane);
      if (lane?.token === lease.token) {
        lanes.delete(lane.lane);
        lane.token = "";
        if (lane.owed.length) lanes.set(lane.lane, lane);
        wake();
      }
      return Promise.resolve();
    },

    async take(lease) {
      const lane = laneOf(lease);
      const entry = lane.owed[0];
      if (!entry || lane.dueAt > now()) return undefined;
      entry.attempts++;
      return { ...entry, attempt: entry.attempts, steps: new Map(entry.steps) };
    },

    async finish(lease, work, outcome) {
      const entry = entryOf(lease, work);
      const lane = laneOf(lease);
      if (outcome.kind === "failed" || outcome.kind === "paused") {
        entry.position = outcome.position;
        if (outcome.kind === "paused") entry.attempts--;
        else lane.dueAt = now() + outcome.retryAfterMs;
        return;
      }
      lane.owed.shift();
      stats.pending--;
      stats[outcome.kind === "dead" ? "dead" : "done"]++;
    },

    async savePosition(lease, work, position) {
      entryOf(lease, work).position = position;
    },

    async saveStep(lease, work, key, json) {
      entryOf(lease, work).steps.set(key, json);
    },

    wait(signal) {
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal.removeEventListener("abort", end);
          waiting.delete(end);
          resolve();
        };
        const time = now();
        let dueAt = Infinity;
        for (const lane of lanes.values()) {
          dueAt = Math.min(dueAt, Math.max(lane.dueAt, lane.token ? lane.leasedUntil : 0));
        }
        // Timers can't wait longer than 2^31 ms.
        const timer = dueAt === Infinity
          ? undefined
          : setTimeout(end, Math.min(Math.max(dueAt - time, 0), 2 ** 31 - 1));
        waiting.add(end);
        signal.addEventListener("abort", end);
        if (signal.aborted) end();
      });
    },

    stats: () => Promise.resolve({ ...stats }),
    close: () => Promise.resolve(),
  };
}
