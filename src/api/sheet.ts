import type { CallOptions } from "./request.ts";

/** What a cell may hold. */
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
  /** With `include: ["objectValue"]`: contacts, lists and dates as they are. Lists need their `level`. */
  readonly objectValue?: unknown;
  /** With `include: ["columnType"]`. */
  readonly columnType?: string;
}

/** Who wrote a row, with `include: ["writerInfo"]`. */
export interface Writer {
  /** E-mail address. */
  readonly email?: string;
  /** Full name. */
  readonly name?: string;
}

/** A row, with the cells that were asked for. */
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

/** A sheet, with the rows and columns that were asked for. */
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

/** How much of each row is wanted. */
export interface RowQuery extends CallOptions {
  /** `objectValue`, `columnType`, `writerInfo` and what else Smartsheet knows. */
  readonly include?: readonly string[] | undefined;
  /** `nonexistentCells` leaves out empty cells: then a cell's column is known by its `columnId` alone. */
  readonly exclude?: readonly string[] | undefined;
  /** Lists of contacts (1) and lists of choices, too (2), instead of their text. @default Smartsheet's: 0 */
  readonly level?: 0 | 1 | 2 | undefined;
}

/** What of all rows is wanted. */
export interface PagesQuery extends RowQuery {
  /** Only the cells of these columns. @default all columns */
  readonly columnIds?: readonly number[] | undefined;
  /**
   * Only rows that were changed later than this second. Rows whose cells are all empty are never among them, and a
   * deleted row leaves no trace but in `totalRowCount`.
   */
  readonly rowsModifiedSince?: Date | string | undefined;
  /** Rows of one page, at most 10,000. @default 2_000 */
  readonly pageSize?: number | undefined;
}

/** What of a sheet is wanted. */
export interface SheetQuery extends PagesQuery {
  /** Any number: they are read in as many requests as it takes. Those that aren't there are left out. */
  readonly rowIds?: readonly number[] | undefined;
  /** If the sheet has no newer version, its rows and columns stay away, and only `version` is sure. */
  readonly ifVersionAfter?: number | undefined;
  /**
   * Smartsheet cuts pages first and filters second, so that one in the middle may be empty; one past the end is the last
   * one again. `sheets.pages` knows.
   */
  readonly page?: number | undefined;
  /** With 1 an answer has version, `totalRowCount` and columns, and next to no rows. @default all rows */
  readonly pageSize?: number | undefined;
}

/** A cell as it is written. */
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

/** A row as it is added. Without a place, it comes at the bottom. */
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

/** What is changed in a row. */
export interface RowChanges extends Partial<NewRow> {
  /** The row to change. */
  readonly id: number;
}

/** One value that a cell has had. */
export interface CellVersion extends Cell {
  /** When it was written, ISO 8601. */
  readonly modifiedAt: string;
  /** Who wrote it. */
  readonly modifiedBy?: { readonly name?: string; readonly email?: string };
}
