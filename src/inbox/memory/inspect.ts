import type { ActedOn, Activity, HeldLane, InspectableInbox } from "../inspect.ts";
import { LONGEST_HELD, PRUNE_CHUNK } from "../limits.ts";
import type { Entry, Lane, MemoryStore } from "./store.ts";

/** The half of a memory inbox that is for people. Every call goes through all callbacks. */
export function createMemoryInspect(store: MemoryStore): InspectableInbox {
  const { entries, lanes, totals, now } = store;

  function isRunning({ callback, id }: Entry): boolean {
    const lane = lanes.get(callback.scopeObjectId);
    return lane?.queue.first?.id === id && lane.isTaken && lane.leasedUntil > now();
  }

  function heldLanes(): HeldLane[] {
    const time = now();
    const held: HeldLane[] = [];
    for (const { lane, queue: { first } } of lanes.values()) {
      if (!first || first.retryAt <= time) continue;
      const { id: callback, attempts, failedAt, retryAt, error } = first;
      held.push({ lane, callback, attempts, since: failedAt!, retryAt, error: error! });
    }
    return held.sort((one, other) => one.since - other.since);
  }

  function actOn(ids: readonly number[], act: (entry: Entry) => ActedOn["outcome"]): Promise<readonly ActedOn[]> {
    const actedOn = ids.map((id): ActedOn => {
      const entry = entries.get(id);
      // Read before `act` changes it.
      const state = entry?.state;
      return { id, outcome: entry ? act(entry) : "unknown", state };
    });
    return Promise.resolve(actedOn);
  }

  function replayOne(entry: Entry): ActedOn["outcome"] {
    if (entry.state === "pending") return "unchanged";
    store.reopen(entry);
    return "changed";
  }

  function discardOne(entry: Entry): ActedOn["outcome"] {
    if (entry.state !== "pending" && entry.state !== "dead") return "unchanged";
    if (isRunning(entry)) return "running";
    if (entry.state === "pending") releaseHold(lanes.get(entry.callback.scopeObjectId)!, entry);
    store.end(entry, "discarded", `Discarded by hand${entry.error === undefined ? "" : `, after: ${entry.error}`}`);
    return "changed";
  }

  /** If the callback holds up its lane, the lane is due at once. */
  function releaseHold(lane: Lane, entry: Entry): void {
    const time = now();
    store.expire(lane, time);
    if (lane.queue.first !== entry) return;
    lane.dueAt = Math.min(lane.dueAt, time);
    store.wake();
  }

  return {
    overview() {
      const kept = { pending: 0, done: 0, discarded: 0, dead: 0 };
      let oldest: Entry | undefined;
      for (const entry of entries.values()) {
        kept[entry.state]++;
        if (entry.state === "pending") oldest ??= entry;
      }
      const withPending = [...lanes.values()].filter(({ queue }) => queue.first);
      const held = heldLanes();
      return Promise.resolve({
        ...kept,
        totals: { done: totals.done, dead: totals.dead },
        oldestPendingAt: oldest?.callback.acceptedAt,
        lanes: withPending.length,
        heldLanes: held.length,
        longestHeld: held.slice(0, LONGEST_HELD),
      });
    },

    find({ states, scopeObjectId, webhookId, since = -Infinity, until = Infinity }, limit = Infinity) {
      const all = [...entries.values()];
      const found: number[] = [];
      for (let index = all.length - 1; index >= 0 && found.length < limit; index--) {
        const { id, state, callback } = all[index]!;
        if (
          (!states || states.includes(state)) &&
          (scopeObjectId === undefined || callback.scopeObjectId === scopeObjectId) &&
          (webhookId === undefined || callback.webhookId === webhookId) &&
          callback.acceptedAt >= since && callback.acceptedAt < until
        ) found.push(id);
      }
      return Promise.resolve(found);
    },

    activity(since, until, stepMs) {
      const steps: { accepted: number; done: number; dead: number }[] = [];
      function count(kind: "accepted" | "done" | "dead", time: number): void {
        if (time < since || time >= until) return;
        const step = steps[Math.floor((time - since) / stepMs)] ??= { accepted: 0, done: 0, dead: 0 };
        step[kind]++;
      }
      for (const { state, callback, endedAt } of entries.values()) {
        count("accepted", callback.acceptedAt);
        if (endedAt !== undefined) count(state === "dead" ? "dead" : "done", endedAt);
      }
      const activity: Activity[] = [];
      // Steps without either are holes, which this leaves out.
      steps.forEach((counts, index) => activity.push({ at: since + index * stepMs, ...counts }));
      return Promise.resolve(activity);
    },

    show(id) {
      const entry = entries.get(id);
      if (!entry) return Promise.resolve(undefined);
      const { state, callback, attempts, unfinished, position, error, failedAt, attemptedAt, endedAt } = entry;
      return Promise.resolve({
        id,
        state,
        isRunning: isRunning(entry),
        ...callback,
        attempts,
        unfinished,
        position,
        steps: [...entry.steps?.keys() ?? []],
        error,
        failedAt,
        attemptedAt,
        failures: [...entry.failures ?? []],
        retryAt: entry.retryAt > now() ? entry.retryAt : undefined,
        endedAt,
      });
    },

    replay: (ids) => actOn(ids, replayOne),

    discard: (ids) => actOn(ids, discardOne),

    prune(states, endedBefore) {
      const found: Entry[] = [];
      for (const list of [store.ended, store.dead]) {
        for (let entry = list.first; entry && found.length < PRUNE_CHUNK; entry = entry.next) {
          if (entry.endedAt! < endedBefore && (states as readonly string[]).includes(entry.state)) found.push(entry);
        }
      }
      for (const entry of found) store.drop(entry);
      return Promise.resolve(found.length);
    },
  };
}
