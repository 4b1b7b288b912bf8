import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { commandEnvironment } from "../tasks/run_command.ts";

/** A test that takes longer hangs. */
const MOST_MS = 120_000;

/** Runs test files one after another. @returns the first test that fails, or undefined if all pass */
export async function firstFailure(folder: string, tests: readonly string[]): Promise<string | undefined> {
  for (const test of tests) {
    const failed = await failureOf(folder, `test/${test}_test.ts`);
    if (failed !== undefined) return `${test}: ${failed}`;
  }
  return undefined;
}

/** Ends the file at its first failed test: the others would only take time. */
async function failureOf(folder: string, file: string): Promise<string | undefined> {
  const child = spawn("nice", ["node", "--test-reporter=tap", file], {
    cwd: folder,
    env: { ...commandEnvironment(), NODE_NO_WARNINGS: "1", NODE_COMPILE_CACHE: join(folder, "compiled") },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let failed: string | undefined;
  let last = "";
  const timer = setTimeout(() => {
    failed ??= "it doesn't end";
    killGroup(child);
  }, MOST_MS);
  child.stdout.on("data", () => void timer.refresh());
  child.stderr.on("data", (text: Uint8Array) => last = String(text).trim().split("\n").at(-1) ?? last);
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const [, name] = /^\s*not ok \d+ - (.*)$/.exec(line) ?? [];
    if (name === undefined || failed !== undefined || / # (TODO|SKIP)/.test(line)) return;
    failed = name;
    killGroup(child);
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearTimeout(timer);
  return failed ?? (code === 0 ? undefined : `exit code ${code}: ${last}`);
}

/** With the programs that the test has started. */
function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/** What a copy needs to run the tests; `node_modules` is linked. */
export const COPIED = [
  "src",
  "test",
  "mod.ts",
  "package.json",
  "deno.json",
  "tsconfig.json",
  "README.md",
  "CHANGELOG.md",
];
