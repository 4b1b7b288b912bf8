import assert from "node:assert/strict";
import { test } from "node:test";
import { until } from "../support/until.ts";
import { delay } from "../../src/async/delay.ts";
import { throttled } from "../../src/console/throttled.ts";

test("throttled() reads once for all callers, and again after its rest", async () => {
  let reads = 0;
  const read = throttled(() => Promise.resolve(++reads), 3_600_000);
  assert.deepEqual(await Promise.all([read(), read(), read()]), [1, 1, 1]);
  assert.equal(await read(), 1);
  read.forget();
  assert.equal(await read(), 2);
  const brief = throttled(() => Promise.resolve(++reads), 20);
  assert.equal(await brief(), 3);
  await until("it reads again", async () => await brief() > 3);
});

test("throttled() rests longer the longer a read takes, also after a failed one", async () => {
  let reads = 0;
  const read = throttled(async () => {
    reads++;
    await delay(100);
    throw new Error("no");
  }, 0);
  // At once, when no rest at all would be over: a slow machine changes nothing.
  await assert.rejects(read(), /no/);
  await assert.rejects(read(), /no/);
  assert.equal(reads, 1);
});
