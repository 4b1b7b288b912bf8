import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { root, runCommand } from "./run_command.ts";
import { missingTests, parseTestReport, type TestReport } from "./test_report.ts";

/** One run of test files on one runtime. `package` is what a runtime doesn't change: it runs once, on Node. */
export type Suite = "node" | "deno" | "bun" | "package";

export const suites: readonly Suite[] = ["node", "deno", "bun", "package"];

/** The command that runs `files` and writes a JUnit report. */
export function testCommand(suite: Suite, files: readonly string[], report: string): readonly string[] {
  if (suite === "deno") {
    return ["deno", "test", "-A", "--no-check", "--parallel", `--junit-path=${report}`, ...files];
  }
  if (suite === "bun") {
    return [
      "bun",
      "test",
      "--parallel=3",
      "--timeout=120000",
      "--reporter=junit",
      `--reporter-outfile=${report}`,
      ...files,
    ];
  }
  const spec = ["--test-reporter=spec", "--test-reporter-destination=stdout"];
  const junit = ["--test-reporter=junit", `--test-reporter-destination=${report}`];
  return ["node", "--test", "--test-concurrency=3", "--test-timeout=600000", ...spec, ...junit, ...files];
}

/** Test files as `./test/...`, in order: those of test/package for `package`, the others for a runtime. */
export async function testFiles(suite: Suite): Promise<string[]> {
  const names = await readdir(join(root, "test"), { recursive: true });
  const files = names.filter((name) => name.endsWith("_test.ts")).map((name) => `./test/${name.replaceAll(sep, "/")}`);
  return files.filter((file) => file.startsWith("./test/package/") === (suite === "package")).sort();
}

export interface SuiteResult extends TestReport {
  /** The exit code; `null` if a signal ended it. */
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

/** One that hangs ends at some time; a slow machine takes less. */
const SUITE_MS = 25 * 60_000;

/** Runs `files` and counts. A run that ends badly, or without any test, counts as a failed test if none failed. */
export async function runSuite(suite: Suite, files: readonly string[], show: boolean): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-report-"));
  try {
    const path = join(folder, "report.xml");
    const result = await runCommand(testCommand(suite, files, path), {
      show,
      // Node keeps what it made of TypeScript for the processes that come after.
      env: { DENO_JOBS: "3", NODE_COMPILE_CACHE: join(folder, "compiled") },
      timeoutMs: SUITE_MS,
    });
    const report = parseTestReport(await readFile(path, "utf8").catch(() => ""));
    const isUnexplained = report.failed === 0 && (result.code !== 0 || report.tests.length === 0);
    const how = result.code === null ? `killed after ${Math.round(result.ms / 1000)} s` : `exit code ${result.code}`;
    const note = isUnexplained ? `\n${suite}: ${how}, ${report.tests.length} tests reported, none as failed\n` : "";
    if (show) process.stdout.write(note);
    return {
      ...report,
      failed: isUnexplained ? 1 : report.failed,
      code: result.code,
      output: result.output + note,
      ms: result.ms,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/**
 * What was left out, one line each: tests that ran on Node and that Deno or Bun don't know; and, if `strict`, tests
 * that were skipped wherever they could have run.
 */
export function leftOutTests(
  reports: Readonly<Partial<Record<Suite, TestReport>>>,
  strict: boolean = process.env.CI === "true",
): string[] {
  const { node, deno, bun } = reports;
  const missing = (["deno", "bun"] as const).flatMap((suite) => {
    const other = reports[suite];
    const names = node && other ? missingTests(node, other, suite === "bun") : [];
    return names.map((name) => `${suite} left out a test that Node knows: ${name}`);
  });
  if (!strict) return missing;
  const isSkipped = (report: TestReport, name: string) => report.skipped.some((test) => test.name.endsWith(name));
  const nowhere = node && deno && bun
    ? node.skipped.filter(({ name }) => isSkipped(deno, name) && isSkipped(bun, name))
    : [];
  const skipped = [...nowhere, ...reports.package?.skipped ?? []];
  return [...missing, ...skipped.map(({ name, reason }) => `skipped, a failure where CI=true: ${name} (${reason})`)];
}
