import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Inbox, Outcome } from "../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { acceptedCallback } from "../callbacks.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const position = { event: 3, handler: 1, fingerprint: "f" };
const failed: Outcome = { kind: "failed", error: "E1", retryAfterMs: 3_600_000, position };
const dead: Outcome = { kind: "dead", error: "E2", position };
const done: Outcome = { kind: "done" };

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

/** An inbox on a clock of its own; callbacks are numbered from 1, and wait in lane 1 unless told otherwise. */
function openInbox() {
  const clock = { now: START };
  const inbox = sqliteInbox(join(folder, `${++files}.db`), { now: () => clock.now });
  let last = 0;
  async function put(count: number, attributes = {}): Promise<void> {
    for (let left = count; left > 0; left--) {
      const nonce = `n${++last}`;
      await inbox.put(
        acceptedCallback({ nonce, timestamp: nonce, scopeObjectId: 1, acceptedAt: clock.now, ...attributes }),
      );
    }
  }
  return { inbox, clock, put };
}

/** Works what is due in the order in which it comes, and ends each as told, the rest with done. */
async function work(inbox: Inbox, ...outcomes: Outcome[]) {
  const works = [];
  for (const lease of await inbox.lease(100, 20_000)) {
    for (let next; (next = await inbox.take(lease));) {
      works.push(next);
      if (outcomes[0]?.kind === "dead") await inbox.saveStep(lease, next, "0/s", "1");
      await inbox.finish(lease, next, outcomes.shift() ?? done);
    }
    await inbox.release(lease);
  }
  return works;
}

const idsOf = (works: readonly { id: number }[]) => works.map(({ id }) => id);

test("overview() tells what is where, and which lanes a failed callback holds up since when", async () => {
  const { inbox, clock, put } = openInbox();
  await put(1);
  await work(inbox, failed);
  clock.now += 3_600_000;
  await work(inbox, failed);
  await put(1);
  await put(2, { scopeObjectId: 2 });
  await work(inbox, dead, { kind: "discarded", reason: "R" });
  await put(1, { scopeObjectId: 3 });
  await work(inbox);
  await put(1, { scopeObjectId: 3 });
  const held = { lane: 1, callback: 1, attempts: 2, since: START, retryAt: START + 7_200_000, error: "E1" };
  assert.deepEqual(await inbox.overview(), {
    pending: 3,
    done: 1,
    discarded: 1,
    dead: 1,
    totals: { done: 2, dead: 1 },
    oldestPendingAt: START,
    lanes: 2,
    heldLanes: 1,
    longestHeld: [held],
  });
  const { state, retryAt, failedAt, error } = (await inbox.show(1))!;
  assert.deepEqual({ state, retryAt, failedAt, error }, {
    state: "pending",
    retryAt: START + 7_200_000,
    failedAt: START,
    error: "E1",
  });
  // It holds nothing up: it waits.
  assert.equal((await inbox.show(2))!.retryAt, undefined);
  clock.now += 3_600_000;
  assert.equal((await inbox.overview()).heldLanes, 0);
  await inbox.close();
});

test("find() gives ids, newest first, by each filter", async () => {
  const { inbox, clock, put } = openInbox();
  await put(2);
  await work(inbox, dead);
  clock.now += 1000;
  await put(1, { scopeObjectId: 2, webhookId: 7 });
  await put(1, { webhookId: 7 });
  assert.deepEqual(await inbox.find({}), [4, 3, 2, 1]);
  assert.deepEqual(await inbox.find({}, 2), [4, 3]);
  assert.deepEqual(await inbox.find({ states: ["pending"] }), [4, 3]);
  assert.deepEqual(await inbox.find({ states: ["dead", "pending"] }), [4, 3, 1]);
  assert.deepEqual(await inbox.find({ states: ["dead", "discarded"] }), [1]);
  assert.deepEqual(await inbox.find({ scopeObjectId: 1 }), [4, 2, 1]);
  assert.deepEqual(await inbox.find({ webhookId: 7, scopeObjectId: 2 }), [3]);
  assert.deepEqual(await inbox.find({ since: START + 1000 }), [4, 3]);
  assert.deepEqual(await inbox.find({ until: START + 1000, states: ["done"] }), [2]);
  assert.equal(await inbox.show(5), undefined);
  await inbox.close();
});

