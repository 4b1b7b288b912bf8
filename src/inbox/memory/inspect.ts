import { NO_WEBHOOK } from "../../callback/reconcile.ts";
import { errorKey } from "../error_key.ts";
import type {
  ActedOn,
  Activity,
  CallbackFilter,
  CallPick,
  DeadError,
  HeldLane,
  InspectableInbox,
  StoredDeadCall,
} from "../inspect.ts";
import { LONGEST_HELD, MOST_ERRORS, PRUNE_CHUNK } from "../limits.ts";
import type { Entry, Lane, MemoryStore } from "./store.ts";

/** The half of a memory inbox that is for people. Every call goes through all callbacks. */
export function createMemoryInspect(store: MemoryStore): Omit<InspectableInbox, "alerts"> {
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

  /** @param act changes the entry. @returns the outcome, or how many calls it has changed */
  function actOn(
    ids: readonly number[],
    act: (entry: Entry) => ActedOn["outcome"] | number,
  ): Promise<readonly ActedOn[]> {
    const actedOn = ids.map((id): ActedOn => {
      const entry = entries.get(id);
      // Read before `act` changes it.
      const state = entry?.state;
      const acted = entry ? act(entry) : "unknown";
      return typeof acted === "number"
        ? { id, outcome: "changed", state, calls: acted }
        : { id, outcome: acted, state, calls: 0 };
    });
    return Promise.resolve(actedOn);
  }

  function replayOne(entry: Entry, pick: CallPick | undefined): ActedOn["outcome"] | number {
    if (entry.state === "pending") return "unchanged";
    if (entry.state !== "dead" || !entry.deadCalls.some(({ state }) => state === "dead")) {
      if (pick) return "unchanged";
      store.reopen(entry);
      return "changed";
    }
    const calls = changeCalls(entry, pick, ["dead"], "owed");
    if (!calls) return "unchanged";
    store.reopen(entry);
    return calls;
  }

  function skipOne(entry: Entry, pick: CallPick | undefined): ActedOn["outcome"] | number {
    if (entry.state !== "pending" && entry.state !== "dead") return "unchanged";
    if (isRunning(entry)) return "running";
    const wasOwed = isAny(entry, "owed");
    const calls = changeCalls(entry, pick, ["dead", "owed"], "skipped");
    if (!calls) return "unchanged";
    // A callback that has owed calls has come to its end before.
    const isAtEnd = entry.state === "dead" || (wasOwed && !isAny(entry, "owed"));
    if (!isAtEnd) return calls;
    if (entry.state === "pending") {
      releaseHold(lanes.get(entry.callback.scopeObjectId)!, entry);
      if (isAny(entry, "dead")) store.end(entry, "dead", entry.error);
      else store.end(entry, "done", undefined);
    } else if (!isAny(entry, "dead")) store.end(entry, "done", undefined);
    return calls;
  }

  function isAny({ deadCalls }: Entry, wanted: StoredDeadCall["state"]): boolean {
    return deadCalls.some(({ state }) => state === wanted);
  }

  /** @returns how many of its calls have another state now */
  function changeCalls(
    entry: Entry,
    pick: CallPick | undefined,
    from: readonly StoredDeadCall["state"][],
    to: StoredDeadCall["state"],
  ): number {
    let count = 0;
    entry.deadCalls = entry.deadCalls.map((call) => {
      if (!from.includes(call.state) || !isPicked(call, pick)) return call;
      count++;
      return { ...call, state: to };
    });
    return count;
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
    if (lane.queue.first !== entry) return;
    const time = now();
    store.expire(lane, time);
    lane.dueAt = Math.min(lane.dueAt, time);
    store.wake();
  }

  return {
    overview() {
      const kept = { pending: 0, done: 0, discarded: 0, dead: 0 };
      let oldest: Entry | undefined;
      let deadCalls = 0;
      for (const entry of entries.values()) {
        kept[entry.state]++;
        if (entry.state === "dead") deadCalls += entry.deadCalls.filter(({ state }) => state === "dead").length;
        if (entry.state === "pending") oldest ??= entry;
      }
      const withPending = [...lanes.values()].filter(({ queue }) => queue.first);
      const held = heldLanes();
      return Promise.resolve({
        ...kept,
        deadCalls,
        totals: { done: totals.done, dead: totals.dead },
        oldestPendingAt: oldest?.callback.acceptedAt,
        lanes: withPending.length,
        heldLanes: held.length,
        longestHeld: held.slice(0, LONGEST_HELD),
      });
    },

    find(filter, limit = Infinity) {
      const all = [...entries.values()];
      const found: number[] = [];
      for (let index = all.length - 1; index >= 0 && found.length < limit; index--) {
        if (isMatch(all[index]!, filter)) found.push(all[index]!.id);
      }
      return Promise.resolve(found);
    },

    deadErrors(filter = {}) {
      const errors = new Map<string, DeadError>();
      for (const entry of entries.values()) {
        if (entry.state !== "dead" || !isMatch(entry, filter)) continue;
        for (const [error, calls] of errorsOf(entry)) {
          const known = errors.get(error);
          errors.set(error, {
            error,
            callbacks: (known?.callbacks ?? 0) + 1,
            calls: (known?.calls ?? 0) + calls,
            last: entry.id,
          });
        }
      }
      const sorted = [...errors.values()].sort((a, b) => b.calls - a.calls || b.callbacks - a.callbacks);
      return Promise.resolve(sorted.slice(0, MOST_ERRORS));
    },

    activity(since, until, stepMs) {
      const steps: { accepted: number; done: number; dead: number }[] = [];
      function count(kind: "accepted" | "done" | "dead", time: number): void {
        if (time < since || time >= until) return;
        const step = steps[Math.floor((time - since) / stepMs)] ??= { accepted: 0, done: 0, dead: 0 };
        step[kind]++;
      }
      for (const { state, callback, endedAt } of entries.values()) {
        if (callback.webhookId !== NO_WEBHOOK) count("accepted", callback.acceptedAt);
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
      const { state, callback, attempts, unfinished, position, error, failedAt, attemptedAt, endedAt, deadCalls } =
        entry;
      return Promise.resolve({
        id,
        state,
        isRunning: isRunning(entry),
        ...callback,
        attempts,
        unfinished,
        position,
        deadCalls,
        steps: [...entry.steps?.keys() ?? []],
        error,
        failedAt,
        attemptedAt,
        failures: [...entry.failures ?? []],
        retryAt: entry.retryAt > now() ? entry.retryAt : undefined,
        endedAt,
      });
    },

    replay: (ids, pick) => actOn(ids, (entry) => replayOne(entry, pick)),

    skip: (ids, pick) => actOn(ids, (entry) => skipOne(entry, pick)),

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

function isMatch({ state, callback, deadCalls, error: own }: Entry, filter: CallbackFilter): boolean {
  const { states, scopeObjectId, webhookId, since = -Infinity, until = Infinity, error } = filter;
  return (!states || states.includes(state)) &&
    (scopeObjectId === undefined || callback.scopeObjectId === scopeObjectId) &&
    (webhookId === undefined || callback.webhookId === webhookId) &&
    callback.acceptedAt >= since && callback.acceptedAt < until &&
    (error === undefined || errorsOf({ state, deadCalls, error: own }).has(error));
}

/** The keys of the errors of a dead letter, with the number of its calls that died of each. */
function errorsOf({ state, deadCalls, error }: Pick<Entry, "state" | "deadCalls" | "error">): Map<string, number> {
  const errors = new Map<string, number>();
  if (state !== "dead") return errors;
  for (const call of deadCalls) {
    if (call.state !== "dead") continue;
    const key = errorKey(call.error);
    errors.set(key, (errors.get(key) ?? 0) + 1);
  }
  if (!errors.size && error !== undefined) errors.set(errorKey(error), 0);
  return errors;
}

function isPicked({ number, error }: StoredDeadCall, { calls, error: key }: CallPick = {}): boolean {
  return (!calls || calls.includes(number)) && (key === undefined || errorKey(error) === key);
}
