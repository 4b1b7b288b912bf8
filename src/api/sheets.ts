import { requireBatch, requireId, resultOf } from "./arguments.ts";
import { type ListOptions, listPages } from "./list_pages.ts";
import type { CallOptions, SendRequest, WriteOptions } from "./request.ts";
import type { CellVersion, NewRow, Row, RowChanges, Sheet, SheetQuery } from "./sheet.ts";

/** https://developers.smartsheet.com/api/smartsheet/openapi/sheets */
export interface SheetCalls {
  /** With `ifVersionAfter`, maybe no more than its `version`. */
  get(sheetId: number, query?: SheetQuery): Promise<Pick<Sheet, "version"> & Partial<Sheet>>;
  version(sheetId: number, options?: CallOptions): Promise<number>;
}

/** Up to 500 rows in one call. https://developers.smartsheet.com/api/smartsheet/openapi/rows */
export interface RowCalls {
  get(sheetId: number, rowId: number, options?: CallOptions): Promise<Row>;
  /** Not repeated if they may have been added. */
  add(sheetId: number, rows: readonly NewRow[], options?: WriteOptions): Promise<readonly Row[]>;
  /** One sheet takes one update at a time: error 4004, which is repeated, says that there was another. */
  update(sheetId: number, rows: readonly RowChanges[], options?: WriteOptions): Promise<readonly Row[]>;
  /** Those that aren't there are ignored. @returns the ids of those that were deleted */
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
    async get(sheetId, { rowIds, columnIds, rowsModifiedSince, ifVersionAfter, page, pageSize, ...options } = {}) {
      const search = {
        rowIds: rowIds?.map((id) => requireId("rowIds", id)).join(),
        columnIds: columnIds?.map((id) => requireId("columnIds", id)).join(),
        rowsModifiedSince: rowsModifiedSince instanceof Date ? rowsModifiedSince.toISOString() : rowsModifiedSince,
        ifVersionAfter,
        page,
        pageSize,
      };
      return await send({ method: "GET", path: sheetPath(sheetId), search, options }) as unknown as Sheet;
    },
    async version(sheetId, options) {
      const answer = await send({ method: "GET", path: `${sheetPath(sheetId)}/version`, options });
      return Number(answer.version);
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
    async get(sheetId, rowId, options) {
      const path = `${sheetPath(sheetId)}/rows/${requireId("rowId", rowId)}`;
      return await send({ method: "GET", path, options }) as unknown as Row;
    },
    add: (sheetId, rows, options) => write("POST", sheetId, rows, options),
    update: (sheetId, rows, options) => write("PUT", sheetId, rows, options),
    async delete(sheetId, rowIds, options) {
      const ids = requireBatch("rowIds", rowIds).map((id) => requireId("rowIds", id)).join();
      const search = { ids, ignoreRowsNotFound: true };
      return resultOf(await send({ method: "DELETE", path: `${sheetPath(sheetId)}/rows`, search, options }));
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