test("replay() puts a dead one at the end of its lane; it goes on where it failed, with fresh attempts", async () => {
  const { inbox, clock, put } = openInbox();
  await put(1);
  await work(inbox, failed);
  clock.now += 3_600_000;
  await work(inbox, dead);
  assert.deepEqual((await inbox.show(1))!.steps, ["0/s"]);
  await put(2);
  assert.deepEqual(await inbox.replay([1]), [{ id: 1, outcome: "changed", state: "dead" }]);
  await put(1);
  const stored = (await inbox.show(1))!;
  assert.deepEqual([stored.state, stored.attempts, stored.failedAt, stored.endedAt], [
    "pending",
    0,
    undefined,
    undefined,
  ]);
  const works = await work(inbox);
  assert.deepEqual(works.map(({ callback }) => callback.nonce), ["n2", "n3", "n1", "n4"]);
  assert.deepEqual([works[2]!.attempt, works[2]!.position, [...works[2]!.steps]], [1, position, [["0/s", "1"]]]);
  assert.deepEqual(await inbox.stats(), { pending: 0, done: 4, dead: 1 });
  await inbox.close();
});

test("replay() lets done and discarded ones start afresh, leaves pending ones alone, and knows what isn't there", async () => {
  const { inbox, put } = openInbox();
  await put(3);
  await work(inbox, done, { kind: "discarded", reason: "R" }, dead);
  await inbox.discard([3]);
  await put(1);
  assert.deepEqual(await inbox.replay([1, 2, 3, 4, 5]), [
    { id: 1, outcome: "changed", state: "done" },
    { id: 2, outcome: "changed", state: "discarded" },
    { id: 3, outcome: "changed", state: "discarded" },
    { id: 4, outcome: "unchanged", state: "pending" },
    { id: 5, outcome: "unknown", state: undefined },
  ]);
  assert.equal((await inbox.show(2))!.error, undefined);
  const works = await work(inbox);
  assert.deepEqual(idsOf(works), [4, 1, 2, 3]);
  for (const { attempt, position, steps } of works) {
    assert.deepEqual([attempt, position, steps.size], [1, undefined, 0]);
  }
  await inbox.close();
});

test("replay() of a callback into a lane that a worker has is worked when it is given back, or before", async () => {
  const { inbox, put } = openInbox();
  await put(2);
  const [lease] = await inbox.lease(1, 20_000);
  await inbox.finish(lease!, (await inbox.take(lease!))!, done);
  const second = (await inbox.take(lease!))!;
  await inbox.replay([1]);
  await inbox.finish(lease!, second, done);
  assert.equal((await inbox.take(lease!))!.id, 1);
  await inbox.release(lease!);
  await inbox.close();
});

test("replay() makes a lane that owed nothing wait behind those that have waited longer", async () => {
  const { inbox, clock, put } = openInbox();
  await put(1);
  await work(inbox);
  clock.now += 1000;
  await put(1, { scopeObjectId: 2 });
  clock.now += 1000;
  await inbox.replay([1]);
  assert.deepEqual((await inbox.lease(2, 20_000)).map(({ lane }) => lane), [2, 1]);
  await inbox.close();
});

