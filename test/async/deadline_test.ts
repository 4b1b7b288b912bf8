import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createSharedDeadline, type Deadline, deadline } from "../../src/async/deadline.ts";

const createOwnDeadline = (ms: number): Deadline => (promise) => deadline(promise, ms);

for (const [name, create] of Object.entries({ deadline: createOwnDeadline, createSharedDeadline })) {
  test(`${name}() gives what ends in time`, async () => {
    const within = create(60_000);
    assert.equal(await within(Promise.resolve(5)), 5);
    await assert.rejects(within(Promise.reject(new Error("no"))), /^Error: no$/);
    assert.deepEqual(await Promise.all([1, 2, 3].map((value) => within(Promise.resolve(value)))), [1, 2, 3]);
  });

  test(`${name}() rejects what takes longer, each at its own time`, async () => {
    const within = create(100);
    const never = new Promise<void>(() => {});
    const startedAt = performance.now();
    const tookMs: number[] = [];
    const wait = async () => {
      const from = performance.now();
      await assert.rejects(within(never), { code: "timeout", message: "took over 100 ms" });
      tookMs.push(performance.now() - from);
    };
    const first = wait();
    await delay(50);
    await within(Promise.resolve());
    await Promise.all([first, wait()]);
    // What comes after all have ended has its time, too.
    await wait();
    for (const ms of tookMs) assert.ok(ms > 95, `${ms} ms`);
    assert.ok(performance.now() - startedAt > 240);
  });
}
