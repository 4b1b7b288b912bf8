import type { Column, Hyperlink, Writer } from "../api/sheet.ts";
import type { StoredRow } from "./stored_row.ts";
import { type Cells, textOf, type Value } from "./values/value.ts";

/** A sheet as it was when its rows were read. */
export interface SheetInfo {
  /** The sheet's id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Its columns, in order. */
  readonly columns: readonly Column[];
}

/** A row of a sheet. `RowCells` is what a `schema` makes of its cells. */
export interface Row<RowCells = Cells> {
  /** The row's id. */
  readonly id: number;
  /** The sheet's id. */
  readonly sheetId: number;
  /** Its place in the sheet, from 1; undefined if it isn't known. */
  readonly rowNumber: number | undefined;
  /** The row that it is indented under; undefined if there is none. */
  readonly parentId: number | undefined;
  /** When it was added, ISO 8601. */
  readonly createdAt: string | undefined;
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt: string | undefined;
  /** Who last changed it. */
  readonly modifiedBy: Writer | undefined;
  /** All cells by column title; null for an empty one. Of two columns with one title it has the first. */
  readonly cells: RowCells;
  /** One cell, by the id of its column; an empty one where the sheet has no such column. */
  cell(columnId: number): RowCell;
}

/** A cell of a row. */
export interface RowCell {
  /** What is in it; the result of a formula. */
  readonly value: Value;
  /** The same as Smartsheet shows it; undefined for an empty cell and a checkbox. */
  readonly displayValue: string | undefined;
  /** The formula, with its `=`; undefined if there is none. */
  readonly formula: string | undefined;
  /** Where a click leads; undefined if nowhere. */
  readonly hyperlink: Hyperlink | undefined;
}

/** The row that handlers get. `cell` isn't enumerable, so that the row is plain for JSON, steps and comparisons. */
export function createRow(stored: StoredRow, { id: sheetId, columns }: Pick<SheetInfo, "id" | "columns">): Row {
  const { id, rowNumber, parentId, createdAt, modifiedAt, modifiedBy, cells } = stored;
  const values = new Map<string, Value>();
  for (const { id, title } of columns) if (!values.has(title)) values.set(title, cells.get(id)?.value ?? null);
  // fromEntries() makes own properties, also of "__proto__".
  const row = {
    id,
    sheetId,
    rowNumber,
    parentId,
    createdAt,
    modifiedAt,
    modifiedBy,
    cells: Object.fromEntries(values),
  };
  return withCellOf(row, (columnId) => {
    const { value = null, displayValue, formula, hyperlink } = cells.get(columnId) ?? {};
    return { value, displayValue: displayValue ?? textOf(value), formula, hyperlink };
  });
}

/** The same row with other cells by title. */
export function replaceCells<RowCells>(row: Row, cells: RowCells): Row<RowCells> {
  return withCellOf({ ...row, cells }, row.cell);
}

function withCellOf<RowCells>(row: Omit<Row<RowCells>, "cell">, cell: Row["cell"]): Row<RowCells> {
  return Object.defineProperty(row, "cell", { value: cell }) as Row<RowCells>;
}