test("discard() ends dead ones for good", async () => {
  const { inbox, put } = openInbox();
  await put(2);
  await work(inbox, dead);
  assert.deepEqual(await inbox.discard([1, 2]), [
    { id: 1, outcome: "changed", state: "dead" },
    { id: 2, outcome: "unchanged", state: "done" },
  ]);
  const { state, error, steps, position, endedAt } = (await inbox.show(1))!;
  assert.deepEqual({ state, error, steps, position, endedAt }, {
    state: "discarded",
    error: "Discarded by hand, after: E2",
    steps: [],
    position: undefined,
    endedAt: START,
  });
  assert.deepEqual(await inbox.stats(), { pending: 0, done: 1, dead: 1 });
  await inbox.close();
});

test("discard() of what holds up its lane makes the lane due at once; of what waits, it doesn't", async () => {
  const { inbox, clock, put } = openInbox();
  await put(3);
  await work(inbox, failed);
  await inbox.discard([2]);
  assert.deepEqual(await inbox.lease(1, 20_000), []);
  assert.deepEqual(await inbox.stats(), { pending: 2, done: 1, dead: 0 });
  clock.now += 1;
  await inbox.discard([1]);
  assert.deepEqual(idsOf(await work(inbox)), [3]);
  assert.deepEqual(await inbox.stats(), { pending: 0, done: 3, dead: 0 });
  // The wait was the discarded one's: the next owes nothing of it.
  await put(1);
  assert.deepEqual(idsOf(await work(inbox)), [4]);
  await inbox.close();
});

test("discard() leaves alone what is running, until its lease has run out", async () => {
  const { inbox, clock, put } = openInbox();
  await put(2);
  const [lease] = await inbox.lease(1, 20_000);
  const running = (await inbox.take(lease!))!;
  assert.equal((await inbox.show(1))!.isRunning, true);
  assert.deepEqual(await inbox.discard([1]), [{ id: 1, outcome: "running", state: "pending" }]);
  clock.now += 20_000;
  assert.deepEqual(await inbox.lease(1, 20_000), [], "it waits as after a failure");
  assert.equal((await inbox.show(1))!.isRunning, false);
  assert.deepEqual((await inbox.discard([1]))[0]!.outcome, "changed");
  await assert.rejects(inbox.finish(lease!, running, done), { code: "lease_lost" });
  assert.deepEqual((await inbox.renew([lease!], 20_000)).length, 1);
  assert.deepEqual(idsOf(await work(inbox)), [2]);
  assert.equal((await inbox.show(1))!.unfinished, 0);
  await inbox.release(lease!);
  assert.deepEqual((await inbox.overview()).totals, { done: 2, dead: 0 });
  await inbox.close();
});

test("discard() while a worker has the lane: it goes on with the next, also behind a callback that just failed", async () => {
  const { inbox, put } = openInbox();
  await put(3);
  const [lease] = await inbox.lease(1, 20_000);
  await inbox.finish(lease!, (await inbox.take(lease!))!, failed);
  assert.equal(await inbox.take(lease!), undefined);
  await inbox.discard([1, 3]);
  const next = (await inbox.take(lease!))!;
  assert.equal(next.id, 2);
  await inbox.finish(lease!, next, done);
  assert.equal(await inbox.take(lease!), undefined);
  await inbox.release(lease!);
  assert.deepEqual(await inbox.stats(), { pending: 0, done: 3, dead: 0 });
  await inbox.close();
});

test("prune() deletes what ended before, 500 at a time, and only of the states that it is told", async () => {
  const { inbox, clock, put } = openInbox();
  await put(1);
  await work(inbox, dead);
  await put(700);
  await work(inbox);
  clock.now += DAY;
  await put(1);
  await work(inbox);
  await put(1);
  const before = START + DAY;
  assert.equal(await inbox.prune(["done", "discarded"], before), 500);
  assert.equal(await inbox.prune(["done", "discarded"], before), 200);
  assert.equal(await inbox.prune(["done", "discarded"], before), 0);
  assert.deepEqual(await inbox.find({}), [703, 702, 1]);
  assert.equal(await inbox.prune(["dead"], before), 1);
  assert.deepEqual(await inbox.stats(), { pending: 1, done: 701, dead: 1 });
  await inbox.close();
});
