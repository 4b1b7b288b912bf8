import type { CallOptions } from "./request.ts";

/** Options of reading rows. */
export interface RowQuery extends CallOptions {
  /** `objectValue`, `columnType`, `writerInfo` and others that Smartsheet documents. */
  readonly include?: readonly string[] | undefined;
  /** `nonexistentCells` leaves out empty cells: then only `columnId` tells a cell's column. */
  readonly exclude?: readonly string[] | undefined;
  /** 1 returns lists of contacts instead of their text, 2 also lists of choices. @default 0 */
  readonly level?: 0 | 1 | 2 | undefined;
}

/** Options of reading a whole sheet. */
export interface ScanQuery extends RowQuery {
  /** Only the cells of these columns. @default all columns */
  readonly columnIds?: readonly number[] | undefined;
  /** Rows in one request, at most 10,000. @default 2_000 */
  readonly pageSize?: number | undefined;
  /**
   * Only rows that were changed after this second. Never includes rows whose cells are all empty; a deleted row only shows
   * in `totalRowCount`.
   */
  readonly rowsModifiedSince?: Date | string | undefined;
}

/** Options of reading a sheet page by page. */
export interface PagesQuery extends ScanQuery {}

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
