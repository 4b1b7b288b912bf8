// Whether an inbox shows what the model holds.
import assert from "node:assert/strict";
import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox, StoredCallback } from "../../../src/inbox/inspect.ts";
import { isRunning, laneOf, mayBeForgotten, type Model, type ModelCallback, NEVER_ENDED } from "./state.ts";

export type FullInbox = Inbox & InspectableInbox;

/** Each process shows a part of it, at the same time. */
export async function compare(model: Model, inboxes: readonly FullInbox[]): Promise<void> {
  const entries = [...model.callbacks.values()];
  const shown = await Promise.all(entries.map(({ id }, index) => inboxes[(id + index) % inboxes.length]!.show(id)));
  for (const [index, entry] of entries.entries()) {
    const found = shown[index];
    if (!found && mayBeForgotten(model, entry)) model.callbacks.delete(entry.id);
    else {
      assert.ok(found, `callback ${entry.id} is gone`);
      assert.deepEqual(plain(found), plain(expected(model, entry, found)), `callback ${entry.id}`);
    }
  }
  await compareOverview(model, inboxes[model.given.length % inboxes.length]!);
}

function expected(model: Model, entry: ModelCallback, found: StoredCallback): StoredCallback {
  const { id, callback, state, attempts, unfinished, position, deadCalls, steps, error } = entry;
  const { queue, retryAt } = laneOf(model, callback.scopeObjectId);
  const isHolding = queue[0] === entry && retryAt > model.now;
  return {
    ...callback,
    id,
    state,
    isRunning: model.slack ? found.isRunning : isRunning(model, entry),
    attempts,
    unfinished,
    position,
    deadCalls,
    steps: [...steps.keys()],
    error,
    failedAt: entry.failedAt,
    attemptedAt: entry.attemptedAt,
    failures: entry.failures,
    retryAt: model.slack ? found.retryAt : isHolding ? retryAt : undefined,
    endedAt: entry.endedAt,
  };
}

/** The order of steps, and the words for an attempt that never ended, are the inbox's own. */
function plain(shown: StoredCallback): StoredCallback {
  const failures = shown.failures.map((failure) => ({
    ...failure,
    error: failure.error.startsWith(NEVER_ENDED) ? NEVER_ENDED : failure.error,
  }));
  const deadCalls = shown.deadCalls.toSorted((a, b) => a.number - b.number);
  assert.deepEqual(shown.deadCalls.map(({ number }) => number), deadCalls.map(({ number }) => number), "in order");
  return { ...shown, steps: shown.steps.toSorted(), failures, deadCalls };
}

async function compareOverview(model: Model, inbox: FullInbox): Promise<void> {
  const entries = [...model.callbacks.values()];
  const pending = entries.filter(({ state }) => state === "pending");
  const dead = entries.filter(({ state }) => state === "dead");
  const held = [...model.lanes.values()].filter(({ queue, retryAt }) => queue.length && retryAt > model.now);
  const { longestHeld, heldLanes, ...rest } = await inbox.overview();
  assert.deepEqual(rest, {
    pending: pending.length,
    done: entries.filter(({ state }) => state === "done").length,
    discarded: entries.filter(({ state }) => state === "discarded").length,
    dead: dead.length,
    deadCalls: dead.reduce((sum, { deadCalls }) => sum + deadCalls.filter(({ state }) => state === "dead").length, 0),
    totals: model.totals,
    oldestPendingAt: pending[0]?.callback.acceptedAt,
    lanes: [...model.lanes.values()].filter(({ queue }) => queue.length).length,
  }, "the overview");
  if (model.slack) return;
  assert.equal(heldLanes, held.length, "lanes that are held up");
  const expected = held.map(({ id, queue, retryAt }) => {
    const { id: callback, attempts, failedAt, error } = queue[0]!;
    return { lane: id, callback, attempts, since: failedAt, retryAt, error };
  });
  const byLane = (one: { lane: number }, other: { lane: number }) => one.lane - other.lane;
  assert.deepEqual(longestHeld.toSorted(byLane), expected.toSorted(byLane), "the lanes that are held up");
  assert.deepEqual(
    longestHeld.map(({ since }) => since),
    longestHeld.map(({ since }) => since).toSorted((a, b) => a - b),
    "those that have waited longest first",
  );
}
