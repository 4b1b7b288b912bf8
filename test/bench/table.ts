import type { Ratio } from "./rounds.ts";

/** One line of the table. */
export interface Row {
  readonly what: string;
  readonly runtime: string;
  readonly sheethook: string;
  readonly against?: string;
  /** The median of the rounds, and the lowest and highest of them. */
  readonly ratio?: string;
  readonly goal?: string;
  readonly isMet?: boolean;
}

const COLUMNS = ["what", "runtime", "sheethook", "against", "ratio", "goal", "met?"];

/** A Markdown table, with its columns lined up for those who read it as text. */
export function toTable(rows: readonly Row[]): string {
  const lines = rows.map(({ what, runtime, sheethook, against = "", ratio = "", goal = "reported", isMet }) => {
    return [what, runtime, sheethook, against, ratio, goal, isMet === undefined ? "" : isMet ? "yes" : "**no**"];
  });
  const widths = COLUMNS.map((column, index) =>
    Math.max(...[column, ...lines.map((line) => line[index]!)].map((cell) => cell.length))
  );
  const toLine = (cells: readonly string[]) =>
    `| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(" | ")} |`;
  return [toLine(COLUMNS), toLine(widths.map((width) => "-".repeat(width))), ...lines.map(toLine)].join("\n");
}

/** The row of two contenders that were measured side by side. `goal` is what the ratio should be at least. */
export function rateRow(what: string, runtime: string, measured: Ratio, goal?: number): Row {
  return {
    what,
    runtime,
    sheethook: `${toCount(measured.ours)}/s`,
    against: `${toCount(measured.theirs)}/s`,
    ratio: toRatio(measured),
    ...(goal && { goal: `>= ${goal.toFixed(2)}`, isMet: measured.ratio >= goal }),
  };
}

export function toRatio({ ratio, lowest, highest }: Ratio): string {
  return `${ratio.toFixed(2)} (${lowest.toFixed(2)}-${highest.toFixed(2)})`;
}

export function toCount(value: number): string {
  return Math.round(value).toLocaleString("en");
}
