import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { runStops } from "./run_stops.ts";

const skip = process.platform === "win32" ? "Windows has no SIGSTOP" : false;

// The long form is `npm run soak -- --stops 200`.
test("processes that are stopped and continued keep each sheet in order, and begin nothing that another goes on with", {
  skip,
}, async () => {
  const told: string[] = [];
  const { verdict, violations } = await runStops({
    seed: 7,
    stops: 6,
    rate: 40,
    drainMs: 120_000,
    tell: (line) => void told.push(line),
  });
  const { violations: _, ...counts } = verdict;
  assert.deepEqual(violations, [], `${told.join("\n")}\n${JSON.stringify(counts)}`);
  assert.ok(verdict.stored >= 50, JSON.stringify(counts));
});
