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
  fc.record({ take: fc.integer({ min: 1, max: 10 }) }),
  fc.record({ pauseMs: fc.integer({ min: 1, max: 60_000 }) }),
  fc.record({ passMs: fc.integer({ min: 1, max: 90_000 }) }),
);

test("createBudget() holds its limit in any minute and its pauses, and lets everybody go in their order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, goOn } = createClock();
      const budget = createBudget();
      const gone: { readonly index: number; readonly at: number; readonly cost: number }[] = [];
      const pauses: { readonly from: number; readonly to: number }[] = [];
      let count = 0;
      for (const step of steps) {
        if ("take" in step) {
          const index = count++;
          void budget.take(step.take, 20, clock).then(() => gone.push({ index, at: clock.now(), cost: step.take }));
        } else if ("pauseMs" in step) {
          await goOn(clock.now());
          pauses.push({ from: clock.now(), to: clock.now() + step.pauseMs });
          budget.pause(clock.now() + step.pauseMs, 20, clock);
        } else {
          await goOn(clock.now() + step.passMs);
        }
      }
      await goOn(1e9);
      assert.equal(gone.length, count);
      const times = gone.toSorted((a, b) => a.index - b.index).map(({ at }) => at);
      assert.deepEqual(times, times.toSorted((a, b) => a - b), "one has overtaken another");
      for (const { at } of gone) {
        const inMinute = gone.filter((other) => other.at > at - 60_000 && other.at <= at);
        assert.ok(inMinute.reduce((sum, { cost }) => sum + cost, 0) <= 20, "too many in a minute");
        // Who had gone in the very moment of the pause went before it.
        assert.ok(!pauses.some(({ from, to }) => at > from && at < to), "gone in a pause");
      }
    }),
    { numRuns: 60 },
  );
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
  budget.pause(now + 1000, 1, clock);
  now -= hour;
  await budget.take(1, 1, clock);
  assert.deepEqual(waits, [61_000, 61_000]);
});
