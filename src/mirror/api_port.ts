import type { Column, NewRow, Row, RowChanges, Sheet } from "../api/sheet.ts";

/** The part of `createApi()`'s result that changes need. */
export interface ChangesApi {
  readonly sheets: {
    get(sheetId: number, query: ReadQuery & { readonly rowIds: readonly number[] }): Promise<Partial<Sheet>>;
    pages(sheetId: number, query: ReadQuery & { readonly pageSize: number }): AsyncIterable<Sheet>;
    columns(sheetId: number, options: { readonly signal?: AbortSignal | undefined }): Promise<readonly Column[]>;
  };
  readonly rows: {
    add(sheetId: number, rows: readonly NewRow[], options: WriteQuery): Promise<readonly Row[]>;
    update(sheetId: number, rows: readonly RowChanges[], options: WriteQuery): Promise<readonly Row[]>;
    delete(sheetId: number, rowIds: readonly number[], options: WriteQuery): Promise<readonly number[]>;
  };
}

interface ReadQuery {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly level: 2;
  readonly signal?: AbortSignal | undefined;
}

interface WriteQuery {
  readonly changeAgent: string;
  readonly signal?: AbortSignal | undefined;
}
