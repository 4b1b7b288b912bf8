/**
 * `npm test`: the whole tree on Node, Deno and Bun, one after another, then the package.
 * `npm test -- deno` runs one of them, `npm test -- node receive` only the files with `receive` in their path.
 */
import { reportSuite, type ShownReport } from "./report_suite.ts";
import { leftOutTests, type Suite, suites } from "./suites.ts";

const args = process.argv.slice(2);
const chosen = suites.filter((suite) => args.includes(suite));
const words = args.filter((arg) => !suites.includes(arg as Suite));

const reports: Partial<Record<Suite, ShownReport>> = {};
for (const suite of chosen.length ? chosen : suites) reports[suite] = await reportSuite(suite, words, true);

const leftOut = leftOutTests(reports);
for (const line of leftOut) console.log(line);
const passed = Object.values(reports).reduce((sum, report) => sum + report.passed, 0);
let failed = Object.values(reports).reduce((sum, report) => sum + report.failed, leftOut.length);
if (passed + failed === 0) {
  console.error(`No test file has ${words.join(" or ")} in its path`);
  failed = 1;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
