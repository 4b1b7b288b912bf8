// What every inbox that people can look into must do. Its own test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import type { Inbox, Outcome } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { acceptedCallback } from "../support/callbacks.ts";
import type { Clock } from "./inbox_suite.ts";
import { totalsOf } from "../support/totals_of.ts";

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;
const START = Date.UTC(2026, 0, 1);
const LEASE_MS = 20_000;
const position = { event: 3, handler: 1, fingerprint: "f" };
const failed = { kind: "failed", error: "E1", retryAfterMs: HOUR, position } as const;
const dead: Outcome = { kind: "dead", error: "E2", position };
const discarded: Outcome = { kind: "discarded", reason: "R" };
const done: Outcome = { kind: "done" };

type Inspected = Inbox & InspectableInbox;

interface Opened {
  readonly inbox: Inspected;
  readonly clock: Clock;
  /** Puts callbacks with the nonces `n1`, `n2`, ... into lane 1, or with what is given. @returns their ids */
  put(count: number, attributes?: Partial<AcceptedCallback>): Promise<readonly [number, ...number[]]>;
}

export function inspectSuite(name: string, open: (clock: Clock) => Inspected | Promise<Inspected>): void {
  function inboxTest(title: string, run: (opened: Opened) => Promise<void>): void {
    test(title, async () => {
      const clock = { now: START };
      const inbox = await open(clock);
      let last = 0;
      async function put(count: number, attributes = {}) {
        const nonces = Array.from({ length: count }, () => `n${++last}`);
        const shared = { scopeObjectId: 1, acceptedAt: clock.now, ...attributes };
        await Promise.all(nonces.map((nonce) => inbox.put(acceptedCallback({ nonce, timestamp: nonce, ...shared }))));
        const [first, ...others] = [...await inbox.find({}, count)].reverse();
        return [first!, ...others] as const;
      }
      try {
        await run({ inbox, clock, put });
      } finally {
        await inbox.close();
      }
    });
  }

  describe(name, () => {
    inboxTest("finish() deletes what is dropped, and counts it nowhere", async ({ inbox, clock, put }) => {
      const [probe, next] = await put(2);
      const [lease] = await inbox.lease(1, LEASE_MS);
      const work = await inbox.take(lease!);
      assert.equal(work?.id, probe);
      await inbox.finish(lease!, work!, { kind: "dropped" });
      assert.equal((await inbox.take(lease!))?.id, next);
      assert.equal(await inbox.show(probe), undefined);
      assert.deepEqual(await inbox.find({}), [next]);
      const { pending, done, discarded, dead, totals } = await inbox.overview();
      assert.deepEqual({ pending, done, discarded, dead, totals }, {
        ...{ pending: 1, done: 0, discarded: 0, dead: 0 },
        totals: { done: 0, dead: 0 },
      });
      assert.deepEqual(
        (await inbox.activity(START - HOUR, clock.now + HOUR, HOUR)).map(({ accepted, done }) => [accepted, done]),
        [[1, 0]],
      );
    });

    inboxTest(
      "overview() tells what is where, and which lanes a failed callback holds up since when",
      async ({ inbox, clock, put }) => {
        const [failing] = await put(1);
        await work(inbox, failed);
        clock.now += HOUR;
        await work(inbox, failed);
        const [next] = await put(1);
        await put(2, { scopeObjectId: 2 });
        await work(inbox, dead, discarded);
        await put(1, { scopeObjectId: 3 });
        await work(inbox);
        await put(1, { scopeObjectId: 3 });
        const held = { lane: 1, callback: failing, attempts: 2, since: START, retryAt: START + 2 * HOUR, error: "E1" };
        assert.deepEqual(await inbox.overview(), {
          pending: 3,
          done: 1,
          discarded: 1,
          dead: 1,
          deadCalls: 0,
          totals: { done: 2, dead: 1 },
          oldestPendingAt: START,
          lanes: 2,
          heldLanes: 1,
          longestHeld: [held],
        });
        const { state, retryAt, failedAt, error } = (await inbox.show(failing))!;
        assert.deepEqual({ state, retryAt, failedAt, error }, {
          state: "pending",
          retryAt: START + 2 * HOUR,
          failedAt: START,
          error: "E1",
        });
        // It holds nothing up: it waits.
        assert.equal((await inbox.show(next))!.retryAt, undefined);
        clock.now += HOUR;
        assert.equal((await inbox.overview()).heldLanes, 0);
      },
    );

    inboxTest("find() gives ids, newest first, by each filter", async ({ inbox, clock, put }) => {
      const [a, b] = await put(2);
      await work(inbox, dead);
      clock.now += 1000;
      const [c] = await put(1, { scopeObjectId: 2, webhookId: 7 });
      const [d] = await put(1, { webhookId: 7 });
      assert.deepEqual(await inbox.find({}), [d, c, b, a]);
      assert.deepEqual(await inbox.find({}, 2), [d, c]);
      assert.deepEqual(await inbox.find({ states: ["pending"] }), [d, c]);
      assert.deepEqual(await inbox.find({ states: ["dead", "pending"] }), [d, c, a]);
      assert.deepEqual(await inbox.find({ states: ["dead", "discarded"] }), [a]);
      assert.deepEqual(await inbox.find({ scopeObjectId: 1 }), [d, b, a]);
      assert.deepEqual(await inbox.find({ webhookId: 7, scopeObjectId: 2 }), [c]);
      assert.deepEqual(await inbox.find({ since: START + 1000 }), [d, c]);
      assert.deepEqual(await inbox.find({ until: START + 1000, states: ["done"] }), [b]);
      assert.equal(await inbox.show(d + 1000), undefined);
    });

    inboxTest(
      "activity() counts what came in and what ended, by steps, from since until before until",
      async ({ inbox, clock, put }) => {
        await put(1);
        clock.now += MINUTE - 1;
        await put(3);
        await work(inbox, done, dead, discarded);
        clock.now += 3 * MINUTE + 1;
        await put(1, { scopeObjectId: 2 });
        await work(inbox, failed);
        clock.now += MINUTE;
        await put(1, { scopeObjectId: 3 });
        // One of our own didn't come in.
        await put(1, { scopeObjectId: 3, webhookId: 0 });
        const [first, last] = [
          { at: START, accepted: 4, done: 3, dead: 1 },
          { at: START + 4 * MINUTE, accepted: 1, done: 0, dead: 0 },
        ];
        assert.deepEqual(await inbox.activity(START, START + 5 * MINUTE, MINUTE), [first, last]);
        assert.deepEqual(await inbox.activity(START - 5 * MINUTE, clock.now + 1, 10 * MINUTE), [
          { at: START - 5 * MINUTE, accepted: 5, done: 3, dead: 1 },
          { at: START + 5 * MINUTE, accepted: 1, done: 0, dead: 0 },
        ]);
        // A step that `until` cuts short counts no further.
        assert.deepEqual(await inbox.activity(START + 1, START + MINUTE - 1, HOUR), []);
        assert.deepEqual(await inbox.activity(START + 1, START + MINUTE, HOUR), [
          { at: START + 1, accepted: 3, done: 3, dead: 1 },
        ]);
      },
    );

    inboxTest("show() tells all that was put, and when the last attempt began", async ({ inbox, clock, put }) => {
      const [id] = await put(1, { webhookId: 7, digest: "D" });
      const accepted = acceptedCallback({
        nonce: "n1",
        timestamp: "n1",
        scopeObjectId: 1,
        acceptedAt: START,
        webhookId: 7,
        digest: "D",
      });
      assert.deepEqual(await inbox.show(id), {
        id,
        state: "pending",
        isRunning: false,
        ...accepted,
        attempts: 0,
        unfinished: 0,
        position: undefined,
        deadCalls: [],
        steps: [],
        error: undefined,
        failedAt: undefined,
        attemptedAt: undefined,
        failures: [],
        retryAt: undefined,
        endedAt: undefined,
      });
      clock.now += 1000;
      await work(inbox, failed);
      assert.equal((await inbox.show(id))!.attemptedAt, START + 1000);
      clock.now += HOUR;
      await work(inbox);
      const { state, attempts, attemptedAt, endedAt } = (await inbox.show(id))!;
      assert.deepEqual([state, attempts, attemptedAt, endedAt], ["done", 2, clock.now, clock.now]);
    });

    inboxTest(
      "show() tells each attempt that failed, was dead or never ended, also those before a replay",
      async ({ inbox, clock, put }) => {
        const [id] = await put(1);
        const [lease] = await inbox.lease(1, LEASE_MS);
        const first = (await inbox.take(lease!))!;
        clock.now += 1000;
        await inbox.finish(lease!, first, { ...failed, retryAfterMs: 0 });
        await inbox.take(lease!);
        clock.now += LEASE_MS;
        await inbox.lease(1, LEASE_MS);
        clock.now += MINUTE;
        const lost = (await inbox.lease(1, LEASE_MS))[0]!;
        const third = (await inbox.take(lost))!;
        assert.deepEqual([third.attempt, third.unfinished], [3, 1]);
        await inbox.finish(lost, third, dead);
        await inbox.release(lost);
        await inbox.replay([id]);
        clock.now += 1000;
        await work(inbox, failed);
        const [one, two, ...rest] = (await inbox.show(id))!.failures;
        const replayedAt = clock.now;
        assert.deepEqual(one, { attempt: 1, call: position, beganAt: START, endedAt: START + 1000, error: "E1" });
        assert.deepEqual([two!.attempt, two!.call, two!.beganAt], [2, position, START + 1000]);
        assert.ok(two!.endedAt >= START + 1000 + LEASE_MS);
        assert.match(two!.error, /^Never ended: /);
        assert.deepEqual(rest, [
          { attempt: 3, call: position, beganAt: replayedAt - 1000, endedAt: replayedAt - 1000, error: "E2" },
          { attempt: 1, call: position, beganAt: replayedAt, endedAt: replayedAt, error: "E1" },
        ]);
      },
    );

    inboxTest("show() tells the last 100 failures, oldest first", async ({ inbox, put }) => {
      const [id] = await put(1);
      const [lease] = await inbox.lease(1, DAY);
      for (let attempt = 1; attempt <= 102; attempt++) {
        const next = (await inbox.take(lease!))!;
        await inbox.finish(lease!, next, { ...failed, error: `E${attempt}`, retryAfterMs: 0 });
      }
      const { failures, error } = (await inbox.show(id))!;
      assert.deepEqual(failures.map(({ error }) => error), Array.from({ length: 100 }, (_, index) => `E${index + 3}`));
      assert.equal(error, "E102");
    });

    inboxTest("show() tells no failure of an attempt that was paused", async ({ inbox, put }) => {
      const [id] = await put(1);
      await work(inbox, { kind: "paused", position });
      const { attempts, failures } = (await inbox.show(id))!;
      // work() goes on with it, and it ends.
      assert.deepEqual([attempts, failures], [1, []]);
    });

    inboxTest(
      "replay() puts a dead one at the end of its lane; it goes on where it failed, with fresh attempts",
      async ({ inbox, clock, put }) => {
        const [id] = await put(1);
        await work(inbox, failed);
        clock.now += HOUR;
        await work(inbox, dead);
        assert.deepEqual((await inbox.show(id))!.steps, ["0/s"]);
        await put(2);
        assert.deepEqual(await inbox.replay([id]), [{ id, outcome: "changed", state: "dead", calls: 0 }]);
        await put(1);
        const { state, attempts, failedAt, endedAt, error } = (await inbox.show(id))!;
        assert.deepEqual([state, attempts, failedAt, endedAt, error], ["pending", 0, undefined, undefined, "E2"]);
        const works = await work(inbox);
        assert.deepEqual(works.map(({ callback }) => callback.nonce), ["n2", "n3", "n1", "n4"]);
        assert.deepEqual([works[2]!.attempt, { ...works[2]!.position }, [...works[2]!.steps]], [1, position, [[
          "0/s",
          "1",
        ]]]);
        assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 4, dead: 1 });
      },
    );

    inboxTest(
      "replay() lets done and discarded ones start afresh, leaves pending ones alone, and knows what isn't there",
      async ({ inbox, put }) => {
        const [a, b, c] = await put(3);
        await work(inbox, done, discarded, dead);
        await inbox.discard([c!]);
        const [d] = await put(1);
        assert.deepEqual(await inbox.replay([a, b!, c!, d, d + 1000]), [
          { id: a, outcome: "changed", state: "done", calls: 0 },
          { id: b, outcome: "changed", state: "discarded", calls: 0 },
          { id: c, outcome: "changed", state: "discarded", calls: 0 },
          { id: d, outcome: "unchanged", state: "pending", calls: 0 },
          { id: d + 1000, outcome: "unknown", state: undefined, calls: 0 },
        ]);
        assert.equal((await inbox.show(b!))!.error, undefined);
        const works = await work(inbox);
        assert.deepEqual(idsOf(works), [d, a, b, c]);
        for (const { attempt, position, steps } of works) {
          assert.deepEqual([attempt, position, steps.size], [1, undefined, 0]);
        }
      },
    );

    inboxTest(
      "replay() of a callback into a lane that a worker has is worked when it is given back, or before",
      async ({ inbox, put }) => {
        const [id] = await put(2);
        const [lease] = await inbox.lease(1, LEASE_MS);
        await inbox.finish(lease!, (await inbox.take(lease!))!, done);
        const second = (await inbox.take(lease!))!;
        await inbox.replay([id]);
        await inbox.finish(lease!, second, done);
        assert.equal((await inbox.take(lease!))!.id, id);
        await inbox.release(lease!);
      },
    );

    inboxTest(
      "replay() makes a lane that owed nothing wait behind those that have waited longer",
      async ({ inbox, clock, put }) => {
        const [id] = await put(1);
        await work(inbox);
        clock.now += 1000;
        await put(1, { scopeObjectId: 2 });
        clock.now += 1000;
        await inbox.replay([id]);
        assert.deepEqual((await inbox.lease(2, LEASE_MS)).map(({ lane }) => lane), [2, 1]);
      },
    );

    inboxTest("replay() and discard() wake who waits for work", async ({ inbox, put }) => {
      const signal = new AbortController().signal;
      const [first] = await put(1);
      await work(inbox);
      const replayed = inbox.wait(signal);
      await inbox.replay([first]);
      await replayed;
      await put(1);
      await work(inbox, failed);
      const discarded = inbox.wait(signal);
      await inbox.discard([first]);
      await discarded;
      assert.equal((await work(inbox)).length, 1);
    });

    inboxTest("discard() ends dead ones for good", async ({ inbox, put }) => {
      const [a, b] = await put(2);
      await work(inbox, dead);
      assert.deepEqual(await inbox.discard([a, b!]), [
        { id: a, outcome: "changed", state: "dead", calls: 0 },
        { id: b, outcome: "unchanged", state: "done", calls: 0 },
      ]);
      const { state, error, steps, position, endedAt } = (await inbox.show(a))!;
      assert.deepEqual({ state, error, steps, position, endedAt }, {
        state: "discarded",
        error: "Discarded by hand, after: E2",
        steps: [],
        position: undefined,
        endedAt: START,
      });
      assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 1, dead: 1 });
    });

    inboxTest(
      "discard() of what holds up its lane makes the lane due at once; of what waits, it doesn't",
      async ({ inbox, clock, put }) => {
        const [a, b, c] = await put(3);
        await work(inbox, failed);
        await inbox.discard([b!]);
        assert.deepEqual(await inbox.lease(1, LEASE_MS), []);
        assert.deepEqual(await totalsOf(inbox), { pending: 2, done: 1, dead: 0 });
        clock.now += 1;
        await inbox.discard([a]);
        assert.deepEqual(idsOf(await work(inbox)), [c]);
        assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 3, dead: 0 });
        // The wait was the discarded one's: the next owes nothing of it.
        const [d] = await put(1);
        assert.deepEqual(idsOf(await work(inbox)), [d]);
      },
    );

    inboxTest(
      "discard() of all that a lane owes leaves nothing to work, and the lane as good as new",
      async ({ inbox, put }) => {
        const ids = await put(2);
        await inbox.discard(ids);
        assert.deepEqual(await inbox.lease(1, LEASE_MS), []);
        const { lanes, pending, discarded, oldestPendingAt } = await inbox.overview();
        assert.deepEqual([lanes, pending, discarded, oldestPendingAt], [0, 0, 2, undefined]);
        const [next] = await put(1);
        assert.deepEqual(idsOf(await work(inbox)), [next]);
      },
    );

    inboxTest("discard() leaves alone what is running, until its lease has run out", async ({ inbox, clock, put }) => {
      const [a, b] = await put(2);
      const [lease] = await inbox.lease(1, LEASE_MS);
      const running = (await inbox.take(lease!))!;
      assert.equal((await inbox.show(a))!.isRunning, true);
      assert.deepEqual(await inbox.discard([a]), [{ id: a, outcome: "running", state: "pending", calls: 0 }]);
      clock.now += LEASE_MS;
      assert.deepEqual(await inbox.lease(1, LEASE_MS), [], "it waits as after a failure");
      assert.equal((await inbox.show(a))!.isRunning, false);
      assert.deepEqual((await inbox.discard([a]))[0]!.outcome, "changed");
      await assert.rejects(inbox.finish(lease!, running, done), { code: "lease_lost" });
      assert.deepEqual((await inbox.renew([lease!], LEASE_MS)).length, 1);
      assert.deepEqual(idsOf(await work(inbox)), [b]);
      assert.equal((await inbox.show(a))!.unfinished, 0);
      await inbox.release(lease!);
      assert.deepEqual((await inbox.overview()).totals, { done: 2, dead: 0 });
    });

    inboxTest(
      "discard() of what was running when its lease ran out leaves no trace on the next",
      async ({ inbox, clock, put }) => {
        const [a, b] = await put(2);
        const [lease] = await inbox.lease(1, LEASE_MS);
        await inbox.take(lease!);
        clock.now += LEASE_MS;
        assert.equal((await inbox.show(a))!.isRunning, false);
        assert.equal((await inbox.discard([a]))[0]!.outcome, "changed");
        const { attempts, attemptedAt } = (await inbox.show(a))!;
        assert.deepEqual([attempts, attemptedAt], [1, START]);
        assert.deepEqual((await work(inbox)).map(({ id, unfinished }) => [id, unfinished]), [[b, 0]]);
        assert.deepEqual((await inbox.show(b!))!.failures, []);
      },
    );

    inboxTest(
      "discard() while a worker has the lane: it goes on with the next, also behind a callback that just failed",
      async ({ inbox, put }) => {
        const [a, b, c] = await put(3);
        const [lease] = await inbox.lease(1, LEASE_MS);
        await inbox.finish(lease!, (await inbox.take(lease!))!, failed);
        assert.equal(await inbox.take(lease!), undefined);
        await inbox.discard([a, c!]);
        const next = (await inbox.take(lease!))!;
        assert.equal(next.id, b);
        await inbox.finish(lease!, next, done);
        assert.equal(await inbox.take(lease!), undefined);
        await inbox.release(lease!);
        assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 3, dead: 0 });
      },
    );

    inboxTest(
      "prune() deletes what ended before, 500 at a time, and only of the states that it is told",
      async ({ inbox, clock, put }) => {
        const [letter] = await put(1);
        await work(inbox, dead);
        await put(700);
        await work(inbox);
        clock.now += DAY;
        const [kept] = await put(1);
        await work(inbox);
        const [owed] = await put(1);
        const before = START + DAY;
        assert.equal(await inbox.prune(["discarded"], before), 0);
        assert.equal(await inbox.prune(["done", "discarded"], before), 500);
        assert.equal(await inbox.prune(["done", "discarded"], before), 200);
        assert.equal(await inbox.prune(["done", "discarded"], before), 0);
        assert.deepEqual(await inbox.find({}), [owed, kept, letter]);
        assert.equal(await inbox.put(acceptedCallback({ nonce: "n2", timestamp: "n2", scopeObjectId: 1 })), "stored");
        assert.equal(await inbox.prune(["dead"], before), 1);
        assert.deepEqual(await totalsOf(inbox), { pending: 2, done: 701, dead: 1 });
      },
    );
  });
}

/** Works what is due in the order in which it comes, and ends each as told, the rest with done. */
async function work(inbox: Inbox, ...outcomes: Outcome[]) {
  const works = [];
  for (const lease of await inbox.lease(100, LEASE_MS)) {
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
