import assert from "node:assert/strict";
import { test } from "node:test";
import { runSuite, type Suite } from "./tasks/suites.ts";

// A false assertion that fails nothing would make every other test worthless: so each runtime is shown some, by the
// command that `npm test` uses.
for (const suite of ["node", "deno", "bun"] as const satisfies readonly Suite[]) {
  test(`${suite} fails on false assertions, passes on their true twins`, async () => {
    const wrong = await runSuite(suite, ["./test/canary/false.ts"], false);
    assert.notEqual(wrong.code, 0, wrong.output);
    assert.equal(wrong.failed, 5, wrong.output);
    assert.equal(wrong.passed, 0, wrong.output);

    const right = await runSuite(suite, ["./test/canary/true.ts"], false);
    assert.equal(right.code, 0, right.output);
    assert.equal(right.failed, 0, right.output);
    assert.equal(right.passed, 5, right.output);
  });

  test(`${suite} fails on a file that can't be loaded`, async () => {
    const broken = await runSuite(suite, ["./test/canary/broken.ts"], false);
    assert.notEqual(broken.code, 0, broken.output);
    assert.ok(broken.failed >= 1, broken.output);
  });
}
