import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Clock, createBudget } from "../../src/api/budget.ts";

/** A clock that goes on to the next one who waits, when all wait. */
function createClock() {
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let now = 0;
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => new Promise((wake) => void sleepers.push({ at: now + ms, wake })),
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve));
  return {
    clock,
    /** Goes on to `until`, waking whoever is due on the way. */
    async goOn(until: number): Promise<void> {
      await settle();
      for (;;) {
        const next = sleepers.toSorted((a, b) => a.at - b.at)[0];
        if (!next || next.at > until) break;
        sleepers.splice(sleepers.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.wake();
        await settle();
      }
      now = Math.max(now, until);
    },
  };
}

const step = fc.oneof(
  fc.record({ take: fc.integer({ min: 1, max: 10 }), isLow: fc.boolean() }),
  fc.record({ pauseMs: fc.integer({ min: 1, max: 60_000 }), isLow: fc.boolean() }),
  fc.record({ passMs: fc.integer({ min: 1, max: 90_000 }) }),
);

interface Call {
  readonly index: number;
  readonly cost: number;
  readonly isLow: boolean;
  readonly askedAt: number;
  readonly at: number;
}

const costOf = (calls: readonly Call[]) => calls.reduce((sum, { cost }) => sum + cost, 0);

test("createBudget() holds its limit in any minute and its pauses, and lets everybody go in their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, goOn } = createClock();
      const budget = createBudget();
      const gone: Call[] = [];
      const pauses: { readonly from: number; readonly to: number; readonly isLow: boolean }[] = [];
      let count = 0;
      for (const step of steps) {
        if ("take" in step) {
          const call = { index: count++, cost: step.take, isLow: step.isLow, askedAt: clock.now() };
          const waiting = step.isLow ? { priority: "low" } as const : {};
          void budget.take(step.take, 20, clock, waiting).then(() => gone.push({ ...call, at: clock.now() }));
        } else if ("pauseMs" in step) {
          await goOn(clock.now());
          pauses.push({ from: clock.now(), to: clock.now() + step.pauseMs, isLow: step.isLow });
          budget.pause(clock.now() + step.pauseMs, clock, step.isLow ? "low" : undefined);
        } else {
          await goOn(clock.now() + step.passMs);
        }
      }
      await goOn(1e9);
      assert.equal(gone.length, count);
      for (const isLow of [false, true]) {
        const equals = gone.filter((call) => call.isLow === isLow).toSorted((a, b) => a.index - b.index);
        const times = equals.map(({ at }) => at);
        assert.deepEqual(times, times.toSorted((a, b) => a - b), "one has overtaken another");
      }
      for (const { at, isLow } of gone) {
        const inMinute = gone.filter((other) => other.at > at - 60_000 && other.at <= at);
        assert.ok(costOf(inMinute) <= 20, "too many in a minute");
        // Who had gone in the very moment of the pause went before it.
        const isPaused = pauses.some((pause) => at > pause.from && at < pause.to && (isLow || !pause.isLow));
        assert.ok(!isPaused, "gone in a pause");
        if (!isLow) continue;
        // Who came in this very moment may have come after it.
        const before = inMinute.filter((other) => other.isLow || other.askedAt < at || other.at < at);
        assert.ok(costOf(before) <= 16, "the last fifth is used by low priority");
        const passed = gone.filter((other) => !other.isLow && other.askedAt < at && other.at > at);
        assert.deepEqual(passed, [], "low priority has gone before one that waits");
      }
    }),
    { numRuns: 100 },
  );
});

test("createBudget() lets low priority wait behind calls that come later, and leaves them a fifth", async () => {
  const { clock, goOn } = createClock();
  const budget = createBudget();
  const gone: string[] = [];
  const take = (name: string, priority?: "low") =>
    void budget.take(1, 5, clock, { priority }).then(() => gone.push(`${name} ${clock.now()}`));
  for (let n = 1; n <= 6; n++) take(`low${n}`, "low");
  take("first");
  await goOn(1000);
  assert.deepEqual(gone, ["low1 0", "low2 0", "low3 0", "low4 0", "first 0"]);
  for (let n = 1; n <= 4; n++) take(`later${n}`);
  await goOn(1e6);
  const later = ["later1 61000", "later2 61000", "later3 61000", "later4 61000"];
  assert.deepEqual(gone.slice(5), [...later, "low5 122000", "low6 122000"]);
});

test("createBudget() counts a request when it goes, also if one before it has given up", async () => {
  const { clock, goOn } = createClock();
  const budget = createBudget();
  const times: number[] = [];
  const gaveUp = new AbortController();
  const take = (signal?: AbortSignal) => budget.take(1, 1, clock, { signal }).then(() => times.push(clock.now()));
  const calls = [take(), take(gaveUp.signal), take()];
  gaveUp.abort(new Error("enough"));
  const refused = assert.rejects(calls[1]!, /enough/);
  await goOn(61_000);
  await refused;
  budget.pause(clock.now() + 1, clock);
  void take();
  await goOn(1e6);
  assert.deepEqual(times, [0, 122_000, 183_000]);
});

test("createBudget() lets nobody wait for longer because the clock was set back", async () => {
  const hour = 3_600_000;
  let now = 10 * hour;
  const waits: number[] = [];
  const clock: Clock = {
    now: () => now,
    sleep: (ms) => {
      waits.push(ms);
      now += ms;
      return Promise.resolve();
    },
  };
  const budget = createBudget();
  await budget.take(1, 1, clock);
  now -= hour;
  await budget.take(1, 1, clock);
  budget.pause(now + 1000, clock);
  now -= hour;
  await budget.take(1, 1, clock);
  assert.deepEqual(waits, [61_000, 61_000]);
});

test("createBudget() gives the place of a call that gave up to those that come later", async () => {
  let now = 0;
  const givesUp = new AbortController();
  const clock: Clock = {
    now: () => now,
    async sleep(ms, signal) {
      if (signal) givesUp.abort(new Error("given up"));
      else now += ms;
    },
  };
  const budget = createBudget();
  await budget.take(1, 1, clock);
  await assert.rejects(budget.take(1, 1, clock, { signal: givesUp.signal }), /given up/);
  await budget.take(1, 1, clock);
  assert.equal(now, 61_000);
});

test("createBudget() counts a call of low priority that costs more than the limit as what low priority may take", async () => {
  let now = 0;
  const clock: Clock = { now: () => now, sleep: async (ms) => void (now += ms) };
  const budget = createBudget();
  await budget.take(1000, 300, clock, { priority: "low" });
  await budget.take(60, 300, clock);
  assert.equal(now, 0);
  await budget.take(1, 300, clock);
  assert.equal(now, 61_000);
});
