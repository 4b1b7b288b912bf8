import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import type { Inbox, Outcome } from "../../src/inbox/inbox.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { acceptedCallback } from "../support/callbacks.ts";
import { alertsSuite } from "../suites/alerts_suite.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";
import { deadCallsSuite } from "../suites/dead_calls_suite.ts";
import { inspectSuite } from "../suites/inspect_suite.ts";
import { mirrorSuite } from "../suites/mirror_suite.ts";
import { totalsOf } from "../support/totals_of.ts";

inboxSuite("memory inbox", (clock) => memoryInbox({ now: () => clock.now }));
inspectSuite("memory inbox, inspected", (clock) => memoryInbox({ now: () => clock.now }));
deadCallsSuite("memory inbox, dead calls", (clock) => memoryInbox({ now: () => clock.now }));
mirrorSuite("memory inbox, mirror", (clock) => memoryInbox({ now: () => clock.now }));
alertsSuite("memory inbox", () => {
  const inbox = memoryInbox();
  return [inbox, inbox];
});

const done: Outcome = { kind: "done" };
const dead = { kind: "dead", error: "E", position: { event: 0, handler: 0, fingerprint: "" } } as const;
const numbered = (number: number, attributes = {}) =>
  acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, ...attributes });

async function putAndEnd(inbox: Inbox, outcome: Outcome, ...numbers: number[]): Promise<void> {
  for (const number of numbers) await inbox.put(numbered(number));
  const [lease] = await inbox.lease(1, 60_000);
  for (let work; (work = await inbox.take(lease!));) await inbox.finish(lease!, work, outcome);
  await inbox.release(lease!);
}

test("memoryInbox() refuses options that can't be meant", () => {
  for (
    const options of [{ maxPending: NaN }, { maxPending: 0 }, { keepMs: NaN }, { keepMs: -1 }, { maxRemembered: 0.5 }]
  ) {
    const [name] = Object.keys(options);
    assert.throws(() => memoryInbox(options), { code: "option_invalid", message: new RegExp(`^${name} is `) });
  }
  assert.throws(() => memoryInbox({ maxPendings: 5 } as never), {
    code: "option_invalid",
    message: /memoryInbox\(\) has no option "maxPendings": did you mean maxPending\?/,
  });
});

test("memoryInbox() refuses more than maxPending", async () => {
  const inbox = memoryInbox({ maxPending: 2 });
  await inbox.put(numbered(1));
  await inbox.check();
  await inbox.put(numbered(2));
  await assert.rejects(inbox.put(numbered(3)), { code: "inbox_full" });
  await assert.rejects(inbox.check(), { code: "inbox_full" });
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  const lease = (await inbox.lease(1, 60_000))[0]!;
  await inbox.finish(lease, (await inbox.take(lease))!, done);
  assert.equal(await inbox.put(numbered(3)), "stored");
});

test("memoryInbox() remembers what is owed, and maxRemembered callbacks that ended, the last ones", async () => {
  const inbox = memoryInbox({ maxRemembered: 2 });
  await putAndEnd(inbox, done, 1, 2, 3);
  for (const number of [4, 5, 6]) await inbox.put(numbered(number));
  for (const number of [2, 3, 4, 5, 6]) assert.equal(await inbox.put(numbered(number)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
  assert.deepEqual(await totalsOf(inbox), { pending: 4, done: 3, dead: 0 });
});

test("memoryInbox() forgets dead letters last", async () => {
  const inbox = memoryInbox({ maxRemembered: 3 });
  await putAndEnd(inbox, dead, 1, 2);
  await putAndEnd(inbox, done, 3, 4);
  assert.deepEqual(await inbox.find({}), [4, 2, 1]);
  await putAndEnd(inbox, dead, 5, 6);
  assert.deepEqual(await inbox.find({}), [6, 5, 2]);
  assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 2, dead: 4 });
});

test("memoryInbox() remembers for keepMs what is done, and dead letters longer", async () => {
  let now = 0;
  const inbox = memoryInbox({ keepMs: 1000, now: () => now });
  await putAndEnd(inbox, dead, 1);
  await putAndEnd(inbox, done, 2);
  await inbox.put(numbered(3));
  now = 1000;
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  now = 1001;
  assert.equal(await inbox.put(numbered(2)), "stored");
  assert.equal(await inbox.put(numbered(1)), "duplicate");
  assert.equal(await inbox.put(numbered(3)), "duplicate");
});

test("memoryInbox() remembers no more than 128 MiB of bodies that ended", async () => {
  const inbox = memoryInbox();
  const body = "x".repeat(50 * 2 ** 20);
  for (const number of [1, 2, 3]) await inbox.put(numbered(number, { body }));
  assert.equal((await inbox.find({})).length, 3);
  await putAndEnd(inbox, done, 4);
  assert.deepEqual(await inbox.find({}), [4, 3, 2]);
  await inbox.replay([2, 3, 4]);
  await putAndEnd(inbox, done, 5);
  assert.deepEqual(await inbox.find({}), [5, 4, 3, 2], "what was replayed counts once");
  assert.equal(await inbox.put(numbered(1)), "stored");
});

test("finish() of an attempt that has ended rejects", async () => {
  const inbox = memoryInbox();
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 60_000);
  const work = (await inbox.take(lease!))!;
  await inbox.finish(lease!, work, { ...dead, kind: "failed", retryAfterMs: 0 });
  await assert.rejects(inbox.finish(lease!, work, done), { code: "lease_lost" });
});

test("wait() doesn't end for lanes that owe nothing: emptied by hand, or never given back", async () => {
  let now = 0;
  const inbox = memoryInbox({ now: () => now });
  await inbox.put(numbered(1));
  await inbox.discard(await inbox.find({}));
  await inbox.put(numbered(2, { scopeObjectId: 2 }));
  const [lease] = await inbox.lease(1, 1000);
  await inbox.finish(lease!, (await inbox.take(lease!))!, done);
  now = 1000;
  assert.deepEqual(await inbox.lease(1, 1000), []);
  const stop = new AbortController();
  let isOver = false;
  const waited = inbox.wait(stop.signal).then(() => isOver = true);
  await delay(20);
  assert.equal(isOver, false);
  stop.abort();
  await waited;
});
