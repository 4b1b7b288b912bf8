import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createCounts } from "../../src/counts.ts";
import type { AttemptResult, RunAttempt } from "../../src/dispatch/attempt.ts";
import { createOutcomeOf } from "../../src/dispatch/outcome.ts";
import type { Inbox, Position } from "../../src/inbox/inbox.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createWorker } from "../../src/worker.ts";
import { acceptedCallback, createLog } from "../support/callbacks.ts";
import { until } from "../support/until.ts";

const LEASE_MS = 60_000;
const FIRST: Position = { event: 0, handler: 0, fingerprint: "f" };

/** Nothing becomes due. */
const wait: Inbox["wait"] = (signal) =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));

/** A worker of one callback, in an inbox in memory, parts of which are replaced by `change`. Its attempts run until `end`. */
async function working(t: TestContext, change: (inbox: Inbox) => Partial<Inbox>, options: { now?: () => number } = {}) {
  const real = memoryInbox();
  await real.put(acceptedCallback());
  const logger = createLog();
  const counts = createCounts();
  const ended = Promise.withResolvers<AttemptResult>();
  const began = Promise.withResolvers<Parameters<RunAttempt>[1]>();
  const worker = createWorker({
    ...{ inbox: { ...real, ...change(real) }, logger, counts, attempts: 3, concurrency: 2 },
    ...{ leaseMs: LEASE_MS, renewMs: 5 },
    async runAttempt(_callback, state) {
      began.resolve(state);
      return await ended.promise;
    },
    outcomeOf: createOutcomeOf({ random: () => 0.5, logger, counts }),
    ...options,
  });
  const end = () => ended.resolve({ kind: "done", events: 1, calls: 1, ms: 0, dead: 0 });
  t.after(async () => {
    end();
    await worker.stop(60_000);
  });
  await worker.start();
  return { worker, counts, end, state: await began.promise };
}

test("a lease runs from its last renewal", async (t) => {
  const { setTimeout } = globalThis;
  let leases = 0;
  Object.assign(globalThis, {
    setTimeout(...[end, ms = 0]: Parameters<typeof setTimeout>) {
      if (ms > LEASE_MS / 2) leases++;
      return setTimeout(end, ms);
    },
  });
  t.after(() => Object.assign(globalThis, { setTimeout }));
  await working(t, () => ({ wait }));
  await until("it was renewed", () => leases > 1);
});

test("a lease that has run out by the wall clock, while the inbox is away, is lost", async (t) => {
  let now = Date.now();
  const { state, counts } = await working(t, () => ({ renew: () => Promise.reject(new Error("away")) }), {
    now: () => now,
  });
  assert.equal(state.confirm!(), undefined);
  now += LEASE_MS;
  await assert.rejects(async () => await state.confirm!(), { code: "lease_lost" });
  assert.equal(counts.lostLeases, 1);
});

test("two stop()s break an attempt off once", async (t) => {
  const outcomes: string[] = [];
  const { worker, state } = await working(t, (real) => ({
    async finish(lease, work, outcome, options) {
      outcomes.push(outcome.kind);
      await delay(20);
      return await real.finish(lease, work, outcome, options);
    },
  }));
  await state.onPosition!(FIRST, 1);
  await Promise.all([worker.stop(0), worker.stop(0)]);
  assert.deepEqual(outcomes, ["paused"]);
});

test("work is asked for again when a lane couldn't be given back, though nothing is due", async (t) => {
  let asked = 0;
  const { end } = await working(t, (real) => ({
    lease: (...args) => (asked++, real.lease(...args)),
    release: () => Promise.reject(new Error("the disk is full")),
    wait,
  }));
  assert.equal(asked, 1);
  end();
  await until("the inbox was asked again", () => asked > 1);
});

test("the place of a call that runs is saved every second", async (t) => {
  const saved: Position[] = [];
  const { state } = await working(t, () => ({
    saveProgress: (_lease, _work, { position }) => Promise.resolve(void saved.push(position)),
  }));
  await state.onPosition!(FIRST, 1);
  assert.deepEqual(saved, []);
  await until("it is saved", () => saved.length > 0);
  assert.deepEqual(saved, [FIRST]);
});
