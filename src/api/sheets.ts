import { optionError } from "../errors.ts";
import { resultOf } from "./answer.ts";
import { requireBatch, requireId } from "./arguments.ts";
import { chunkIds, requireIds } from "./ids.ts";
import { type ListOptions, listPages } from "./list_pages.ts";
import { readPages, type ReadSheet, readSheet, requireVersion } from "./read_sheet.ts";
import type { CallOptions, SendRequest, WriteOptions } from "./request.ts";
import type { CellVersion, Column, NewRow, PagesQuery, Row, RowChanges, RowQuery, Sheet, SheetQuery } from "./sheet.ts";

/** https://developers.smartsheet.com/api/smartsheet/openapi/sheets */
export interface SheetCalls {
  /**
   * One read. With `ifVersionAfter`, maybe no more than its `version`. With `rowIds` that take several requests, the rows
   * come in the order of the sheet, and the lowest version of the answers counts.
   */
  get(sheetId: number, query?: SheetQuery): Promise<ReadSheet>;
  /**
   * A whole sheet, a page at a time, so that memory holds no more than one. If `version` changes between two pages, rows
   * may have slid over the boundary: read again.
   */
  pages(sheetId: number, query?: PagesQuery): AsyncGenerator<Sheet, void, undefined>;
  /** Its columns, with their own types. */
  columns(sheetId: number, options?: CallOptions): Promise<readonly Column[]>;
  /** Its version alone, which grows with every change. */
  version(sheetId: number, options?: CallOptions): Promise<number>;
}

/** Up to 500 rows in one call. https://developers.smartsheet.com/api/smartsheet/openapi/rows */
export interface RowCalls {
  /** One that was just created may be missing (404) for some seconds. */
  get(sheetId: number, rowId: number, query?: RowQuery): Promise<Row>;
  /** Not repeated if they may have been added. */
  add(sheetId: number, rows: readonly NewRow[], options?: WriteOptions): Promise<readonly Row[]>;
  /** One sheet takes one update at a time: error 4004, which is repeated, says that there was another. */
  update(sheetId: number, rows: readonly RowChanges[], options?: WriteOptions): Promise<readonly Row[]>;
  /**
   * Any number, in as many requests as it takes, one after another. Those that aren't there are ignored.
   *
   * @returns the ids of those that were deleted
   */
  delete(sheetId: number, rowIds: readonly number[], options?: WriteOptions): Promise<readonly number[]>;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/cells */
export interface CellCalls {
  /** The values that a cell has had, the newest first. Each request costs 10 of the 300 that a minute has. */
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
  const write = async <Result>(
    method: "POST" | "PUT",
    sheetId: number,
    rows: readonly unknown[],
    options?: WriteOptions,
  ) => {
    const json = requireBatch("rows", rows);
    return resultOf<Result>(await send({ method, path: `${sheetPath(sheetId)}/rows`, json, options }));
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
