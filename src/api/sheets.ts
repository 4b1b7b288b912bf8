import { optionError } from "../errors.ts";
import { resultOf } from "./answer.ts";
import { chunkIds, requireId, requireIds } from "./ids.ts";
import { type ListOptions, listPages } from "./list_pages.ts";
import { readPages, type ReadSheet, readSheet, requireVersion } from "./reading/read_sheet.ts";
import type { CallOptions, SendRequest, WriteOptions } from "./request.ts";
import { scanSheet } from "./reading/scan_sheet.ts";
import type { CellVersion, Column, NewRow, OnRows, Row, RowChanges, ScannedSheet, Sheet } from "./sheet.ts";
import type { PagesQuery, RowQuery, ScanQuery, SheetQuery } from "./sheet_query.ts";

/** https://developers.smartsheet.com/api/smartsheet/openapi/sheets */
export interface SheetCalls {
  /**
   * Reads a sheet. With `ifVersionAfter`, maybe only its `version`. With `rowIds` that need several requests, rows come in
   * the order of the sheet, and `version` is the lowest of the answers.
   */
  get(sheetId: number, query?: SheetQuery): Promise<ReadSheet>;
  /**
   * Reads a whole sheet page by page, so that memory holds one page at a time. If `version` changes between two pages, rows
   * may have moved across the boundary: read again.
   */
  pages(sheetId: number, query?: PagesQuery): AsyncGenerator<Sheet, void, undefined>;
  /**
   * Reads a whole sheet, and gives its rows while they come in, some at a time: memory never holds even one page. A row is
   * given again if an answer broke off behind it. If `version` differs between two calls of `onRows`, rows may have moved
   * across the boundary of two pages: read again.
   *
   * @returns the sheet without its rows
   */
  scan(sheetId: number, query: ScanQuery, onRows: OnRows): Promise<ScannedSheet>;
  /** Its columns, with their specific types. */
  columns(sheetId: number, options?: CallOptions): Promise<readonly Column[]>;
  /** Its version alone, which grows with every change. */
  version(sheetId: number, options?: CallOptions): Promise<number>;
}

/** Up to 500 rows in one call. https://developers.smartsheet.com/api/smartsheet/openapi/rows */
export interface RowCalls {
  /** A row that was just created may be missing (404) for some seconds. */
  get(sheetId: number, rowId: number, query?: RowQuery): Promise<Row>;
  /** Not retried if the rows may have been added. */
  add(sheetId: number, rows: readonly NewRow[], options?: WriteOptions): Promise<readonly Row[]>;
  /** A sheet takes one update at a time: error 4004, which is retried, means that another was running. */
  update(sheetId: number, rows: readonly RowChanges[], options?: WriteOptions): Promise<readonly Row[]>;
  /**
   * Deletes any number of rows, in as many requests as they need, one after another. Ignores missing rows.
   *
   * @returns the ids of the deleted rows
   */
  delete(sheetId: number, rowIds: readonly number[], options?: WriteOptions): Promise<readonly number[]>;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/cells */
export interface CellCalls {
  /** The values of a cell over time, the newest first. Each request costs 10 of the 300 of a minute. */
  history(
    sheetId: number,
    rowId: number,
    columnId: number,
    options?: ListOptions,
  ): AsyncGenerator<CellVersion, void, undefined>;
}

const HISTORY_COST = 10;

export function createSheetCalls(send: SendRequest): SheetCalls {
  return {
    get: (sheetId, query = {}) => readSheet(send, sheetId, query),
    pages: (sheetId, query) => readPages(send, sheetId, query),
    scan: (sheetId, query, onRows) => scanSheet(send, sheetId, query, onRows),
    columns: async (sheetId, options) =>
      await Array.fromAsync(
        listPages<Column>(send, { path: `${sheetPath(sheetId)}/columns`, search: { level: 2 }, options }),
      ),
    async version(sheetId, options) {
      const path = `${sheetPath(sheetId)}/version`;
      return requireVersion(path, (await send({ method: "GET", path, options })).version);
    },
  };
}

export function createRowCalls(send: SendRequest): RowCalls {
  const write = async (method: "POST" | "PUT", sheetId: number, rows: readonly unknown[], options?: WriteOptions) => {
    const json = requireBatch("rows", rows);
    const answer = await send({ method, path: `${sheetPath(sheetId)}/rows`, json, options });
    // One row may be answered as such.
    return [resultOf<Row | readonly Row[]>(answer)].flat() as readonly Row[];
  };
  return {
    async get(sheetId, rowId, { include, exclude, level, ...options } = {}) {
      const path = `${sheetPath(sheetId)}/rows/${requireId("rowId", rowId)}`;
      const search = { include: include?.join(), exclude: exclude?.join(), level };
      return await send({ method: "GET", path, search, options }) as unknown as Row;
    },
    add: (sheetId, rows, options) => write("POST", sheetId, rows, options),
    update: (sheetId, rows, options) => write("PUT", sheetId, rows, options),
    async delete(sheetId, rowIds, options) {
      const path = `${sheetPath(sheetId)}/rows`;
      const ids = requireIds("rowIds", rowIds);
      if (!ids.length) throw optionError("rowIds.length", 0, "at least 1");
      const deleted: number[] = [];
      for (const chunk of chunkIds(ids, { ignoreRowsNotFound: true })) {
        const search = { ids: chunk.join(), ignoreRowsNotFound: true };
        deleted.push(...resultOf<number[]>(await send({ method: "DELETE", path, search, options })));
      }
      return deleted;
    },
  };
}

export function createCellCalls(send: SendRequest): CellCalls {
  return {
    history(sheetId, rowId, columnId, options) {
      const cell = `rows/${requireId("rowId", rowId)}/columns/${requireId("columnId", columnId)}`;
      return listPages(send, { path: `${sheetPath(sheetId)}/${cell}/history`, cost: HISTORY_COST, options });
    },
  };
}

function sheetPath(sheetId: number): string {
  return `sheets/${requireId("sheetId", sheetId)}`;
}

/** Returns `items` if there are 1 to 500. @throws {SheethookError} `option_invalid` */
function requireBatch<Item>(name: string, items: readonly Item[]): readonly Item[] {
  if (Array.isArray(items) && items.length >= 1 && items.length <= 500) return items;
  const given = Array.isArray(items) ? items.length : String(items);
  throw optionError(`${name}.length`, given, "from 1 to 500, the limit of one call");
}
