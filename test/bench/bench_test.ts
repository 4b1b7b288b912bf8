import assert from "node:assert/strict";
import test from "node:test";
import { runCommand } from "../tasks/run_command.ts";

test("npm run bench -- --quick prints a row for each goal and each runtime", async () => {
  const { code, output, stdout } = await runCommand(["node", "test/bench/main.ts", "--quick"]);
  assert.equal(code, 0, output);
  const lines = stdout.trimEnd().split("\n");
  const rows = lines.slice(4).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assert.match(lines[0]!, /^\d{4}-\d\d-\d\d, \d+ cores of .*node \d+.*deno \d+.*bun \d+/);
  assert.match(lines[2]!, /^\| what +\| runtime \| sheethook +\| against +\| ratio +\| goal +\| met\? +\|$/);
  const runtimesOf = (what: RegExp) => rows.filter(([cell]) => what.test(cell!)).map(([, runtime]) => runtime);
  const everywhere = ["node", "deno", "bun"];
  assert.deepEqual(runtimesOf(/^verified answer . hand-written floor/), everywhere);
  assert.deepEqual(runtimesOf(/Express/), ["node"]);
  assert.deepEqual(runtimesOf(/^durable answer .SQLite/), everywhere);
  assert.deepEqual(runtimesOf(/sqlite inbox/), everywhere);
  assert.deepEqual(runtimesOf(/memory inbox/), everywhere);
  assert.deepEqual(runtimesOf(/^durable answer, inbox of 10,000 done/), everywhere);
  assert.deepEqual(runtimesOf(/^draining 1,000 pending in 100 lanes/), everywhere);
  assert.deepEqual(runtimesOf(/^from the answer to the start of its handler/), everywhere);
  assert.deepEqual(runtimesOf(/64 at a time, onCallback .* @octokit/), everywhere);
  assert.deepEqual(runtimesOf(/event of 6,000/), everywhere);
  assert.deepEqual(runtimesOf(/minified and gzipped/), ["all"]);
  assert.deepEqual(runtimesOf(/first answered challenge/), everywhere);
  for (const row of rows) assert.doesNotMatch(row.join(" "), /NaN|Infinity|undefined/);
});
