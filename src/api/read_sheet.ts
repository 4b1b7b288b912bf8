import { ApiError, unexpectedAnswer } from "./api_error.ts";
import { chunkIds, isLongList, requireId, requireIds } from "./ids.ts";
import { MAX_PAGE_SIZE, requirePageSize } from "./list_pages.ts";
import type { SendRequest } from "./request.ts";
import type { Sheet } from "./sheet.ts";
import type { PagesQuery, SheetQuery } from "./sheet_query.ts";

/** A sheet; only its `version` if `ifVersionAfter` was given and the sheet isn't newer. */
export type ReadSheet = Pick<Sheet, "version"> & Partial<Sheet>;

/** A row may be deleted between the search for existing rows and the next try. */
const MAX_TRIES = 3;

/**
 * Reads a sheet, in as many requests as `rowIds` need. Several answers are merged: rows in the order of the sheet, and the
 * lowest version, because newer changes may be there only in part.
 */
export async function readSheet(send: SendRequest, sheetId: number, query: SheetQuery): Promise<ReadSheet> {
  const { rowIds, columnIds, ...rest } = query;
  const read = (rowIds?: readonly number[], more?: SheetQuery) => {
    return sendRead(send, sheetId, { ...rest, columnIds, rowIds, ...more });
  };
  if (!rowIds) return await read();
  const ids = requireIds("rowIds", rowIds);
  // An empty `rowIds=` would mean all rows.
  if (!ids.length) return withoutRows(await read(undefined, { page: 1, pageSize: 1 }));

  let existing: ReadonlySet<number> | undefined;
  const answers: ReadSheet[] = [];
  for (const chunk of chunkIds(ids, searchOf({ ...rest, columnIds }))) {
    // Once the first chunk is read, the others must be read, too, whatever their version.
    const more = answers.length ? { ifVersionAfter: undefined } : {};
    for (let tries = 1;; tries++) {
      const left = existing ? chunk.filter((id) => existing!.has(id)) : chunk;
      try {
        answers.push(
          left.length ? await read(left, more) : withoutRows(await read(undefined, { ...more, page: 1, pageSize: 1 })),
        );
        break;
      } catch (error) {
        // One missing row may make Smartsheet refuse all of them. If the sheet itself is missing, this search fails, too.
        if (!isNotFound(error) || tries === MAX_TRIES) throw error;
        existing = await findRowIds(send, sheetId, rest);
      }
    }
    if (!answers[0]!.rows) return answers[0]!;
  }
  return merge(answers);
}

/** All rows, page by page, up to `totalRowCount`: a page may be empty, and a page past the end repeats the last one. */
export async function* readPages(
  send: SendRequest,
  sheetId: number,
  { pageSize: asked = 2_000, ...query }: PagesQuery = {},
): AsyncGenerator<Sheet, void, undefined> {
  const pageSize = requirePageSize(asked);
  for (let page = 1;; page++) {
    const sheet = await sendRead(send, sheetId, { ...query, page, pageSize });
    const { totalRowCount, rows } = sheet;
    if (typeof totalRowCount !== "number" || !Array.isArray(rows)) {
      throw unexpectedAnswer(`The answer to GET /sheets/${sheetId} has no totalRowCount or no rows`);
    }
    yield sheet as Sheet;
    if (page * pageSize >= totalRowCount) return;
  }
}

async function sendRead(send: SendRequest, sheetId: number, query: SheetQuery): Promise<ReadSheet> {
  const { signal, priority, columnIds } = query;
  const options = { signal, priority };
  const path = `sheets/${requireId("sheetId", sheetId)}`;
  const answer = await send({ method: "GET", path, search: searchOf(query), readsSheet: true, options });
  const sheet = answer as unknown as ReadSheet;
  requireVersion(path, sheet.version);
  return columnIds && isLongList(columnIds) ? withColumns(sheet, new Set(columnIds)) : sheet;
}

/** @throws {ApiError} `api_unanswered` */
export function requireVersion(path: string, version: unknown): number {
  if (typeof version === "number") return version;
  throw unexpectedAnswer(`The answer to GET /${path} has no version, but should be a sheet's`);
}

function searchOf(query: SheetQuery): Record<string, string | number | undefined> {
  const { rowIds, columnIds, rowsModifiedSince, include, exclude, ifVersionAfter, level, page, pageSize } = query;
  const columns = columnIds && requireIds("columnIds", columnIds);
  return {
    rowIds: rowIds?.join(),
    // Too many for a URL: all columns are read, and the others removed afterwards.
    columnIds: columns && !isLongList(columns) ? columns.join() : undefined,
    rowsModifiedSince: rowsModifiedSince instanceof Date ? rowsModifiedSince.toISOString() : rowsModifiedSince,
    ifVersionAfter,
    include: include?.join(),
    exclude: exclude?.join(),
    level,
    page,
    pageSize,
  };
}

async function findRowIds(
  send: SendRequest,
  sheetId: number,
  { signal, priority }: SheetQuery,
): Promise<ReadonlySet<number>> {
  const options = { signal, priority };
  const ids = new Set<number>();
  const { columns = [] } = await sendRead(send, sheetId, { ...options, page: 1, pageSize: 1 });
  const columnIds = columns.filter(({ primary }) => primary).map(({ id }) => id);
  for await (const { rows } of readPages(send, sheetId, { ...options, columnIds, pageSize: MAX_PAGE_SIZE })) {
    for (const { id } of rows) ids.add(id);
  }
  return ids;
}

function merge(answers: readonly ReadSheet[]): ReadSheet {
  const rows = answers.flatMap(({ rows = [] }) => rows);
  rows.sort((a, b) => (a.rowNumber ?? 0) - (b.rowNumber ?? 0));
  return { ...answers.at(-1)!, version: Math.min(...answers.map(({ version }) => version)), rows };
}

function withColumns(sheet: ReadSheet, columnIds: ReadonlySet<number>): ReadSheet {
  return {
    ...sheet,
    ...(sheet.columns && { columns: sheet.columns.filter(({ id }) => columnIds.has(id)) }),
    ...(sheet.rows && {
      rows: sheet.rows.map((row) => ({ ...row, cells: row.cells.filter(({ columnId }) => columnIds.has(columnId)) })),
    }),
  };
}

function withoutRows(sheet: ReadSheet): ReadSheet {
  return sheet.rows ? { ...sheet, rows: [] } : sheet;
}

function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.errorCode === 1006);
}
