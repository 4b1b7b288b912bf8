import type { Column, NewRow, Row, RowChanges, ScannedSheet, Sheet } from "../api/sheet.ts";

/** The part of `createApi()`'s result that changes need. */
export interface ChangesApi {
  /** Reads sheets. */
  readonly sheets: {
    /** Some of its rows, with its columns: these, or those of one page. */
    get(
      sheetId: number,
      query: ReadQuery & {
        readonly rowIds?: readonly number[] | undefined;
        readonly page?: number | undefined;
        readonly pageSize?: number | undefined;
      },
    ): Promise<Partial<Sheet>>;
    /** All of its rows, page by page, with some of their cells. */
    pages(
      sheetId: number,
      query: ReadQuery & { readonly pageSize: number; readonly columnIds: readonly number[] },
    ): AsyncIterable<Sheet>;
    /** All of its rows, or those that were changed after a second, some at a time; one may come twice. @returns the sheet without them */
    scan(
      sheetId: number,
      query: ReadQuery & {
        readonly columnIds?: readonly number[] | undefined;
        readonly rowsModifiedSince?: string | undefined;
        readonly pageSize?: number | undefined;
      },
      onRows: (rows: readonly Row[], sheet: ScannedSheet) => Promise<void>,
    ): Promise<ScannedSheet>;
    /** Its columns alone. */
    columns(sheetId: number, options: { readonly signal?: AbortSignal | undefined }): Promise<readonly Column[]>;
  };
  /** Writes rows. */
  readonly rows: {
    /** At most 500. */
    add(sheetId: number, rows: readonly NewRow[], options: WriteQuery): Promise<readonly Row[]>;
    /** At most 500. */
    update(sheetId: number, rows: readonly RowChanges[], options: WriteQuery): Promise<readonly Row[]>;
    /** Missing ones are ignored. */
    delete(sheetId: number, rowIds: readonly number[], options: WriteQuery): Promise<readonly number[]>;
  };
}

/** What reads ask for. */
export interface ReadQuery {
  /** Attributes that are left out otherwise. */
  readonly include: readonly string[];
  /** Attributes that are left out. */
  readonly exclude: readonly string[];
  /** Lists of contacts and of choices as such. */
  readonly level: 2;
  /** Behind all other calls of the token. */
  readonly priority?: "low" | undefined;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}

/** What goes with a write. */
export interface WriteQuery {
  /** The change agent. */
  readonly changeAgent: string;
  /** Ends the call. */
  readonly signal?: AbortSignal | undefined;
}
