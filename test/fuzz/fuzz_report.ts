import type { FuzzResult } from "./run_fuzz.ts";

/** What was sent, answered and found, for a person. */
export function fuzzReport({ cases, seconds, kinds, counts, memory, violations }: FuzzResult): string {
  const rows = [...kinds].map(([kind, answers]) => {
    const sorted = [...answers].sort(([, a], [, b]) => b - a);
    const sum = sorted.reduce((sum, [, count]) => sum + count, 0);
    return `  ${kind.padEnd(24)} ${String(sum).padStart(8)}  ${sorted.map((pair) => pair.join(": ")).join(", ")}`;
  });
  const mebibytes = memory.map((bytes) => bytes === undefined ? "?" : String(Math.round(bytes / 2 ** 20)));
  const { accepted, duplicates, challenges, unknown, unavailable } = counts;
  return [
    `${cases} cases in ${seconds.toFixed(0)} s, ${Math.round(cases / seconds)} a second`,
    ...rows.sort(),
    `${accepted} callbacks accepted, ${duplicates} more times answered 200, ${challenges} challenges echoed, ${unknown} unknown, ${unavailable} times 503`,
    `memory of serve: ${mebibytes.join(" MiB behind the first tenth, ")} MiB at the end`,
    ...violations.slice(0, 50).map((violation) => `! ${violation}`),
    `${violations.length} violations`,
  ].join("\n");
}
