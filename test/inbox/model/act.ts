// What people may do.
import type { ActedOn, CallbackFilter, CallPick, DeadError } from "../../../src/inbox/inspect.ts";
import { keyOf } from "./errors.ts";
import { end } from "./run.ts";
import { isOver, isRunning, laneOf, type Model, type ModelCallback, queue } from "./state.ts";

export function replay(model: Model, id: number, pick: CallPick | undefined): ActedOn {
  return act(model, id, (entry) => {
    if (entry.state === "pending") return "unchanged";
    let calls = 0;
    if (entry.state === "dead" && isAny(entry, "dead")) {
      calls = change(entry, pick, ["dead"], "owed");
      if (!calls) return "unchanged";
    } else if (pick) return "unchanged";
    if (entry.state !== "dead") {
      entry.deadCalls = [];
      entry.error = undefined;
    }
    entry.state = "pending";
    entry.attempts = entry.unfinished = 0;
    entry.failedAt = entry.endedAt = undefined;
    queue(model, entry);
    return calls;
  });
}

export function skip(model: Model, id: number, pick: CallPick | undefined): ActedOn {
  return act(model, id, (entry) => {
    if (entry.state !== "pending" && entry.state !== "dead") return "unchanged";
    if (isRunning(model, entry)) return "running";
    const wasOwed = isAny(entry, "owed");
    const calls = change(entry, pick, ["dead", "owed"], "skipped");
    if (!calls) return "unchanged";
    if (entry.state === "dead") {
      if (!isAny(entry, "dead")) end(model, entry, "done", undefined);
    } else if (wasOwed && !isAny(entry, "owed")) {
      freeLane(model, entry);
      if (isAny(entry, "dead")) end(model, entry, "dead", entry.error);
      else end(model, entry, "done", undefined);
    }
    return calls;
  });
}

export function discard(model: Model, id: number): ActedOn {
  return act(model, id, (entry) => {
    if (entry.state !== "pending" && entry.state !== "dead") return "unchanged";
    if (isRunning(model, entry)) return "running";
    if (entry.state === "pending") freeLane(model, entry);
    end(model, entry, "discarded", `Discarded by hand${entry.error === undefined ? "" : `, after: ${entry.error}`}`);
    return 0;
  });
}

export function isMatch(entry: ModelCallback, filter: CallbackFilter): boolean {
  const { states, scopeObjectId, webhookId, since = -Infinity, until = Infinity, error } = filter;
  const { callback, state } = entry;
  return (states?.includes(state) ?? true) && callback.scopeObjectId === (scopeObjectId ?? callback.scopeObjectId) &&
    callback.webhookId === (webhookId ?? callback.webhookId) && callback.acceptedAt >= since &&
    callback.acceptedAt < until && (error === undefined || error in errorsOf(entry));
}

export function deadErrors(model: Model, filter: CallbackFilter): DeadError[] {
  const found: Record<string, DeadError> = {};
  for (const entry of model.callbacks.values()) {
    if (!isMatch(entry, filter)) continue;
    for (const [error, more] of Object.entries(errorsOf(entry))) {
      const { callbacks, calls } = found[error] ?? { callbacks: 0, calls: 0 };
      found[error] = { error, callbacks: callbacks + 1, calls: calls + more, last: entry.id };
    }
  }
  return Object.values(found);
}

/** How many dead calls of a dead letter died of each error. */
function errorsOf({ state, deadCalls, error }: ModelCallback): Record<string, number> {
  if (state !== "dead") return {};
  const dead = deadCalls.filter((call) => call.state === "dead");
  const errors: Record<string, number> = {};
  for (const call of dead) errors[keyOf(call.error)] = (errors[keyOf(call.error)] ?? 0) + 1;
  return dead.length || error === undefined ? errors : { [keyOf(error)]: 0 };
}

function act(model: Model, id: number, run: (entry: ModelCallback) => number | ActedOn["outcome"]): ActedOn {
  const entry = model.callbacks.get(id);
  if (!entry) return { id, outcome: "unknown", state: undefined, calls: 0 };
  const { state } = entry;
  const acted = run(entry);
  return typeof acted === "number"
    ? { id, outcome: "changed", state, calls: acted }
    : { id, outcome: acted, state, calls: 0 };
}

type CallState = "dead" | "owed" | "skipped";

function isAny({ deadCalls }: ModelCallback, wanted: CallState): boolean {
  return deadCalls.some(({ state }) => state === wanted);
}

function change(entry: ModelCallback, pick: CallPick = {}, from: readonly CallState[], to: CallState): number {
  let count = 0;
  entry.deadCalls = entry.deadCalls.map((call) => {
    const isPicked = (pick.calls?.includes(call.number) ?? true) &&
      keyOf(call.error) === (pick.error ?? keyOf(call.error));
    if (!from.includes(call.state) || !isPicked) return call;
    count++;
    return { ...call, state: to };
  });
  return count;
}

/** If the callback holds up its lane, what waited for it is due at once. An expired lease is over then. */
function freeLane(model: Model, entry: ModelCallback): void {
  const lane = laneOf(model, entry.callback.scopeObjectId);
  if (lane.queue[0] !== entry) return;
  if (lane.held && !isOver(model, lane.held)) return;
  if (!lane.held) lane.dueAt = Math.min(lane.dueAt, model.now);
  else {
    lane.dueAt = model.now;
    lane.isDueAtExact = false;
    if (!model.slack) lane.held = undefined;
  }
}
