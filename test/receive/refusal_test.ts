import assert from "node:assert/strict";
import { test } from "node:test";
import { SheethookError } from "../../src/errors.ts";
import { createOncePerMinute, Refusal, refusalOf } from "../../src/receive/refusal.ts";

test("refusalOf() answers what no status names with 503, so that Smartsheet sends the callback again", () => {
  for (const thrown of [new Error("broken"), "text", undefined, new SheethookError("inbox_full", "full")]) {
    const { status, level, isOverload } = refusalOf(thrown);
    assert.deepEqual([status, level, isOverload], [503, "error", false]);
  }
});

test("refusalOf() answers an error by its code, and a refusal as it says", () => {
  const statuses = (["callback_invalid", "body_timeout", "body_too_large", "bodies_full"] as const).map((code) => {
    const { status, isOverload } = refusalOf(new SheethookError(code, "no"));
    return [status, isOverload];
  });
  assert.deepEqual(statuses, [[400, false], [408, false], [413, false], [503, true]]);
  const refusal = new Refusal(401, "no");
  assert.equal(refusalOf(refusal), refusal);
});

test("createOncePerMinute() is true at once, and again when a minute is over", () => {
  let now = 0;
  const mayLog = createOncePerMinute(() => now);
  const seen = [0, 1, 59_999, 60_000, 60_001, 119_999, 120_000].map((time) => {
    now = time;
    return mayLog();
  });
  assert.deepEqual(seen, [true, false, false, true, false, false, true]);
});
