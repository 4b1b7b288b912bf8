import assert from "node:assert/strict";
import { test } from "node:test";
import { createOutage } from "../../src/async/outage.ts";

test("createOutage() reports each outage once when it begins and once when it is over", () => {
  const told: string[] = [];
  const outage = createOutage({
    began: (error) => told.push(`began: ${error}`),
    ended: ({ failures, ms }) => told.push(`ended: ${failures} failures, ${ms >= 0}`),
  });
  outage.clear();
  assert.equal(outage.isOn, false);
  for (const error of ["a", "b", "c"]) outage.fail(error);
  assert.equal(outage.isOn, true);
  outage.clear();
  outage.clear();
  assert.equal(outage.isOn, false);
  outage.fail("d");
  outage.clear();
  assert.deepEqual(told, ["began: a", "ended: 3 failures, true", "began: d", "ended: 1 failures, true"]);
});

test("createOutage() reports a failure of another kind again, within the same outage", () => {
  const told: unknown[] = [];
  const outage = createOutage({
    began: (error) => told.push(error),
    ended: ({ failures }) => told.push(failures),
    kindOf: (error) => String(error)[0]!,
  });
  for (const error of ["a1", "a2", "b1", "a3"]) outage.fail(error);
  outage.clear();
  assert.deepEqual(told, ["a1", "b1", "a3", 4]);
});
