import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

test("a false assertion fails", () => assert.equal(1 + 1, 3));

test("a false assertion after an await fails", async () => {
  await sleep(1);
  assert.equal(1 + 1, 3);
});

describe("a group", () => {
  it("fails with a false assertion in it", () => assert.deepEqual({ a: [1] }, { a: [2] }));
});

test("a false assertion about a rejection fails", () => assert.rejects(Promise.resolve("yes")));

test("a parent fails with a false assertion in its subtest", async (t) => {
  await t.test("a subtest", () => assert.equal(1 + 1, 3));
});
