import assert from "node:assert/strict";
import { test } from "node:test";
import { createTimeSlice } from "../../src/worker/time_slice.ts";

test("a slice that is over lets others run, all who wait for it together, and then a new one begins", async () => {
  const slice = createTimeSlice();
  const order: string[] = [];
  setTimeout(() => order.push("a timer"), 0);
  await Promise.all([
    slice.yield().then(() => order.push("one")),
    slice.yield().then(() => order.push("two")),
  ]);
  assert.deepEqual(order, ["a timer", "one", "two"]);
  assert.equal(slice.isOver(performance.now() - 1000), false);
  assert.equal(slice.isOver(performance.now() + 1000), true);
});
