import type { Mirror } from "../../inbox/mirror.ts";
import { rowFromJson, type StoredRow } from "../../mirror/stored_row.ts";
import type { Value } from "../../mirror/values/value.ts";
import { printable } from "../../text.ts";
import { countText } from "../terminal/count_text.ts";
import { type Layout, stdoutLayout } from "../terminal/paint.ts";
import { note, print, printPart } from "../terminal/print.ts";
import { type Column, cutText, shownColumns, tableText } from "../terminal/table.ts";
import { cellText, csvRecord } from "./csv.ts";
import { type NamedSheet, sheetText } from "./find_sheet.ts";

const PAGE_SIZE = 200;
/** Of a cell, on a terminal. */
const LONGEST_CELL = 30;

/** `mirror rows --csv`, page by page. */
export async function printCsv(mirror: Mirror, sheet: NamedSheet, limit?: number): Promise<void> {
  if (!await printPart(csvRecord(sheet.columns.map(({ title }) => title)))) return;
  for await (const rows of pagesOf(mirror, sheet, limit)) {
    if (!await printPart(rows.map((row) => csvRecord(valuesOf(row, sheet))).join(""))) return;
  }
}

/** `mirror rows --json`, page by page. */
export async function printJson(mirror: Mirror, sheet: NamedSheet, limit?: number): Promise<void> {
  const keys = keysOf(sheet);
  for await (const rows of pagesOf(mirror, sheet, limit)) {
    const lines = rows.map((row) => {
      const values = valuesOf(row, sheet);
      // fromEntries() makes own properties, also of "__proto__".
      return `${JSON.stringify({ ...row, cells: Object.fromEntries(keys.map((key, i) => [key, values[i]])) })}\n`;
    });
    if (!await printPart(lines.join(""))) return;
  }
}

/** `mirror rows` for a person. */
export async function printTable(mirror: Mirror, sheet: NamedSheet, limit: number): Promise<void> {
  const rows: StoredRow[] = [];
  for await (const page of pagesOf(mirror, sheet, limit)) rows.push(...page);
  if (!rows.length) return note(`sheet ${sheetText(sheet)} has no rows`);
  const { text, leftOut } = rowsText(rows, sheet, stdoutLayout());
  print(text);
  const hints = [
    ...(leftOut ? [`${countText(leftOut, "column")} didn't fit: --csv and --json have all`] : []),
    ...(sheet.rowCount > rows.length ? [`${rows.length} of ${sheet.rowCount} rows: --limit prints more`] : []),
  ];
  if (hints.length) note(hints.join("; "));
}

/** A table of the titles. Columns that don't fit are left out, that of row ids before all others. */
export function rowsText(
  rows: readonly StoredRow[],
  sheet: NamedSheet,
  layout: Layout,
): { readonly text: string; readonly leftOut: number } {
  const columns: Column[] = sheet.columns.map(({ title, primary }) => {
    return { name: shortened(title, layout), narrow: primary ? undefined : "optional" };
  });
  columns.push({ name: "row id", narrow: "optional" });
  const cells = rows.map((row) => [
    ...valuesOf(row, sheet).map((value) => shortened(cellText(value), layout)),
    String(row.id),
  ]);
  const titles = sheet.columns.length;
  const shown = shownColumns(columns, cells, layout.width).filter(({ index }) => index < titles).length;
  return { text: tableText(columns, cells, layout), leftOut: titles - shown };
}

function shortened(text: string, { width }: Layout): string {
  return width ? cutText(printable(text), LONGEST_CELL) : printable(text);
}

/**
 * The rows by id, page by page.
 *
 * @throws {Error} if the sheet was dropped, or is read anew, meanwhile: rows would be missing
 */
export async function* pagesOf(mirror: Mirror, sheet: NamedSheet, limit = Infinity): AsyncGenerator<StoredRow[]> {
  let after = 0;
  for (let left = limit; left > 0; left -= PAGE_SIZE) {
    const rows = await mirror.rowsAfter(sheet.id, after, Math.min(left, PAGE_SIZE));
    if (rows.length) yield rows.map(({ json }) => rowFromJson(json));
    if (rows.length < Math.min(left, PAGE_SIZE)) break;
    after = rows.at(-1)!.id;
  }
  const now = await mirror.sheet(sheet.id);
  if (!now || (sheet.isWhole && !now.isWhole)) {
    throw new Error(`Sheet ${sheetText(sheet)} was dropped or read anew meanwhile, so rows are missing: try again`);
  }
}

/** In the order of the columns. */
function valuesOf({ cells }: StoredRow, { columns }: NamedSheet): Value[] {
  return columns.map(({ id }) => cells.get(id)?.value ?? null);
}

/** The title of each column, or its id if another one has that title, too. */
function keysOf({ columns }: NamedSheet): string[] {
  return columns.map(({ id, title }) => {
    return columns.some((other) => other.id !== id && other.title === title) ? String(id) : title;
  });
}
