import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { fuzzReport } from "./fuzz_report.ts";
import { fuzzCase } from "./requests/fuzz_case.ts";
import { KINDS } from "./requests/kinds.ts";
import { runFuzz } from "./run_fuzz.ts";

// The long form is `npm run fuzz`.
for (const { inbox, requests } of [{ inbox: "sqlite", requests: 1500 }, { inbox: "memory", requests: 800 }] as const) {
  test(`serve answers odd requests as the contract says, and stores what it answers with 200 (${inbox})`, async () => {
    const result = await runFuzz({
      // With this seed, every kind of request is among the first 800.
      seed: 11,
      from: 0,
      requests,
      connections: 16,
      door: "serve",
      inbox,
      logLevel: "info",
      moreMemoryBytes: Infinity,
      tell: () => {},
    });
    const report = fuzzReport(result);
    assert.deepEqual(result.violations, [], report);
    assert.deepEqual(KINDS.filter(({ kind }) => !result.kinds.has(kind)), [], report);
    assert.equal(result.cases, requests, report);
    assert.ok(result.counts.accepted > requests / 4 && result.counts.challenges > requests / 20, report);
  });
}

test("the same seed gives the same requests, and another seed others", () => {
  const bytes = (seed: number, number: number) => Buffer.concat(fuzzCase(seed, number).pieces).toString("latin1");
  const numbers = Array.from({ length: 300 }, (_, number) => number);
  const first = numbers.map((number) => bytes(5, number));
  assert.deepEqual(numbers.toReversed().map((number) => bytes(5, number)).reverse(), first);
  assert.ok(numbers.filter((number) => bytes(6, number) === first[number]).length < 10);
});
