// What every inbox must do with dead calls. Its own test calls this with a way to open an empty one.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CallName, EndedCall, Inbox, Outcome, Work } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { acceptedCallback } from "../support/callbacks.ts";
import { totalsOf } from "../support/totals_of.ts";
import type { Clock } from "./inbox_suite.ts";

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;
const LEASE_MS = 20_000;
const position = (event: CallName, handler = 0) => ({ event, handler, fingerprint: "f" });
const ended = (event: CallName, error?: string, attempt = 2): EndedCall => ({
  call: position(event),
  handler: "row.* save#1",
  attempt,
  error,
});
const done: Outcome = { kind: "done" };

type FullInbox = Inbox & InspectableInbox;

interface Opened {
  readonly inbox: FullInbox;
  readonly clock: Clock;
  put(attributes?: { readonly scopeObjectId?: number; readonly webhookId?: number }): Promise<number>;
  /** Leases the lane that is due, and runs `act` on each callback that it takes; the rest ends as done. @returns what was taken */
  work(...acts: ((work: Work) => Outcome)[]): Promise<Work[]>;
}

export function deadCallsSuite(name: string, open: (clock: Clock) => FullInbox | Promise<FullInbox>): void {
  function inboxTest(title: string, run: (opened: Opened) => Promise<void>): void {
    test(title, async () => {
      const clock = { now: START };
      const inbox = await open(clock);
      let last = 0;
      async function put(attributes = {}) {
        const nonce = `n${++last}`;
        await inbox.put(
          acceptedCallback({ nonce, timestamp: nonce, scopeObjectId: 1, acceptedAt: clock.now, ...attributes }),
        );
        return (await inbox.find({}, 1))[0]!;
      }
      async function work(...acts: ((work: Work) => Outcome)[]) {
        const works: Work[] = [];
        for (const lease of await inbox.lease(100, LEASE_MS)) {
          for (let next; (next = await inbox.take(lease));) {
            works.push(next);
            await inbox.finish(lease, next, acts.shift()?.(next) ?? done);
          }
          await inbox.release(lease);
        }
        return works;
      }
      try {
        await run({ inbox, clock, put, work });
      } finally {
        await inbox.close();
      }
    });
  }

  const dead = (...calls: readonly EndedCall[]) => (): Outcome => ({
    kind: "dead",
    error: calls.at(-1)!.error!,
    ended: calls,
  });

  describe(name, () => {
    inboxTest(
      "a dead call is kept with its error, and is there for the next attempt",
      async ({ inbox, clock, put, work }) => {
        const id = await put();
        const error = "Error: no\n    at somewhere";
        await work(() => ({
          kind: "failed",
          error: "E",
          retryAfterMs: HOUR,
          position: position(3),
          attempt: 1,
          ended: [ended(1, error), ended(2, error)],
        }));
        clock.now += HOUR;
        const [again] = await work(dead(ended("all", "F", 15)));
        const handler = "row.* save#1";
        assert.deepEqual(again!.position, position(3));
        assert.equal(again!.attempt, 2);
        assert.deepEqual(again!.deadCalls, [
          { number: 1, call: position(1), handler, isOwed: false },
          { number: 2, call: position(2), handler, isOwed: false },
        ]);
        const { state, deadCalls, error: last, failures } = (await inbox.show(id))!;
        assert.equal(state, "dead");
        assert.equal(last, "F");
        const shared = { handler, state: "dead" };
        assert.deepEqual(deadCalls, [
          { number: 1, call: position(1), ...shared, attempts: 2, diedAt: START, error },
          { number: 2, call: position(2), ...shared, attempts: 2, diedAt: START, error },
          { number: 3, call: position("all"), ...shared, attempts: 15, diedAt: START + HOUR, error: "F" },
        ]);
        assert.deepEqual(failures.map(({ attempt, call, error }) => [attempt, call?.event, error]), [
          [2, 1, error],
          [2, 2, error],
          [1, 3, "E"],
          [15, "all", "F"],
        ]);
        assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 0, dead: 1 });
        assert.equal((await inbox.overview()).deadCalls, 3);
      },
    );

    inboxTest(
      "a dead letter keeps the error of its last dead call, if no other is given",
      async ({ inbox, clock, put, work }) => {
        const id = await put();
        const failed = { kind: "failed", error: "later", retryAfterMs: 0, position: position(2) } as const;
        await work(
          () => ({ ...failed, ended: [ended(0, "A"), ended(1, "B")] }),
          () => ({ kind: "dead" }),
        );
        assert.equal((await inbox.show(id))!.error, "B");
        assert.equal((await inbox.show(id))!.position, undefined);
        await inbox.replay([id], { calls: [1] });
        clock.now += 1;
        await work(() => ({ kind: "dead", ended: [ended(0, "C")] }));
        assert.equal((await inbox.show(id))!.error, "C");
      },
    );

    inboxTest("the attempts are those at the call that the callback is at", async ({ inbox, put }) => {
      const id = await put();
      const [lease] = await inbox.lease(1, LEASE_MS);
      const failed = { kind: "failed", error: "E", retryAfterMs: 0 } as const;
      let work = (await inbox.take(lease!))!;
      await inbox.finish(lease!, work, { ...failed, position: position(0) });
      work = (await inbox.take(lease!))!;
      assert.equal(work.attempt, 2);
      await inbox.finish(lease!, work, { ...failed, position: position(1), attempt: 1 });
      work = (await inbox.take(lease!))!;
      assert.equal(work.attempt, 2);
      await inbox.saveProgress(lease!, work, { position: position(2), attempt: 1 });
      assert.equal((await inbox.show(id))!.attempts, 1);
      await inbox.finish(lease!, work, { kind: "paused", position: position(2), attempt: 1 });
      work = (await inbox.take(lease!))!;
      assert.deepEqual([work.attempt, work.position], [1, position(2)]);
      await inbox.saveProgress(lease!, work, { position: position(3), attempt: 1 });
      await inbox.finish(lease!, work, { ...failed, position: position(3), attempt: 1 });
      assert.equal((await inbox.take(lease!))!.attempt, 2);
    });

    inboxTest(
      "an attempt that never ends counts against the call that was saved last",
      async ({ inbox, clock, put }) => {
        const id = await put();
        const [lease] = await inbox.lease(1, LEASE_MS);
        const work = (await inbox.take(lease!))!;
        await inbox.saveProgress(lease!, work, { position: position(4), attempt: 1, ended: [ended(1, "E")] });
        clock.now += LEASE_MS;
        await inbox.lease(1, LEASE_MS);
        clock.now += HOUR;
        const [again] = await inbox.lease(1, LEASE_MS);
        const next = (await inbox.take(again!))!;
        assert.deepEqual([next.attempt, next.unfinished, next.position], [2, 1, position(4)]);
        assert.deepEqual(next.deadCalls.map(({ call }) => call.event), [1]);
        const { failures } = (await inbox.show(id))!;
        assert.deepEqual(failures.map(({ attempt, call }) => [attempt, call]), [[2, position(1)], [1, position(4)]]);
        await inbox.saveProgress(again!, next, { position: position(5), attempt: 1 });
        clock.now += LEASE_MS;
        await inbox.lease(1, LEASE_MS);
        clock.now += 1300;
        assert.equal((await inbox.lease(1, LEASE_MS)).length, 1, "the wait starts anew, too");
      },
    );

    inboxTest(
      "what is saved twice is kept once; a call that dies again keeps its number",
      async ({ inbox, clock, put, work }) => {
        const id = await put();
        const [lease] = await inbox.lease(1, LEASE_MS);
        const taken = (await inbox.take(lease!))!;
        const twice = [ended(1, "E"), ended(2, "E")];
        for (let count = 0; count < 2; count++) {
          await inbox.saveProgress(lease!, taken, { position: position(3), attempt: 1, ended: twice });
        }
        await inbox.finish(lease!, taken, dead(...twice)());
        await inbox.release(lease!);
        const { deadCalls: kept, failures } = (await inbox.show(id))!;
        assert.deepEqual(kept.map(({ number }) => number), [1, 2]);
        assert.deepEqual(failures.map(({ call }) => call?.event), [1, 2]);
        await inbox.replay([id]);
        clock.now += HOUR;
        await work(dead(ended(2, "G", 7)));
        const { deadCalls } = (await inbox.show(id))!;
        assert.deepEqual(
          deadCalls.map(({ number, state, attempts, diedAt, error }) => [number, state, attempts, diedAt, error]),
          [[1, "owed", 2, START, "E"], [2, "dead", 7, START + HOUR, "G"]],
        );
      },
    );

    inboxTest("a call that dies gets a number that no other had in that attempt", async ({ inbox, put, work }) => {
      const id = await put();
      await work(dead(ended(0, "A")));
      await inbox.replay([id]);
      await work(dead(ended(0), ended(1, "B")));
      const { deadCalls } = (await inbox.show(id))!;
      assert.deepEqual(deadCalls.map(({ number, call }) => [number, call.event]), [[2, 1]]);
    });

    inboxTest(
      "replay() makes dead calls owed: all, those that are picked, or those of an error",
      async ({ inbox, put, work }) => {
        const id = await put();
        const other = await put();
        const letter = dead(ended(0, "A 12345678"), ended(1, "B"), ended("all", "A 87654321"));
        await work(letter, letter);
        assert.deepEqual(await inbox.replay([id], { calls: [9] }), [{
          id,
          outcome: "unchanged",
          state: "dead",
          calls: 0,
        }]);
        assert.deepEqual(await inbox.replay([id, other], { error: "A …" }), [
          { id, outcome: "changed", state: "dead", calls: 2 },
          { id: other, outcome: "changed", state: "dead", calls: 2 },
        ]);
        const { state, attempts, deadCalls } = (await inbox.show(id))!;
        assert.deepEqual([state, attempts], ["pending", 0]);
        assert.deepEqual(deadCalls.map(({ state }) => state), ["owed", "dead", "owed"]);
        assert.equal((await inbox.overview()).deadCalls, 0, "those of dead letters");
        const [first] = await work(
          () => ({ kind: "dead", error: "B", ended: [ended(0), ended("all")] }),
          () => ({ kind: "dead", error: "B", ended: [ended(0), ended("all")] }),
        );
        assert.deepEqual(first!.attempt, 1);
        assert.deepEqual(first!.deadCalls.map(({ number, isOwed }) => [number, isOwed]), [[1, true], [2, false], [
          3,
          true,
        ]]);
        assert.deepEqual((await inbox.show(id))!.deadCalls.map(({ number }) => number), [2]);
        assert.deepEqual((await inbox.replay([id], { calls: [2] }))[0], {
          id,
          outcome: "changed",
          state: "dead",
          calls: 1,
        });
        await work(() => ({ kind: "done", ended: [ended(1)] }));
        assert.deepEqual((await inbox.show(id))!.deadCalls, []);
        assert.equal((await inbox.show(id))!.state, "done");
      },
    );

    inboxTest("what a handler discards keeps no step, and its dead calls are skipped", async ({ inbox, put, work }) => {
      const id = await put();
      await work(dead(ended(0, "E")));
      await inbox.replay([id]);
      const [lease] = await inbox.lease(1, LEASE_MS);
      const taken = (await inbox.take(lease!))!;
      await inbox.saveStep(lease!, taken, "key", "1");
      await inbox.finish(lease!, taken, { kind: "discarded", reason: "not wanted" });
      const { deadCalls, steps } = (await inbox.show(id))!;
      assert.deepEqual([deadCalls.map(({ state }) => state), steps], [["skipped"], []]);
      assert.deepEqual([await inbox.deadErrors(), (await inbox.overview()).deadCalls], [[], 0]);
      await inbox.release(lease!);
      await inbox.replay([id]);
      assert.deepEqual((await work()).map(({ deadCalls }) => deadCalls), [[]]);
    });

    inboxTest(
      "replay() of a done one with skipped calls, and of a discarded one, starts afresh",
      async ({ inbox, put, work }) => {
        const [skipped, discarded] = [await put(), await put()];
        await work(dead(ended(1, "E")), dead(ended(1, "E")));
        await inbox.skip([skipped]);
        await inbox.discard([discarded]);
        assert.deepEqual((await inbox.show(discarded))!.deadCalls.map(({ state }) => state), ["skipped"]);
        assert.deepEqual((await inbox.replay([skipped, discarded])).map(({ outcome }) => outcome), [
          "changed",
          "changed",
        ]);
        for (const { position, deadCalls, attempt } of await work()) {
          assert.deepEqual([position, deadCalls, attempt], [undefined, [], 1]);
        }
      },
    );

    inboxTest(
      "skip() gives dead calls up for good; with the last of them the callback is done",
      async ({ inbox, put, work }) => {
        const id = await put();
        await work(dead(ended(0, "A"), ended(1, "B"), ended(2, "A")));
        assert.deepEqual(await inbox.skip([id], { calls: [2] }), [{ id, outcome: "changed", state: "dead", calls: 1 }]);
        assert.deepEqual(await inbox.skip([id], { calls: [2] }), [{
          id,
          outcome: "unchanged",
          state: "dead",
          calls: 0,
        }]);
        assert.deepEqual((await inbox.show(id))!.deadCalls.map(({ state }) => state), ["dead", "skipped", "dead"]);
        await inbox.replay([id], { calls: [3] });
        const [replayed] = await work(() => ({ kind: "dead", error: "A", ended: [ended(2, "A")] }));
        assert.deepEqual(replayed!.deadCalls.map(({ number }) => number), [1, 3]);
        assert.deepEqual(await inbox.skip([id, id + 1]), [
          { id, outcome: "changed", state: "dead", calls: 2 },
          { id: id + 1, outcome: "unknown", state: undefined, calls: 0 },
        ]);
        const { state, error, steps } = (await inbox.show(id))!;
        assert.deepEqual([state, error, steps], ["done", undefined, []]);
        assert.deepEqual((await inbox.skip([id]))[0]!.outcome, "unchanged");
        assert.equal((await inbox.overview()).deadCalls, 0);
      },
    );

    inboxTest(
      "skip() of all that a replay owes ends it, and what waited behind it is due",
      async ({ inbox, put, work }) => {
        const [one, two] = [await put(), await put()];
        await work(dead(ended(0, "A"), ended(1, "B")), dead(ended(0, "A")));
        await inbox.replay([one], { calls: [1] });
        await inbox.replay([two]);
        const next = await put();
        await work(() => ({ kind: "failed", error: "A", retryAfterMs: HOUR, position: position(0), attempt: 1 }));
        assert.deepEqual((await inbox.skip([one]))[0], { id: one, outcome: "changed", state: "pending", calls: 2 });
        const { state, error } = (await inbox.show(one))!;
        assert.deepEqual([state, error], ["done", undefined]);
        const [lease] = await inbox.lease(1, LEASE_MS);
        const running = (await inbox.take(lease!))!;
        assert.equal(running.id, two);
        assert.deepEqual((await inbox.skip([two]))[0]!.outcome, "running");
        await inbox.finish(lease!, running, dead(ended(0, "A"))());
        await inbox.release(lease!);
        assert.deepEqual((await work()).map(({ id }) => id), [next]);
        await inbox.replay([two]);
        await inbox.skip([two]);
        assert.deepEqual(await work(), []);
        assert.deepEqual((await inbox.overview()).pending, 0);
      },
    );

    inboxTest(
      "skip() while a callback goes on behind its dead call leaves it pending",
      async ({ inbox, clock, put, work }) => {
        const id = await put();
        await work(() => ({
          kind: "failed",
          error: "E",
          retryAfterMs: HOUR,
          position: position(1),
          attempt: 1,
          ended: [ended(0, "A")],
        }));
        assert.deepEqual((await inbox.skip([id]))[0], { id, outcome: "changed", state: "pending", calls: 1 });
        clock.now += HOUR;
        const [again] = await work();
        assert.deepEqual([again!.position, again!.deadCalls], [position(1), []]);
      },
    );

    inboxTest(
      "deadErrors() groups what is dead by error, and find() finds it by that",
      async ({ inbox, clock, put, work }) => {
        const [one, two, three] = [await put(), await put({ webhookId: 7 }), await put()];
        await work(
          dead(ended(0, "Error: busy\n    at a"), ended(1, "Error: busy\n    at b"), ended(2, "Error: no")),
          dead(ended(0, "Error: busy\n    at a")),
          () => ({ kind: "dead", error: "Error: broken\n    at c", position: position(0) }),
        );
        assert.deepEqual(await inbox.deadErrors(), [
          { error: "Error: busy", callbacks: 2, calls: 3, last: two },
          { error: "Error: no", callbacks: 1, calls: 1, last: one },
          { error: "Error: broken", callbacks: 1, calls: 0, last: three },
        ]);
        assert.deepEqual(
          await inbox.deadErrors({ webhookId: 7, since: START, until: clock.now + 1, scopeObjectId: 1 }),
          [
            { error: "Error: busy", callbacks: 1, calls: 1, last: two },
          ],
        );
        assert.deepEqual(await inbox.deadErrors({ error: "Error: broken" }), [
          { error: "Error: broken", callbacks: 1, calls: 0, last: three },
        ]);
        assert.deepEqual((await inbox.deadErrors({ error: "Error: no" })).map(({ error }) => error), [
          "Error: busy",
          "Error: no",
        ]);
        assert.deepEqual(await inbox.find({ error: "Error: busy" }), [two, one]);
        assert.deepEqual(await inbox.find({ error: "Error: broken", states: ["dead"] }), [three]);
        assert.deepEqual(await inbox.find({ error: "Error: busy", states: ["pending"] }), []);
        await inbox.skip([one, two], { error: "Error: busy" });
        assert.deepEqual((await inbox.deadErrors()).map(({ error }) => error), ["Error: no", "Error: broken"]);
        assert.deepEqual((await inbox.skip([three]))[0]!.outcome, "unchanged", "it has no dead call");
      },
    );

    inboxTest("6,000 dead calls of one callback take the room of their error once", async ({ inbox, put, work }) => {
      const id = await put();
      const error = `Error: ${"x".repeat(3900)}`;
      for (let event = 0; event < 6000; event += 1000) {
        const part = Array.from({ length: 1000 }, (_, index) => ended(event + index, error, 1));
        const [lease] = await inbox.lease(1, LEASE_MS);
        const taken = (await inbox.take(lease!))!;
        await inbox.finish(lease!, taken, {
          kind: "paused",
          position: position(event + 1000),
          attempt: 1,
          ended: part,
        });
        await inbox.release(lease!);
      }
      const [again] = await work(dead(ended("all", error)));
      assert.equal(again!.deadCalls.length, 6000);
      const { deadCalls, failures } = (await inbox.show(id))!;
      assert.equal(deadCalls.length, 6001);
      assert.equal(deadCalls[5999]!.error, error);
      assert.equal(failures.length, 100);
      assert.deepEqual((await inbox.deadErrors())[0]!.calls, 6001);
      assert.equal((await inbox.skip([id], { calls: [17] }))[0]!.calls, 1);
      assert.equal((await inbox.overview()).deadCalls, 6000);
    });

    inboxTest("prune() takes dead calls along", async ({ inbox, clock, put, work }) => {
      await put();
      await work(dead(ended(0, "A")));
      clock.now += 1;
      assert.equal(await inbox.prune(["dead"], clock.now), 1);
      assert.deepEqual(await inbox.deadErrors(), []);
      assert.equal((await inbox.overview()).deadCalls, 0);
    });
  });
}
