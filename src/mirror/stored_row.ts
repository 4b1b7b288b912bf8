import type { Cell, Column, Hyperlink, Row as ApiRow, Writer } from "../api/sheet.ts";
import { readCellValue } from "./values/cell_value.ts";
import { type Predecessor, readPredecessors } from "./values/predecessor.ts";
import { textOf, type Value } from "./values/value.ts";

/** A cell as the mirror keeps it. */
export interface StoredCell {
  readonly value: Value;
  /** As Smartsheet shows it; absent if that is the value itself. */
  readonly displayValue?: string;
  readonly formula?: string;
  readonly hyperlink?: Hyperlink;
  /** By row id: their text changes with each row that is added above them. */
  readonly predecessors?: readonly Predecessor[];
}

/** A row as the mirror keeps it: plain, and without its empty cells. */
export interface StoredRow {
  readonly id: number;
  readonly rowNumber?: number;
  readonly parentId?: number;
  readonly createdAt?: string;
  readonly modifiedAt?: string;
  readonly modifiedBy?: Writer;
  /** Columns that we have written, and whose events haven't come. */
  readonly written?: readonly number[];
  /** By column id, ascending. */
  readonly cells: ReadonlyMap<number, StoredCell>;
}

/** Takes rows out of an answer of the API; `columns` came with them. */
export function storeRows(rows: readonly ApiRow[], columns: readonly Column[]): StoredRow[] {
  const types = new Map(columns.map(({ id, type }) => [id, type]));
  return rows.map(({ id, rowNumber, parentId, createdAt, modifiedAt, modifiedBy, cells }) => {
    const read = (cells ?? []).flatMap((cell): [number, StoredCell][] => {
      const stored = storeCell(cell, types.get(cell.columnId) ?? cell.columnType);
      return stored ? [[cell.columnId, stored]] : [];
    });
    return withoutUndefined({
      id,
      rowNumber,
      parentId,
      createdAt,
      modifiedAt,
      modifiedBy: modifiedBy ? withoutUndefined({ email: modifiedBy.email, name: modifiedBy.name }) : undefined,
      cells: new Map(read.sort(([a], [b]) => a - b)),
    });
  });
}

/** Undefined for an empty cell. */
function storeCell(cell: Cell, columnType: string | undefined): StoredCell | undefined {
  const { displayValue, formula, hyperlink } = cell;
  const value = readCellValue(cell, columnType);
  if (value === null && !formula && !hyperlink) return undefined;
  const predecessors = columnType === "PREDECESSOR" ? readPredecessors(cell.objectValue) : undefined;
  return {
    value,
    ...(typeof displayValue === "string" && displayValue !== textOf(value) && { displayValue }),
    ...(formula && { formula }),
    ...(hyperlink && { hyperlink: storeLink(hyperlink) }),
    ...(predecessors && { predecessors }),
  };
}

function storeLink({ url, sheetId, reportId, sightId }: Hyperlink): Hyperlink {
  const all = { url, sheetId, reportId, sightId };
  return Object.fromEntries(Object.entries(all).filter(([, target]) => target ?? false));
}

/** The same object, without its attributes that are undefined. */
export function withoutUndefined<T extends object>(object: { [K in keyof T]: T[K] | undefined }): T {
  for (const key of Object.keys(object) as (keyof T)[]) if (object[key] === undefined) delete object[key];
  return object as T;
}

/** A row with some cells of another state of it. */
export function withCells(row: StoredRow, { cells: from }: StoredRow, columnIds: readonly number[]): StoredRow {
  const cells = new Map(row.cells);
  for (const id of columnIds) {
    const cell = from.get(id);
    if (cell) cells.set(id, cell);
    else cells.delete(id);
  }
  return { ...row, cells: new Map([...cells].sort(([a], [b]) => a - b)) };
}

/** A cell in JSON: column id, value, and what else there is. */
type PlainCell = [columnId: number, value: Value, displayValue?: string | null, more?: Partial<StoredCell>];

/** A row in JSON. */
export type PlainRow = Omit<StoredRow, "cells"> & { readonly cells: readonly PlainCell[] };

/** The row as what JSON can hold. Two cells are equal if and only if their texts in JSON are. */
export function toPlainRow({ cells, ...row }: StoredRow): PlainRow {
  return { ...row, cells: [...cells].map(([id, cell]) => toPlainCell(id, cell)) };
}

function toPlainCell(columnId: number, { value, displayValue, ...more }: StoredCell): PlainCell {
  if (Object.keys(more).length) return [columnId, value, displayValue ?? null, more];
  return displayValue === undefined ? [columnId, value] : [columnId, value, displayValue];
}

/** The row that `toPlainRow` was given. */
export function fromPlainRow({ cells, ...row }: PlainRow): StoredRow {
  const read = cells.map(([columnId, value, displayValue, more]): [number, StoredCell] => [columnId, {
    value,
    ...(typeof displayValue === "string" && { displayValue }),
    ...more,
  }]);
  return { ...row, cells: new Map(read) };
}

/** The row as a text for the mirror. */
export function rowToJson(row: StoredRow): string {
  return JSON.stringify(toPlainRow(row));
}

/** The row that `rowToJson` made a text of. */
export function rowFromJson(json: string): StoredRow {
  return fromPlainRow(JSON.parse(json));
}
