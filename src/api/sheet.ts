import type { CallOptions } from "./request.ts";

/** What a cell may hold. */
export type CellValue = string | number | boolean | null;

/** One cell of a row. */
export interface Cell {
  readonly columnId: number;
  readonly value?: CellValue;
  readonly displayValue?: string;
  readonly formula?: string;
  /** With `include: ["objectValue"]`: contacts, lists and dates as they are. Lists need their `level`. */
  readonly objectValue?: unknown;
  /** With `include: ["columnType"]`. */
  readonly columnType?: string;
}

/** Who wrote a row, with `include: ["writerInfo"]`. */
export interface Writer {
  readonly email?: string;
  readonly name?: string;
}

/** A row, with the cells that were asked for. */
export interface Row {
  readonly id: number;
  readonly rowNumber?: number;
  readonly parentId?: number;
  readonly version?: number;
  readonly cells: readonly Cell[];
  readonly createdAt?: string;
  readonly createdBy?: Writer;
  readonly modifiedAt?: string;
  readonly modifiedBy?: Writer;
}

/** A column. */
export interface Column {
  readonly id: number;
  readonly index: number;
  readonly title: string;
  readonly type: string;
  readonly primary?: boolean;
}

/** A sheet, with the rows and columns that were asked for. */
export interface Sheet {
  readonly id: number;
  readonly name: string;
  readonly version: number;
  readonly totalRowCount?: number;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
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
  readonly columnId: number;
  readonly value?: CellValue;
  readonly formula?: string;
  readonly strict?: boolean;
}

/** A row as it is added. Without a place, it comes at the bottom. */
export interface NewRow {
  readonly cells: readonly NewCell[];
  readonly toTop?: boolean;
  readonly toBottom?: boolean;
  readonly parentId?: number;
  readonly siblingId?: number;
  readonly above?: boolean;
}

/** What is changed in a row. */
export interface RowChanges extends Partial<NewRow> {
  readonly id: number;
}

/** One value that a cell has had. */
export interface CellVersion extends Cell {
  readonly modifiedAt: string;
  readonly modifiedBy?: { readonly name?: string; readonly email?: string };
}
