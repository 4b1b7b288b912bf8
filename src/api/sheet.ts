import type { CallOptions } from "./request.ts";

/** What a cell may hold. */
export type CellValue = string | number | boolean | null;

/** One cell of a row. */
export interface Cell {
  readonly columnId: number;
  readonly value?: CellValue;
  readonly displayValue?: string;
  readonly formula?: string;
}

/** A row, with the cells that were asked for. */
export interface Row {
  readonly id: number;
  readonly rowNumber?: number;
  readonly parentId?: number;
  readonly version?: number;
  readonly cells: readonly Cell[];
  readonly createdAt?: string;
  readonly modifiedAt?: string;
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

/** What of a sheet is wanted. */
export interface SheetQuery extends CallOptions {
  readonly rowIds?: readonly number[] | undefined;
  readonly columnIds?: readonly number[] | undefined;
  /** Only rows that were changed since then: what to ask for after a webhook was disabled. */
  readonly rowsModifiedSince?: Date | string | undefined;
  /** If the sheet has no newer version, its rows and columns stay away, and only `version` is sure. */
  readonly ifVersionAfter?: number | undefined;
  readonly page?: number | undefined;
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
