import type { CallOptions } from "./request.ts";

/** The value of a cell. */
export type CellValue = string | number | boolean | null;

/** One cell of a row. */
export interface Cell {
  /** The column that the cell is in. */
  readonly columnId: number;
  /** The value; absent for an empty cell. */
  readonly value?: CellValue;
  /** The value as Smartsheet shows it. */
  readonly displayValue?: string;
  /** The formula, with its `=`. */
  readonly formula?: string;
  /** With `include: ["objectValue"]`: contacts, lists and dates as objects. Lists need their `level`. */
  readonly objectValue?: unknown;
  /** With `include: ["columnType"]`. */
  readonly columnType?: string;
}

/** The writer of a row, with `include: ["writerInfo"]`. */
export interface Writer {
  /** E-mail address. */
  readonly email?: string;
  /** Full name. */
  readonly name?: string;
}

/** A row, with the requested cells. */
export interface Row {
  /** The row's id. */
  readonly id: number;
  /** Its place in the sheet, from 1. */
  readonly rowNumber?: number;
  /** The row that it is indented under. */
  readonly parentId?: number;
  /** Smartsheet's version of the row. */
  readonly version?: number;
  /** In the order of the columns. */
  readonly cells: readonly Cell[];
  /** When it was added, ISO 8601. */
  readonly createdAt?: string;
  /** Who added it. */
  readonly createdBy?: Writer;
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt?: string;
  /** Who last changed it. */
  readonly modifiedBy?: Writer;
}

/** A column. */
export interface Column {
  /** The column's id. */
  readonly id: number;
  /** Its place in the sheet, from 0. */
  readonly index: number;
  /** Its heading. */
  readonly title: string;
  /** `TEXT_NUMBER`, `DATE`, `CONTACT_LIST`, ... */
  readonly type: string;
  /** True for the primary column. */
  readonly primary?: boolean;
}

/** A sheet, with the requested rows and columns. */
export interface Sheet {
  /** The sheet's id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Grows with every change. */
  readonly version: number;
  /** All rows, also those that weren't asked for. */
  readonly totalRowCount?: number;
  /** Its columns, in order. */
  readonly columns: readonly Column[];
  /** Its rows, from the top. */
  readonly rows: readonly Row[];
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt?: string;
}

/** Options of reading rows. */
export interface RowQuery extends CallOptions {
  /** `objectValue`, `columnType`, `writerInfo` and others that Smartsheet documents. */
  readonly include?: readonly string[] | undefined;
  /** `nonexistentCells` leaves out empty cells: then only `columnId` tells a cell's column. */
  readonly exclude?: readonly string[] | undefined;
  /** 1 returns lists of contacts instead of their text, 2 also lists of choices. @default 0 */
  readonly level?: 0 | 1 | 2 | undefined;
}

/** Options of reading a sheet page by page. */
export interface PagesQuery extends RowQuery {
  /** Only the cells of these columns. @default all columns */
  readonly columnIds?: readonly number[] | undefined;
  /**
   * Only rows that were changed after this second. Never includes rows whose cells are all empty; a deleted row only shows
   * in `totalRowCount`.
   */
  readonly rowsModifiedSince?: Date | string | undefined;
  /** Rows in one page, at most 10,000. @default 2_000 */
  readonly pageSize?: number | undefined;
}

/** Options of reading a sheet. */
export interface SheetQuery extends PagesQuery {
  /** Any number, read in as many requests as they need. Missing rows are left out. */
  readonly rowIds?: readonly number[] | undefined;
  /** If the sheet has no newer version, rows and columns are left out; only `version` is certain. */
  readonly ifVersionAfter?: number | undefined;
  /**
   * Smartsheet pages first and filters second, so a page in the middle may be empty, and a page past the end repeats the
   * last one. `sheets.pages` handles both.
   */
  readonly page?: number | undefined;
  /** 1 returns `version`, `totalRowCount` and columns with hardly any rows. @default all rows */
  readonly pageSize?: number | undefined;
}

/** A cell to write. */
export interface NewCell {
  /** The column to write to. */
  readonly columnId: number;
  /** What to write; null empties the cell. */
  readonly value?: CellValue;
  /** Instead of a value: a formula, with its `=`. */
  readonly formula?: string;
  /** False lets Smartsheet parse the value as if a person had typed it. @default true */
  readonly strict?: boolean;
}

/** A row to add. Without a position it is added at the bottom. */
export interface NewRow {
  /** The cells of the row. */
  readonly cells: readonly NewCell[];
  /** At the top of the sheet, or of `parentId`. */
  readonly toTop?: boolean;
  /** At the bottom of the sheet, or of `parentId`. */
  readonly toBottom?: boolean;
  /** Indented under this row. */
  readonly parentId?: number;
  /** Below this row. */
  readonly siblingId?: number;
  /** With `siblingId`: above it. */
  readonly above?: boolean;
}

/** Changes of a row. */
export interface RowChanges extends Partial<NewRow> {
  /** The row to change. */
  readonly id: number;
}

/** A past or present value of a cell. */
export interface CellVersion extends Cell {
  /** When it was written, ISO 8601. */
  readonly modifiedAt: string;
  /** Who wrote it. */
  readonly modifiedBy?: { readonly name?: string; readonly email?: string };
}
