// What an attempt may record.
import type { EndedCall, Outcome, Position, Progress } from "../../../src/inbox/inbox.ts";
import type { StoredDeadCall } from "../../../src/inbox/inspect.ts";
import { type Held, laneOf, leave, type Model, type ModelCallback } from "./state.ts";

/** The callback that a lease is at. */
export function takenOf(model: Model, held: Held): ModelCallback {
  return laneOf(model, held.lease.lane).queue[0]!;
}

/** Calls that died, and dead ones that ended. What was saved already changes nothing. */
export function addEnded(model: Model, entry: ModelCallback, ended: readonly EndedCall[] = []): void {
  let last = Math.max(0, ...entry.deadCalls.map(({ number }) => number));
  for (const { call, handler, attempt, error } of ended) {
    const index = entry.deadCalls.findIndex((known) => known.call.event === call.event && known.handler === handler);
    const known = entry.deadCalls[index];
    if (error === undefined) {
      if (known) entry.deadCalls.splice(index, 1);
      continue;
    }
    if (known?.state === "dead" && known.attempts === attempt && known.error === error) continue;
    const dead: StoredDeadCall = {
      number: known?.number ?? ++last,
      call,
      handler,
      state: "dead",
      attempts: attempt,
      diedAt: model.now,
      error,
    };
    if (known) entry.deadCalls[index] = dead;
    else entry.deadCalls.push(dead);
    fail(model, entry, error, { attempt, call });
  }
}

export function fail(
  model: Model,
  entry: ModelCallback,
  error: string,
  { attempt, call }: { readonly attempt: number; readonly call: Position | undefined } = {
    attempt: entry.attempts,
    call: entry.position,
  },
): void {
  entry.failures.push({ attempt, call, beganAt: entry.attemptedAt!, endedAt: model.now, error });
}

/** @param before the number of the attempt */
export function save(model: Model, entry: ModelCallback, progress: Progress, before: number): void {
  addEnded(model, entry, progress.ended);
  entry.position = progress.position;
  entry.attempts = progress.attempt ?? before;
}

/** @param before the number of the attempt */
export function finish(model: Model, entry: ModelCallback, outcome: Outcome, before: number): void {
  const lane = laneOf(model, entry.callback.scopeObjectId);
  lane.isTaken = false;
  lane.retryAt = 0;
  if (outcome.kind !== "paused") entry.unfinished = 0;
  switch (outcome.kind) {
    case "paused":
      save(model, entry, outcome, before);
      entry.attempts--;
      return;
    case "failed":
      save(model, entry, outcome, before);
      fail(model, entry, outcome.error);
      entry.error = outcome.error;
      entry.failedAt ??= model.now;
      lane.retryAt = model.now + outcome.retryAfterMs;
      return;
    case "dropped":
      leave(model, entry);
      model.callbacks.delete(entry.id);
      return;
    case "done":
      addEnded(model, entry, outcome.ended);
      return end(model, entry, "done", undefined);
    case "discarded":
      return end(model, entry, "discarded", outcome.reason);
    case "dead":
      addEnded(model, entry, outcome.ended);
      entry.position = outcome.position;
      if (outcome.position) fail(model, entry, outcome.error!);
      return end(model, entry, "dead", outcome.error ?? lastErrors(entry)[0]);
  }
}

/** Ends a callback that was pending or dead. */
export function end(
  model: Model,
  entry: ModelCallback,
  state: "done" | "discarded" | "dead",
  error: string | undefined,
): void {
  if (entry.state === "pending") {
    leave(model, entry);
    model.totals[state === "dead" ? "dead" : "done"]++;
  }
  entry.state = state;
  entry.error = error;
  entry.endedAt = model.now;
  entry.unfinished = 0;
  if (state === "dead") return;
  entry.steps = new Map();
  entry.position = undefined;
  if (state === "discarded") entry.deadCalls = entry.deadCalls.map((call) => ({ ...call, state: "skipped" }));
}

/** Those of the dead calls that died last: several, if they died in the same millisecond. */
export function lastErrors({ deadCalls }: ModelCallback): string[] {
  const dead = deadCalls.filter(({ state }) => state === "dead");
  const lastAt = Math.max(...dead.map(({ diedAt }) => diedAt));
  return dead.filter(({ diedAt }) => diedAt === lastAt).map(({ error }) => error);
}
