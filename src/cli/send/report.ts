import { printable } from "../../text.ts";
import type { Sending } from "./sending.ts";

/** One delivery and its answer, for a program. */
export function toJson({ answer: { status, ms, body }, verdict: { ok, text } }: Sending): string {
  return JSON.stringify({ status, ms: round(ms), answer: body, ok, verdict: text });
}

/** One delivery and its answer, for a person. */
export function toText({ answer: { status, ms, body }, verdict }: Sending): string {
  return `${status} in ${round(ms)} ms${body.trim() ? `: ${printable(body.slice(0, 2000))}` : ""}\n${verdict.text}`;
}

/** A summary of many deliveries, for a person. */
export interface Tally {
  add(sending: Sending): void;
  text(): string;
}

export function createTally(): Tally {
  const times: number[] = [];
  const byStatus = new Map<string, number>();
  return {
    add({ answer, verdict }) {
      times.push(answer.ms);
      const line = `${answer.status}: ${verdict.text}`;
      byStatus.set(line, (byStatus.get(line) ?? 0) + 1);
    },
    text() {
      const sorted = times.toSorted((a, b) => a - b);
      const lines = [...byStatus].map(([line, count]) => `${count} × ${line}`);
      const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
      return [...lines, `median ${round(median)} ms, slowest ${round(sorted.at(-1) ?? 0)} ms`].join("\n");
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
