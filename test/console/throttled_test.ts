import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { withRest } from "../../src/console/throttled.ts";

test("withRest() looks once for all who ask at once, and again when it has rested", async () => {
  let looks = 0;
  const look = withRest(() => Promise.resolve(++looks), 3_600_000);
  assert.deepEqual(await Promise.all([look(), look(), look()]), [1, 1, 1]);
  assert.equal(await look(), 1);
  look.forget();
  assert.equal(await look(), 2);
  const brief = withRest(() => Promise.resolve(++looks), 20);
  assert.equal(await brief(), 3);
  await until("it looks again", async () => await brief() > 3);
});

test("withRest() rests longer the longer a look takes, and after one that failed, too", async () => {
  let looks = 0;
  const look = withRest(async () => {
    looks++;
    await new Promise((resolve) => setTimeout(resolve, 100));
    throw new Error("no");
  }, 0);
  // At once, when no rest at all would be over: a slow machine changes nothing.
  await assert.rejects(look(), /no/);
  await assert.rejects(look(), /no/);
  assert.equal(looks, 1);
});
