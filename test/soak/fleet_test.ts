import assert from "node:assert/strict";
import { test } from "node:test";
import { runFleet } from "./run_fleet.ts";
import { soakReport } from "./soak_report.ts";

// The long form is `npm run soak -- --inbox postgres`.
test("serve on many machines works all that any of them answered with 200, each sheet in order, through kills and a crash of Postgres", async () => {
  const told: string[] = [];
  const result = await runFleet({
    seed: 5,
    seconds: 20,
    restarts: 1,
    lanes: 60,
    connections: 6,
    rate: 80,
    roundMs: 5000,
    attempts: 6,
    crashEvery: 400,
    drainMs: 90_000,
    tell: (line) => void told.push(line),
  });
  const report = `${told.join("\n")}\n${soakReport(result)}`;
  assert.deepEqual(result.violations, [], report);
  assert.ok(result.crew.kills >= 4 && result.verdict.answered >= 50, report);
});
