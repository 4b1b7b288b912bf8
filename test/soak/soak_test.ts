import assert from "node:assert/strict";
import { test } from "node:test";
import { runSoak } from "./run_soak.ts";
import { soakReport } from "./soak_report.ts";

// The long form is `npm run soak`. This seed has one process and two on the file, and kills soon after a start and in a stop.
test("serve works all that it answered with 200, each sheet in order, though it is killed again and again", async () => {
  const told: string[] = [];
  const result = await runSoak({
    seed: 16,
    rounds: 4,
    lanes: 60,
    connections: 6,
    rate: 120,
    roundMs: 1500,
    attempts: 6,
    crashEvery: 100,
    drainMs: 90_000,
    tell: (line) => void told.push(line),
  });
  const report = `${told.join("\n")}\n${soakReport(result)}`;
  assert.deepEqual(result.violations, [], report);
  assert.ok(result.crew.kills >= 2 && result.verdict.answered >= 20, report);
});
