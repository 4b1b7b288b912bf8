/** `npm run ok`: everything that must hold, one after another, up to the first that doesn't. */
import { mkdtemp, readdir, rm } from "node:fs/promises";
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
  command("docs of what is public", ...Object.values(deno.exports).map((path) => `deno doc --lint ${path}`)),
  command("architecture", "node --test test/architecture_test.ts"),
  command("build", "node test/tasks/build.ts"),
  { name: "pack", run: () => run("npm", "pack", "--ignore-scripts", "--pack-destination", folder) },
  { name: "publint", run: async () => await run("publint", "--strict", await tarball()) },
  {
    name: "are the types wrong",
    run: async () => await run("attw", await tarball(), "--profile", "esm-only", "--no-color", "--no-emoji"),
  },
  { name: "publish to JSR, dry, without a warning", run: publish },
  ...suites.map(suiteStep),
  { name: "tests: none left out", run: compare },
];

/** Commands one after another, up to the first that fails. Their words have no blanks. */
function command(name: string, ...lines: string[]): Step {
  return {
    name,
    run: async () => {
      let result = { ok: true, output: "" };
      for (const line of lines) if (result.ok) result = await run(...line.split(" "));
      return result;
    },
  };
}

async function run(...words: string[]): ReturnType<Step["run"]> {
  const { code, output } = await runCommand(words);
  return { ok: code === 0, output };
}

async function tarball(): Promise<string> {
  const name = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  return join(folder, name ?? "no tarball");
}

async function publish(): ReturnType<Step["run"]> {
  const { ok, output } = await run("deno", "publish", "--dry-run", "--allow-dirty");
  return { ok: ok && !/^warning/m.test(output), output };
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
