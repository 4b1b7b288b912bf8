import { SheethookError } from "../../errors.ts";
import { delay } from "../../async/delay.ts";
import type { Inbox, Lease, Outcome, Progress, Work } from "../inbox.ts";
import type { Entry, Lane, MemoryStore } from "./store.ts";

/** The half of a memory inbox that processes lanes. */
export function createLanes(
  store: MemoryStore,
): Pick<Inbox, "lease" | "renew" | "release" | "take" | "finish" | "saveProgress" | "saveStep" | "wait"> {
  const { lanes, now, waiting } = store;
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
    const deadCalls = entry.deadCalls.flatMap(({ number, call, handler, state }) =>
      state === "skipped" ? [] : [{ number, call, handler, isOwed: state === "owed" }]
    );
    return { id, callback, attempt, unfinished, position, steps: new Map(steps), deadCalls };
  }

  function save(entry: Entry, { attempt: before }: Work, { position, attempt = before, ended = [] }: Progress): void {
    store.addEnded(entry, ended);
    entry.position = position;
    entry.attempts = attempt;
  }

  function finish(lease: Lease, work: Work, outcome: Outcome): void {
    const entry = takenOf(lease, work);
    const lane = laneOf(lease);
    lane.isTaken = false;
    if (outcome.kind !== "paused") entry.unfinished = 0;
    switch (outcome.kind) {
      case "paused":
        save(entry, work, outcome);
        entry.attempts--;
        return;
      case "failed":
        save(entry, work, outcome);
        store.addFailure(entry, outcome.error);
        entry.error = outcome.error;
        entry.failedAt ??= now();
        entry.retryAt = lane.dueAt = now() + outcome.retryAfterMs;
        return;
      case "dropped":
        return store.withdraw(entry);
      case "done":
        store.addEnded(entry, outcome.ended ?? []);
        return store.end(entry, "done", undefined);
      case "discarded":
        return store.end(entry, "discarded", outcome.reason);
      case "dead":
        store.addEnded(entry, outcome.ended ?? []);
        entry.position = outcome.position;
        if (outcome.position && outcome.error !== undefined) store.addFailure(entry, outcome.error);
        return store.end(entry, "dead", outcome.error ?? lastError(entry));
    }
  }

  return {
    async lease(limit, leaseMs) {
      const time = now();
      // In order of `dueAt`.
      const due: Lane[] = [];
      for (const lane of lanes.values()) {
        store.expire(lane, time);
        if (lane.token || !lane.queue.first || lane.dueAt > time) continue;
        due.splice(due.findLastIndex(({ dueAt }) => dueAt <= lane.dueAt) + 1, 0, lane);
        if (due.length > limit) due.pop();
      }
      return due.map((lane): Lease => {
        lane.token = String(++lastToken);
        lane.leasedUntil = time + leaseMs;
        return { lane: lane.lane, token: lane.token };
      });
    },

    async renew(leases, leaseMs) {
      const time = now();
      return leases.filter((lease) => {
        const lane = lanes.get(lease.lane);
        if (lane?.token !== lease.token || lane.leasedUntil <= time) return true;
        lane.leasedUntil = time + leaseMs;
        return false;
      });
    },

    async release(lease) {
      const lane = lanes.get(lease.lane);
      if (lane?.token === lease.token) {
        // Behind those that are due at the same time.
        lanes.delete(lane.lane);
        lane.token = "";
        lane.isTaken = false;
        lane.dueAt = Math.max(lane.dueAt, now());
        if (lane.queue.first) lanes.set(lane.lane, lane);
        store.wake();
      }
    },

    take: async (lease) => take(lease),

    async finish(lease, work, outcome, options) {
      finish(lease, work, outcome);
      return options?.next ? take(lease) : undefined;
    },

    async saveProgress(lease, work, progress) {
      save(takenOf(lease, work), work, progress);
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
      if (!signal.aborted) await delay(Math.min(Math.max(dueAt - time, 0), 2 ** 31 - 1), due.signal);
      waiting.delete(wakeUp);
      signal.removeEventListener("abort", wakeUp);
    },
  };
}

function lastError({ deadCalls, error }: Entry): string | undefined {
  const dead = deadCalls.filter(({ state }) => state === "dead");
  return dead.sort((a, b) => b.diedAt - a.diedAt || b.number - a.number)[0]?.error ?? error;
}
