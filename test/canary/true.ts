import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

test("a true assertion passes", () => assert.equal(1 + 1, 2));

test("a true assertion after an await passes", async () => {
  await sleep(1);
  assert.equal(1 + 1, 2);
});

describe("a group", () => {
  it("passes with a true assertion in it", () => assert.deepEqual({ a: [1] }, { a: [1] }));
});

test("a true assertion about a rejection passes", () => assert.rejects(Promise.reject(new Error("no"))));

test("a parent passes with a true assertion in its subtest", async (t) => {
  await t.test("a subtest", () => assert.equal(1 + 1, 2));
});
