import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createCounts } from "../../src/counts.ts";
import type { RunAttempt } from "../../src/dispatch/attempt.ts";
import { createOutcomeOf } from "../../src/dispatch/outcome.ts";
import { SheethookError } from "../../src/errors.ts";
import type { EndedCall, Inbox, Lease, Position } from "../../src/inbox/inbox.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createLane } from "../../src/worker/lane.ts";
import { createLaneRun } from "../../src/worker/lane_run.ts";
import { createInboxOutage } from "../../src/worker/outage.ts";
import { createTimeSlice } from "../../src/worker/time_slice.ts";
import { acceptedCallback, createLog } from "../support/callbacks.ts";
import { totalsOf } from "../support/totals_of.ts";

const AWAY = new Error("the disk is away");
const LOST = new SheethookError("lease_lost", "it is another's");
const DONE = { kind: "done", events: 1, calls: 1, ms: 0, dead: 0 } as const;
const done: RunAttempt = () => Promise.resolve(DONE);

const position = (handler: number): Position => ({ event: 0, handler, fingerprint: "f" });
const deadCall = (handler: number): EndedCall => ({
  ...{ call: position(handler), handler: "h", attempt: 3, error: "no" },
});

/** A run of the one lane of an inbox in memory, parts of which are replaced by `change`. */
async function leased(t: TestContext, change: (inbox: Inbox) => Partial<Inbox>, runAttempt = done, callbacks = 1) {
  const real = memoryInbox();
  const calls: string[] = [];
  const modes: string[] = [];
  for (let number = 0; number < callbacks; number++) {
    await real.put(acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}` }));
  }
  const [lease] = await real.lease(1, 60_000) as [Lease];
  const log = createLog();
  const counts = createCounts();
  const inbox: Inbox = {
    ...real,
    async release(lease) {
      await real.release(lease);
      calls.push("released");
    },
    ...change(real),
  };
  const now = Date.now;
  const lane = createLane(lease, {
    leaseMs: 60_000,
    at: { monotonic: performance.now(), wall: now() },
    now,
    renew: () => Promise.resolve(true),
    onLost() {},
  });
  t.after(lane.close);
  const stopping = new AbortController();
  const run = createLaneRun(lane, stopping.signal, {
    ...{ inbox, runAttempt, logger: log, counts, attempts: 3, slice: createTimeSlice() },
    outcomeOf: createOutcomeOf({ random: () => 0.5, logger: log, counts }),
    outage: createInboxOutage(log),
    exclusive: {
      shared(run) {
        modes.push("shared");
        return run();
      },
      exclusive(run) {
        modes.push("exclusive");
        return run();
      },
    },
  });
  return { run, lane, real, calls, modes, counts, log, stopping };
}

test("a lane whose inbox fails isn't lost: it is given back, and the failure is told", async (t) => {
  const { run, lane, calls, counts } = await leased(t, () => ({ take: () => Promise.reject(AWAY) }));
  await assert.rejects(run.run(), AWAY);
  assert.equal(lane.signal.aborted, false);
  assert.equal(counts.lostLeases, 0);
  assert.deepEqual(calls, ["released"]);
});

test("a lane whose lease is lost ends, is told of once, and isn't given back", async (t) => {
  const { run, lane, calls, counts } = await leased(t, () => ({ take: () => Promise.reject(LOST) }));
  await run.run();
  run.lose();
  assert.equal(lane.signal.aborted, true);
  assert.equal(counts.lostLeases, 1);
  assert.deepEqual(calls, []);
});

test("a lane has ended when it is given back, not before", async (t) => {
  const { run, calls } = await leased(t, (real) => ({
    async release(lease) {
      await delay(20);
      await real.release(lease);
      calls.push("released late");
    },
  }));
  await run.run();
  assert.deepEqual(calls, ["released late"]);
  assert.equal(run.isEnding, true);
  assert.equal(run.running, undefined);
});

test("a lane whose lease was lost meanwhile records nothing", async (t) => {
  const finished: unknown[] = [];
  const { run, log } = await leased(
    t,
    () => ({ finish: (...args) => Promise.resolve(void finished.push(args)) }),
    () => {
      run.lose();
      return Promise.resolve(DONE);
    },
  );
  await run.run();
  assert.deepEqual(finished, []);
  assert.match(log.lines.join(), /^warn The lease of lane \d+ is lost: .*; callback n0 of webhook \d+ is run again/);
});

test("a lane is given back after 50 callbacks", async (t) => {
  const { run, counts, real } = await leased(t, () => ({}), done, 60);
  await run.run();
  assert.equal(counts.lostLeases, 0);
  assert.deepEqual(await totalsOf(real), { pending: 10, done: 50, dead: 0 });
});

test("a lane takes no next callback once the process is to stop", async (t) => {
  const { run, real, stopping } = await leased(t, () => ({}), () => {
    stopping.abort();
    return Promise.resolve(DONE);
  }, 2);
  await run.run();
  assert.deepEqual(await totalsOf(real), { pending: 1, done: 1, dead: 0 });
});

test("a callback with three unfinished attempts runs alone, one with two beside others", async (t) => {
  for (const [unfinished, mode] of [[2, "shared"], [3, "exclusive"]] as const) {
    const { run, modes } = await leased(t, (real) => ({
      take: async (lease) => ({ ...(await real.take(lease))!, unfinished }),
    }));
    await run.run();
    assert.deepEqual(modes, [mode]);
  }
});

test("an attempt ends before its next call when the process is to stop, or the lease is lost", async (t) => {
  const goesOn: unknown[] = [];
  const { run, lane, stopping } = await leased(t, () => ({}), async (_callback, { onPosition, confirm }) => {
    goesOn.push(await onPosition!(position(0), 1));
    stopping.abort();
    goesOn.push(await onPosition!(position(1), 1));
    run.lose();
    goesOn.push(confirm);
    return DONE;
  });
  await run.run();
  assert.deepEqual(goesOn, [true, false, lane.confirm]);
  assert.throws(() => lane.confirm(), { code: "lease_lost" });
});

test("the place is saved before each call once an attempt has never ended, and the same place once", async (t) => {
  const saved: unknown[] = [];
  const { run } = await leased(t, (real) => ({
    take: async (lease) => ({ ...(await real.take(lease))!, unfinished: 1, position: position(0) }),
    saveProgress: (_lease, _work, { position, attempt }) =>
      Promise.resolve(void saved.push([position.handler, attempt])),
  }), async (_callback, { onPosition }) => {
    await onPosition!(position(1), 2);
    run.saveProgress();
    await onPosition!(position(2), 1);
    return DONE;
  });
  await run.run();
  assert.deepEqual(saved, [[1, 2], [2, 1]]);
});

test("progress is saved once for each place, and not while it is being saved", async (t) => {
  const saved: unknown[] = [];
  const { run } = await leased(t, () => ({
    saveProgress: (_lease, _work, { position }) => Promise.resolve(void saved.push(position.handler)),
  }), async (_callback, { onPosition }) => {
    run.saveProgress();
    await onPosition!(position(0), 1);
    run.saveProgress();
    run.saveProgress();
    await delay(0);
    run.saveProgress();
    await onPosition!(position(1), 1);
    run.saveProgress();
    return DONE;
  });
  await run.run();
  assert.deepEqual(saved, [0, 1]);
});

test("100 dead calls are saved before the next call, once", async (t) => {
  const saved: (number | undefined)[] = [];
  let finished: unknown;
  const { run } = await leased(t, (real) => ({
    saveProgress: (_lease, _work, { ended }) => Promise.resolve(void saved.push(ended?.length)),
    finish(lease, work, outcome, options) {
      finished = outcome;
      return real.finish(lease, work, outcome, options);
    },
  }), async (_callback, { onPosition, onEnded }) => {
    for (let call = 0; call < 100; call++) {
      await onPosition!(position(call), 3);
      onEnded!(deadCall(call));
    }
    await onPosition!(position(100), 1);
    return DONE;
  });
  await run.run();
  assert.deepEqual(saved, [100]);
  assert.deepEqual(finished, { kind: "done", ended: [] });
});

test("the outcome waits for progress that is being saved, and has what that couldn't save", async (t) => {
  const order: string[] = [];
  const { run } = await leased(t, () => ({
    async saveProgress() {
      await delay(20);
      order.push("progress fails");
      throw AWAY;
    },
    finish(_lease, _work, outcome) {
      order.push(`finish with ${(outcome.kind === "done" && outcome.ended?.length)} dead call, ${run.running}`);
      return Promise.resolve(undefined);
    },
  }), async (_callback, { onPosition, onEnded }) => {
    await onPosition!(position(0), 3);
    onEnded!(deadCall(0));
    run.saveProgress();
    return DONE;
  });
  await run.run();
  assert.deepEqual(order, ["progress fails", "finish with 1 dead call, undefined"]);
});

test("a step that finds the lease lost ends the lane, and isn't tried again", async (t) => {
  let tries = 0;
  const { run, lane } = await leased(
    t,
    () => ({ saveStep: () => tries++ ? Promise.resolve() : Promise.reject(LOST) }),
    async (_callback, { saveStep }) => {
      await assert.rejects(saveStep!("key", "1"), { code: "lease_lost" });
      return DONE;
    },
  );
  await run.run();
  assert.equal(tries, 1);
  assert.equal(lane.signal.aborted, true);
});

test("an outcome is told once, also when it is recorded only the second time", async (t) => {
  let tries = 0;
  const { run, log } = await leased(t, (real) => ({
    finish: (...args) => tries++ ? real.finish(...args) : Promise.reject(AWAY),
  }));
  await run.run();
  assert.equal(tries, 2);
  assert.equal(log.lines.filter((line) => line.includes("Processed callback n0")).length, 1);
});

test("an attempt that is broken off is recorded as paused, at its place, and its lane given back", async (t) => {
  const outcomes: unknown[] = [];
  const reached = Promise.withResolvers<void>();
  const { run, lane, calls } = await leased(t, (real) => ({
    finish(lease, work, outcome, options) {
      outcomes.push(outcome);
      return real.finish(lease, work, outcome, options);
    },
  }), async (_callback, { onPosition, signal }) => {
    await onPosition!(position(7), 2);
    reached.resolve();
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    return DONE;
  });
  const ends = run.run();
  await reached.promise;
  await run.breakOff(0);
  await ends;
  assert.deepEqual(outcomes, [{ kind: "paused", position: position(7), attempt: 2, ended: [] }]);
  assert.deepEqual(calls, ["released"]);
  assert.equal(lane.signal.aborted, true);
});
