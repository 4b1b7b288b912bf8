import type { Layout, Style } from "./paint.ts";

/** A column of a table for people. */
export interface Column {
  readonly name: string;
  /** On a terminal that is too narrow, `below` goes to a line of its own below the row, `optional` is left out. */
  readonly narrow?: "below" | "optional" | undefined;
  readonly style?: (cell: string) => Style | undefined;
}

const GAP = "  ";

/**
 * A table whose columns are as wide as their longest cell. If that exceeds the width, columns move or disappear as their
 * `narrow` says, the last optional one first; lines that are still too long are cut. Without a width, nothing is cut.
 */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Infinity, paint }: Layout,
): string {
  const shown = shownColumns(columns, rows, width);
  const below = columns.map((column, index) => ({ ...column, index })).filter(({ narrow, index }) =>
    narrow === "below" && !shown.some((column) => column.index === index)
  );

  function line(cellOf: (column: PlacedColumn) => string, isHead: boolean): string {
    let left = width;
    const parts = shown.map((column, position) => {
      const isLast = position === shown.length - 1;
      const cell = cellOf(column);
      const text = cutText(isLast ? cell : cell.padEnd(column.width), left);
      left -= column.width + GAP.length;
      return paint(isHead ? "bold" : column.style?.(cell), text);
    });
    return parts.filter(Boolean).join(GAP).trimEnd();
  }

  const lines = [line(({ name }) => name, true)];
  for (const cells of rows) {
    lines.push(line(({ index }) => cells[index]!, false));
    const rest = below.map(({ index }) => cells[index]!).filter(Boolean).join(GAP);
    if (rest) lines.push(paint("dim", cutText(`${GAP}${rest}`, width)));
  }
  return lines.join("\n");
}

/** A column that is shown in the lines of a table. */
export interface PlacedColumn extends Column {
  /** Its place among all columns. */
  readonly index: number;
  /** The length of its longest cell. */
  readonly width: number;
}

/** The columns that fit a width side by side; see {@linkcode tableText}. */
export function shownColumns(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): readonly PlacedColumn[] {
  let shown: readonly PlacedColumn[] = columns.map((column, index) => {
    return {
      ...column,
      index,
      width: rows.reduce((most, cells) => Math.max(most, cells[index]!.length), column.name.length),
    };
  });
  const isTooWide = () => shown.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length) > width;
  if (isTooWide()) shown = shown.filter(({ narrow }) => narrow !== "below");
  while (isTooWide()) {
    const dropped = shown.findLast(({ narrow }) => narrow === "optional");
    if (!dropped) break;
    shown = shown.filter((column) => column !== dropped);
  }
  return shown;
}

/** Wraps a text at blanks into lines of a width; all but the first are indented. */
export function wrapText(text: string, width = Infinity, indent = 0): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = " ".repeat(indent) + word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line].join("\n");
}

/** The beginning of a text that is too long, with an ellipsis. */
export function cutText(text: string, width: number): string {
  if (text.length <= width) return text;
  return width > 0 ? `${text.slice(0, width - 1)}…` : "";
}
