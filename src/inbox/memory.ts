/**
 * `sheethook/inbox/memory`: an inbox in the memory of the process, for tests and for trying things out.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { memoryInbox } from "sheethook/inbox/memory";
 *
 * const inbox = memoryInbox();
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox });
 * receiver.on("row.created", (event) => console.log(event.id));
 * console.log((await inbox.overview()).pending); // 0
 * ```
 *
 * @module
 */
import { requireInteger, requireNumber, SheethookError } from "../errors.ts";
import { sleep } from "../async/delay.ts";
import type { Inbox, Lease, Outcome, Work } from "./inbox.ts";
import type { InspectableInbox } from "./inspect.ts";
import { createMemoryInspect } from "./memory/inspect.ts";
import { createMemoryStore, type Entry, type Lane } from "./memory/store.ts";
export type { AcceptedCallback } from "../callback/callback.ts";
export type * from "./inbox.ts";
export type * from "./inspect.ts";

/** Options of {@linkcode memoryInbox}. */
export interface MemoryInboxOptions {
  /** Callbacks that may be owed at once; one more is refused, so that Smartsheet sends it again. @default 100_000 */
  readonly maxPending?: number | undefined;
  /** How long a done callback is remembered, so that it is recognised when it comes again. @default 7 days */
  readonly keepMs?: number | undefined;
  /**
   * How many callbacks that ended are remembered at most, and never more than 128 MiB of bodies: a memory has an end.
   * Those that ended first are forgotten first, dead letters last. @default 100_000
   */
  readonly maxRemembered?: number | undefined;
  /** Milliseconds since 1970; should never go back. @default the monotonic clock */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of waits. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/**
 * An inbox in the memory of this process: for tests, and for trying things out. It keeps order, retries, steps and dead
 * letters like any other, but what it holds is lost when the process ends.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function memoryInbox(options: MemoryInboxOptions = {}): Inbox & InspectableInbox {
  const { random = Math.random } = options;
  const maxPending = requireInteger("maxPending", options.maxPending ?? 100_000);
  const keepMs = requireNumber("keepMs", options.keepMs ?? 7 * 86_400_000, 0);
  const maxRemembered = requireInteger("maxRemembered", options.maxRemembered ?? 100_000);
  const now = options.now ?? (() => performance.timeOrigin + performance.now());
  const store = createMemoryStore({ maxPending, keepMs, maxRemembered, now, random });
  const { lanes, waiting } = store;
  let lastToken = 0;

  function laneOf({ lane, token }: Lease): Lane {
    const found = lanes.get(lane);
    if (found?.token === token && found.leasedUntil > now()) return found;
    throw new SheethookError("lease_lost", `The lease of lane ${lane} has run out`);
  }

  function takenOf(lease: Lease, { id }: Work): Entry {
    const { queue, isTaken } = laneOf(lease);
    if (isTaken && queue.first?.id === id) return queue.first;
    throw new SheethookError("lease_lost", `Callback ${id} isn't the one that lane ${lease.lane} is at`);
  }

  function take(lease: Lease): Work | undefined {
    const lane = laneOf(lease);
    const entry = lane.queue.first;
    const time = now();
    if (!entry || lane.dueAt > time) return undefined;
    lane.isTaken = true;
    entry.attempts++;
    entry.attemptedAt = time;
    const { id, callback, attempts: attempt, unfinished, position, steps } = entry;
    return { id, callback, attempt, unfinished, position, steps: new Map(steps) };
  }

  function finish(lease: Lease, work: Work, outcome: Outcome): void {
    const entry = takenOf(lease, work);
    const lane = laneOf(lease);
    lane.isTaken = false;
    if (outcome.kind !== "paused") entry.unfinished = 0;
    if ("position" in outcome) entry.position = outcome.position;
    if ("error" in outcome) store.addFailure(entry, outcome.error);
    switch (outcome.kind) {
      case "paused":
        entry.attempts--;
        return;
      case "failed":
        entry.error = outcome.error;
        entry.failedAt ??= now();
        entry.retryAt = lane.dueAt = now() + outcome.retryAfterMs;
        return;
      case "dropped":
        return store.withdraw(entry);
      case "done":
        return store.end(entry, "done", undefined);
      case "discarded":
        return store.end(entry, "discarded", outcome.reason);
      case "dead":
        return store.end(entry, "dead", outcome.error);
    }
  }

  return {
    ...createMemoryInspect(store),

    put: async (callback) => store.add(callback),

    lease(limit, leaseMs) {
      const time = now();
      const leases: Lease[] = [];
      for (const lane of lanes.values()) {
        if (leases.length >= limit) break;
        store.expire(lane, time);
        if (lane.token || !lane.queue.first || lane.dueAt > time) continue;
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
        if (lane.queue.first) lanes.set(lane.lane, lane);
        store.wake();
      }
      return Promise.resolve();
    },

    take: async (lease) => take(lease),

    async finish(lease, work, outcome, options) {
      finish(lease, work, outcome);
      return options?.next ? take(lease) : undefined;
    },

    async savePosition(lease, work, position) {
      takenOf(lease, work).position = position;
    },

    async saveStep(lease, work, key, json) {
      const entry = takenOf(lease, work);
      entry.steps ??= new Map();
      entry.steps.set(key, json);
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

    check: async () => store.requireRoom(),

    close: () => Promise.resolve(),
  };
}
