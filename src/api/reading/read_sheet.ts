import { ApiError, unexpectedAnswer } from "../api_error.ts";
import { chunkIds, isLongList, requireId, requireIds } from "../ids.ts";
import { MAX_PAGE_SIZE, requirePageSize } from "../list_pages.ts";
import type { ReadBody, SendRequest } from "../request.ts";
import type { Sheet } from "../sheet.ts";
import type { PagesQuery, SheetQuery } from "../sheet_query.ts";

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

  let found: FoundRows | undefined;
  const answers: ReadSheet[] = [];
  for (const chunk of chunkIds(ids, searchOf({ ...rest, columnIds }))) {
    // Once the first chunk is read, the others must be read, too, whatever their version.
    const more = answers.length ? { ifVersionAfter: undefined } : {};
    for (let tries = 1;; tries++) {
      const left = found ? chunk.filter((id) => found!.ids.has(id)) : chunk;
      try {
        answers.push(left.length ? await read(left, more) : found!.sheet);
        break;
      } catch (error) {
        // One missing row may make Smartsheet refuse all of them. If the sheet itself is missing, this search fails, too.
        if (!isNotFound(error) || tries === MAX_TRIES) throw error;
        found = await findRows(send, sheetId, query, chunk);
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
  const isLast = createIsLast(pageSize);
  for (let page = 1;; page++) {
    const sheet = await sendRead(send, sheetId, { ...query, page, pageSize });
    const { totalRowCount, rows } = sheet;
    const isCounted = typeof totalRowCount === "number" || query.rowsModifiedSince === undefined;
    if (!isCounted || !Array.isArray(rows)) {
      throw unexpectedAnswer(`The answer to GET /sheets/${sheetId} has no totalRowCount or no rows`);
    }
    yield sheet as Sheet;
    if (isLast(page, totalRowCount, rows.length, rows[0]?.id)) return;
  }
}

/** Whether a page is the last one: by the count of rows, and without one if it isn't full or repeats the page before. */
export function createIsLast(pageSize: number) {
  let firstIdBefore: number | undefined;
  return (page: number, totalRowCount: unknown, count: number, firstId: number | undefined): boolean => {
    if (typeof totalRowCount === "number") return page * pageSize >= totalRowCount;
    const isRepeated = firstId === firstIdBefore;
    firstIdBefore = firstId;
    return count < pageSize || isRepeated;
  };
}

/** One request. @throws {ApiError} `api_unanswered` for what isn't a sheet */
export async function sendRead(
  send: SendRequest,
  sheetId: number,
  query: SheetQuery,
  readBody?: ReadBody,
): Promise<ReadSheet> {
  const { signal, priority, columnIds } = query;
  const path = `sheets/${requireId("sheetId", sheetId)}`;
  const search = searchOf(query);
  const options = { signal, priority };
  const answer = await send({ method: "GET", path, search, readsSheet: true, options, readBody });
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

/** Rows of a sheet that are there, of those that are looked for, and the sheet without rows. */
interface FoundRows {
  readonly ids: ReadonlySet<number>;
  readonly sheet: ReadSheet;
}

/** One row is enough to know that it is the missing one; of several, the ids of all rows tell which are there. */
async function findRows(
  send: SendRequest,
  sheetId: number,
  { rowIds: _, columnIds, ifVersionAfter: __, ...query }: SheetQuery,
  wanted: readonly number[],
): Promise<FoundRows> {
  const probe = await sendRead(send, sheetId, { ...query, page: 1, pageSize: 1 });
  const sheet = withoutRows(columnIds ? withColumns(probe, new Set(columnIds)) : probe);
  const ids = new Set<number>();
  if (wanted.length === 1) return { ids, sheet };
  const { signal, priority } = query;
  const primary = probe.columns?.filter(({ primary }) => primary).map(({ id }) => id) ?? [];
  const pages = readPages(send, sheetId, { signal, priority, columnIds: primary, pageSize: MAX_PAGE_SIZE });
  for await (const { rows } of pages) for (const { id } of rows) ids.add(id);
  return { ids, sheet };
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
