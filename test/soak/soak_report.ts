import type { SoakResult } from "./run_soak.ts";

const SHOWN_VIOLATIONS = 50;

/** What a soak did and found, for a person. */
export function soakReport({ rounds, seconds, load, crew, verdict, violations }: SoakResult): string {
  const lines = [
    ["rounds", `${rounds} in ${seconds} s, ${crew.starts} starts of serve`],
    [
      "ended by",
      `${crew.kills} kills, ${crew.crashes} crashes, ${crew.stops} stops, ${crew.secondSignals} second signals`,
    ],
    ["requests", `${load.requests}: ${load.ok} × 200, ${load.unavailable} × 503, ${load.unanswered} without an answer`],
    ["answered", `${verdict.answered} callbacks`],
    ["duplicates", `${load.duplicates} requests sent a callback again`],
    ["stored", `${verdict.stored} callbacks`],
    ["worked", `${verdict.worked} callbacks, ${verdict.repeated} calls of them repeated after a kill`],
    ["dead letters", `${verdict.dead}, ${verdict.wornOut} of them worn out by kills`],
    ["order violations", String(verdict.orderViolations)],
    ["overlaps", String(verdict.overlaps)],
    ["begun without a lease", String(verdict.zombies)],
    ["lost", String(verdict.lost)],
    ["violations in all", String(violations.length)],
  ];
  const shown = violations.slice(0, SHOWN_VIOLATIONS).map((violation) => `! ${violation}`);
  return [...lines.map(([name, text]) => `${name!.padEnd(21)} ${text}`), ...shown].join("\n");
}
