// What every inbox must do. An inbox's own test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import type { Inbox, Lease, Position } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { acceptedCallback } from "../support/callbacks.ts";
import { totalsOf } from "../support/totals_of.ts";

type FullInbox = Inbox & InspectableInbox;

const POSITION: Position = { event: 3, handler: 1, fingerprint: "f" };
const LONG_MS = 60_000;

/** A clock that the suite moves: milliseconds since 1970. */
export interface Clock {
  now: number;
}

export function inboxSuite(name: string, open: (clock: Clock) => FullInbox | Promise<FullInbox>): void {
  const clock = { now: Date.UTC(2026, 0, 1) };
  let number = 0;
  const callback = (scopeObjectId = 1) =>
    acceptedCallback({ nonce: `n${++number}`, timestamp: `t${number}`, scopeObjectId });

  async function leaseOne(inbox: Inbox, leaseMs = LONG_MS): Promise<Lease> {
    const [lease] = await inbox.lease(1, leaseMs);
    assert.ok(lease);
    return lease;
  }

  function inboxTest(title: string, run: (inbox: FullInbox) => Promise<void>): void {
    test(title, async () => {
      const inbox = await open(clock);
      try {
        await run(inbox);
      } finally {
        await inbox.close();
      }
    });
  }

  describe(name, () => {
    inboxTest("put() stores the same callback once, by nonce or by timestamp", async (inbox) => {
      const first = callback();
      assert.equal(await inbox.put(first), "stored");
      assert.equal(await inbox.put(first), "duplicate");
      assert.equal(await inbox.put({ ...first, nonce: "another" }), "duplicate");
      assert.equal(await inbox.put({ ...first, timestamp: "another" }), "duplicate");
      assert.equal(await inbox.put({ ...first, digest: "later events were merged into it" }), "stored");
      assert.equal(await inbox.put({ ...first, webhookId: 5 }), "stored");
      assert.equal((await inbox.overview()).pending, 3);
    });

    inboxTest("put() stores one of two that come at the same time", async (inbox) => {
      const first = callback();
      const results = await Promise.all([first, { ...first, nonce: "another" }, first].map((each) => inbox.put(each)));
      assert.deepEqual(results.sort(), ["duplicate", "duplicate", "stored"]);
    });

    inboxTest("take() gives back what was put, whole", async (inbox) => {
      const put = callback();
      await inbox.put(put);
      const work = await inbox.take(await leaseOne(inbox));
      assert.deepEqual({ ...work?.callback }, put);
      assert.equal(work?.attempt, 1);
      assert.equal(work?.position, undefined);
      assert.deepEqual([...work!.steps], []);
    });

    inboxTest("a callback keeps the trace that it was put with", async (inbox) => {
      const put = { ...callback(), traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
      await inbox.put(put);
      const lease = await leaseOne(inbox);
      const work = (await inbox.take(lease))!;
      assert.deepEqual({ ...work.callback }, put);
      await inbox.finish(lease, work, { kind: "failed", error: "E", position: POSITION, retryAfterMs: 0 });
      assert.deepEqual({ ...(await inbox.take(lease))!.callback }, put);
    });

    inboxTest("a lane is worked in the order in which its callbacks were put", async (inbox) => {
      const put = Array.from({ length: 20 }, () => callback());
      for (const each of put) await inbox.put(each);
      const lease = await leaseOne(inbox);
      const nonces: string[] = [];
      for (let work; (work = await inbox.take(lease));) {
        nonces.push(work.callback.nonce);
        await inbox.finish(lease, work, { kind: "done" });
      }
      assert.deepEqual(nonces, put.map(({ nonce }) => nonce));
      assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 20, dead: 0 });
    });

    inboxTest("lease() gives the lanes that have waited longest first, also after a failure", async (inbox) => {
      await inbox.put(callback(1));
      const failing = await leaseOne(inbox);
      const work = (await inbox.take(failing))!;
      await inbox.finish(failing, work, { kind: "failed", error: "E", retryAfterMs: 1000, position: POSITION });
      await inbox.release(failing);
      clock.now += 500;
      await inbox.put(callback(2));
      clock.now += 500;
      assert.deepEqual([(await leaseOne(inbox)).lane, (await leaseOne(inbox)).lane], [2, 1]);
    });

    inboxTest("lease() gives what is due, whatever isn't any more", async (inbox) => {
      await inbox.put(callback(1));
      await inbox.discard(await inbox.find({}));
      await inbox.put(callback(2));
      const lost = await leaseOne(inbox, 1000);
      assert.equal(lost.lane, 2, "a lane that has nothing pending doesn't count");
      await inbox.take(lost);
      clock.now += 1000 + 1200;
      assert.equal((await leaseOne(inbox)).lane, 2, "the attempt was lost, and its delay is over");
    });

    inboxTest(
      "finish() takes the next callback of the lane, if it is asked to and there is one that is due",
      async (inbox) => {
        const put = [callback(), callback(), callback()];
        for (const each of put) await inbox.put(each);
        const lease = await leaseOne(inbox);
        const next = { next: true };
        assert.equal(await inbox.finish(lease, (await inbox.take(lease))!, { kind: "done" }), undefined);
        const second = (await inbox.take(lease))!;
        assert.equal(second.callback.nonce, put[1]!.nonce, "nothing was taken");
        const failed = { kind: "failed", error: "E", position: POSITION } as const;
        const again = (await inbox.finish(lease, second, { ...failed, retryAfterMs: 0 }, next))!;
        assert.deepEqual([again.id, again.attempt, again.position], [second.id, 2, POSITION]);
        const third = (await inbox.finish(lease, again, { kind: "done" }, next))!;
        assert.deepEqual({ ...third.callback }, put[2]);
        assert.equal(third.attempt, 1);
        assert.equal(await inbox.finish(lease, third, { ...failed, retryAfterMs: 1000 }, next), undefined);
        clock.now += 1000;
        const last = (await inbox.take(lease))!;
        assert.equal(await inbox.finish(lease, last, { kind: "done" }, next), undefined);
        assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 3, dead: 0 });
      },
    );

    inboxTest("renew() and release() know a lease by its token", async (inbox) => {
      await inbox.put(callback());
      const lease = await leaseOne(inbox);
      await inbox.finish(lease, (await inbox.take(lease))!, { kind: "done" }, { next: true });
      assert.deepEqual(await inbox.renew([{ ...lease }], LONG_MS), [], "no lost one");
      await inbox.release({ ...lease });
      await inbox.put(callback());
      assert.notEqual((await leaseOne(inbox)).token, lease.token);
    });

    inboxTest("a lane is leased to one at a time; others aren't held up", async (inbox) => {
      await inbox.put(callback(1));
      await inbox.put(callback(2));
      const [first] = await inbox.lease(1, LONG_MS);
      const rest = await inbox.lease(10, LONG_MS);
      assert.deepEqual([first!.lane, ...rest.map(({ lane }) => lane)].sort(), [1, 2]);
      await inbox.put(callback(1));
      assert.deepEqual(await inbox.lease(10, LONG_MS), []);
      await inbox.release(first!);
      assert.equal((await leaseOne(inbox)).lane, 1);
    });

    inboxTest("a lane that is given back waits behind the others", async (inbox) => {
      for (const lane of [1, 1, 2]) await inbox.put(callback(lane));
      const lease = await leaseOne(inbox);
      assert.equal(lease.lane, 1);
      clock.now += 1;
      await inbox.release(lease);
      assert.equal((await leaseOne(inbox)).lane, 2);
    });

    inboxTest("a callback that failed holds its lane until it is due, and keeps its place", async (inbox) => {
      const [failing, next] = [callback(), callback()];
      await inbox.put(failing);
      await inbox.put(next);
      const lease = await leaseOne(inbox);
      const work = await inbox.take(lease);
      await inbox.finish(lease, work!, { kind: "failed", error: "E", retryAfterMs: 1000, position: POSITION });
      assert.equal(await inbox.take(lease), undefined);
      await inbox.release(lease);
      clock.now += 999;
      assert.deepEqual(await inbox.lease(1, LONG_MS), []);
      clock.now += 1;
      const again = await inbox.take(await leaseOne(inbox));
      assert.equal(again?.callback.nonce, failing.nonce);
      assert.equal(again?.attempt, 2);
      assert.deepEqual({ ...again?.position }, POSITION);
    });

    inboxTest("a pause keeps the place and doesn't count as an attempt", async (inbox) => {
      await inbox.put(callback());
      const lease = await leaseOne(inbox);
      await inbox.finish(lease, (await inbox.take(lease))!, { kind: "paused", position: POSITION });
      const again = await inbox.take(lease);
      assert.equal(again?.attempt, 1);
      assert.deepEqual({ ...again?.position }, POSITION);
    });

    inboxTest("a dead letter and a discarded callback let their lane go on", async (inbox) => {
      for (let count = 0; count < 3; count++) await inbox.put(callback());
      const lease = await leaseOne(inbox);
      await inbox.finish(lease, (await inbox.take(lease))!, { kind: "dead", error: "E", position: POSITION });
      await inbox.finish(lease, (await inbox.take(lease))!, { kind: "discarded", reason: "R" });
      assert.ok(await inbox.take(lease));
      assert.deepEqual(await totalsOf(inbox), { pending: 1, done: 1, dead: 1 });
    });

    inboxTest("what was done is still recognised when it comes again", async (inbox) => {
      const put = callback();
      await inbox.put(put);
      const lease = await leaseOne(inbox);
      await inbox.finish(lease, (await inbox.take(lease))!, { kind: "done" });
      await inbox.release(lease);
      assert.equal(await inbox.put(put), "duplicate");
      assert.deepEqual(await inbox.lease(1, LONG_MS), []);
    });

    inboxTest("steps and positions are there for the next attempt", async (inbox) => {
      await inbox.put(callback());
      const lease = await leaseOne(inbox);
      const work = (await inbox.take(lease))!;
      await inbox.saveStep(lease, work, "3/1/mail", '"sent"');
      await inbox.saveProgress(lease, work, { position: POSITION });
      await inbox.release(lease);
      const again = await inbox.take(await leaseOne(inbox));
      assert.deepEqual([...again!.steps], [["3/1/mail", '"sent"']]);
      assert.deepEqual({ ...again?.position }, POSITION);
    });

    inboxTest("a lease that runs out is another's, and who has lost it can't record anything", async (inbox) => {
      await inbox.put(callback());
      const lost = await leaseOne(inbox, 1000);
      const work = (await inbox.take(lost))!;
      clock.now += 1001;
      assert.deepEqual(await inbox.lease(1, LONG_MS), [], "an attempt that was lost waits like one that failed");
      clock.now += 1200;
      const lease = await leaseOne(inbox);
      assert.deepEqual(await inbox.renew([lost], 1000), [lost]);
      for (
        const record of [
          () => inbox.take(lost),
          () => inbox.finish(lost, work, { kind: "done" }),
          () => inbox.saveProgress(lost, work, { position: POSITION }),
          () => inbox.saveStep(lost, work, "k", "1"),
        ]
      ) await assert.rejects(record, { code: "lease_lost" });
      await inbox.release(lost);
      assert.deepEqual(await inbox.lease(1, LONG_MS), [], "the new lease stands");
      const paused = await inbox.take(lease);
      await inbox.finish(lease, paused!, { kind: "paused", position: POSITION });
      const again = await inbox.take(lease);
      assert.equal(again?.attempt, 2, "the attempt that was lost counts");
      assert.equal(again?.unfinished, 1, "a process that stops gracefully doesn't end the doubt");
      await inbox.finish(lease, again!, { kind: "failed", error: "E", retryAfterMs: 0, position: POSITION });
      assert.equal((await inbox.take(lease))?.unfinished, 0, "an attempt that ended is finished");
    });

    inboxTest("a lease that runs out before a callback was taken leaves the lane due", async (inbox) => {
      await inbox.put(callback());
      await leaseOne(inbox, 1000);
      clock.now += 1001;
      assert.equal((await inbox.take(await leaseOne(inbox)))?.unfinished, 0);
    });

    inboxTest("renew() keeps a lease", async (inbox) => {
      await inbox.put(callback());
      const lease = await leaseOne(inbox, 1000);
      clock.now += 900;
      assert.deepEqual(await inbox.renew([lease], 1000), []);
      clock.now += 900;
      assert.deepEqual(await inbox.lease(1, LONG_MS), []);
      assert.ok(await inbox.take(lease));
    });

    inboxTest("check() finds that a callback could be stored", async (inbox) => {
      await inbox.check();
      await inbox.put(callback());
      await inbox.check();
      assert.equal((await inbox.overview()).pending, 1);
    });

    inboxTest("wait() ends when a callback is put, and when it is told to", async (inbox) => {
      const stop = new AbortController();
      const woken = inbox.wait(stop.signal);
      await inbox.put(callback());
      await woken;
      await inbox.finish(...await takeOne(inbox), { kind: "done" });
      const told = inbox.wait(stop.signal);
      stop.abort();
      await told;
      await inbox.wait(stop.signal);
    });

    inboxTest("wait() ends when a lane that owes something is given back", async (inbox) => {
      await inbox.put(callback());
      const lease = await leaseOne(inbox);
      const stop = new AbortController();
      const woken = inbox.wait(stop.signal);
      await inbox.release(lease);
      // The lease itself would end in a minute.
      const tooLate = new AbortController();
      await Promise.race([woken, delay(30_000, tooLate.signal).then(() => assert.fail("nobody woke it"))]);
      tooLate.abort();
      stop.abort();
      await leaseOne(inbox);
    });

    inboxTest("a clock may tell fractions of a millisecond", async (inbox) => {
      clock.now += 0.6;
      await inbox.put({ ...callback(), acceptedAt: clock.now });
      const [lease, work] = await takeOne(inbox);
      assert.deepEqual(await inbox.renew([lease], LONG_MS), []);
      await inbox.finish(lease, work, { kind: "failed", error: "E", retryAfterMs: 1000, position: POSITION });
      await inbox.release(lease);
      const stop = new AbortController();
      const waited = inbox.wait(stop.signal);
      stop.abort();
      await waited;
      clock.now += 1001;
      const [again, { id }] = await takeOne(inbox);
      await inbox.release(again);
      await inbox.discard([id]);
      assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 1, dead: 0 });
    });
  });

  async function takeOne(inbox: FullInbox) {
    const lease = await leaseOne(inbox);
    return [lease, (await inbox.take(lease))!] as const;
  }
}
