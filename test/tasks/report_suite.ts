import { runCommand } from "./run_command.ts";
import { runSuite, type Suite, testFiles } from "./suites.ts";
import type { TestReport } from "./test_report.ts";

export interface ShownReport extends TestReport {
  readonly output: string;
}

/** Runs a suite between a heading and a closing summary, which names each skipped test and why it was. */
export async function reportSuite(suite: Suite, words: readonly string[], show: boolean): Promise<ShownReport> {
  const files = (await testFiles(suite)).filter((file) => !words.length || words.some((word) => file.includes(word)));
  if (!files.length) return { passed: 0, failed: 0, skipped: [], tests: [], output: "" };
  let output = "";
  const say = (line: string) => {
    output += `${line}\n`;
    if (show) console.log(line);
  };
  const title = await describe(suite);
  say(`\n=== ${title}: ${files.length} files\n`);
  const result = await runSuite(suite, files, show);
  output += result.output;
  const { passed, failed, skipped } = result;
  say(
    `\n=== ${title}: ${passed} passed, ${failed} failed, ${skipped.length} skipped, ${(result.ms / 1000).toFixed(1)} s`,
  );
  for (const { name, reason } of skipped) {
    say(`    skipped: ${name} (${reason || "this runtime doesn't keep the reason: it stands in the test"})`);
  }
  return { ...result, output };
}

async function describe(suite: Suite): Promise<string> {
  if (suite === "package") return "The package, as a stranger would use it";
  const { stdout } = await runCommand([suite, "--version"]);
  const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0] ?? "of unknown version";
  return `${{ node: "Node", deno: "Deno", bun: "Bun" }[suite]} ${version}`;
}
