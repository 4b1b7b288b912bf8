/** `npm run ok`: everything that must hold, one after another, up to the first that doesn't. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportSuite, type ShownReport } from "./report_suite.ts";
import { runCommand } from "./run_command.ts";
import { leftOutTests, type Suite, suites } from "./suites.ts";
import deno from "../../deno.json" with { type: "json" };

interface Step {
  readonly name: string;
  readonly run: () => Promise<{ readonly ok: boolean; readonly output: string }>;
}

const folder = await mkdtemp(join(tmpdir(), "sheethook-ok-"));
const tarball = join(folder, "sheethook.tgz");
// A log that nobody can ask again should tell it all.
const showTests = process.env.CI === "true";
const reports: Partial<Record<Suite, ShownReport>> = {};

const steps: readonly Step[] = [
  command("format", "deno fmt --check"),
  command("lint", "deno lint"),
  command("types", "tsc"),
  command("types of the core, without a platform", "tsc -p test/tsconfig.core.json"),
  command("types, by Deno", "deno check mod.ts src test"),
  // Each entry alone: it should export every type that it names.
  command("docs of what is public", ...Object.values(deno.exports).map((path) => `deno doc --lint ${path} >/dev/null`)),
  command("architecture", "node --test test/architecture_test.ts"),
  command("build", "node test/tasks/build.ts"),
  command("pack", `npm pack --ignore-scripts --pack-destination ${folder}`, `mv ${folder}/sheethook-*.tgz ${tarball}`),
  command("publint", `publint --strict ${tarball}`),
  command("are the types wrong", `attw ${tarball} --profile esm-only --no-color --no-emoji`),
  command(
    "publish to JSR, dry, without a warning",
    `deno publish --dry-run --allow-dirty >${folder}/jsr 2>&1 || echo "warning: it failed" >>${folder}/jsr`,
    `cat ${folder}/jsr`,
    `! grep -q "^warning" ${folder}/jsr`,
  ),
  ...suites.map(suiteStep),
  { name: "tests: none left out", run: compare },
];

function command(name: string, ...lines: string[]): Step {
  const run = async () => {
    const { code, output } = await runCommand(["sh", "-c", lines.join(" && ")]);
    return { ok: code === 0, output };
  };
  return { name, run };
}

function suiteStep(suite: Suite): Step {
  const run = async () => {
    const report = reports[suite] = await reportSuite(suite, [], showTests);
    return { ok: report.failed === 0, output: showTests ? "" : report.output };
  };
  return { name: `tests: ${suite}`, run };
}

function compare(): ReturnType<Step["run"]> {
  const lines = leftOutTests(reports);
  return Promise.resolve({ ok: lines.length === 0, output: lines.join("\n") });
}

let failedStep = false;
try {
  for (const { name, run } of steps) {
    process.stdout.write(`${name} ... `);
    const started = performance.now();
    const { ok, output } = await run();
    console.log(`${ok ? "ok" : "FAILED"} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
    if (ok) continue;
    console.log(`\n${output.trimEnd()}\n`);
    failedStep = true;
    break;
  }
} finally {
  await rm(folder, { recursive: true });
}
const passed = Object.values(reports).reduce((sum, report) => sum + report.passed, 0);
const failed = Object.values(reports).reduce((sum, report) => sum + report.failed, 0);
console.log(`${passed} passed, ${failed || Number(failedStep)} failed`);
process.exitCode = failedStep ? 1 : 0;
