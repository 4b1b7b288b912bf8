import type { Account } from "../account/account.ts";
import { invalidParameter, notFound } from "../api_error.ts";
import { type ApiContext, countOf, idsOf } from "./request.ts";
import { indexOf, visibleRows } from "../account/rows/row_index.ts";
import type { Row, Sheet, SheetRead } from "../account/sheet.ts";
import { columnView, type Details, rowViews } from "../account/sheet_view.ts";
import { isEmpty } from "../account/values/cell_view.ts";

/** Maximum rows per page. */
const MAX_PAGE_SIZE = 10_000;

/** The columns and rows of `GET /sheets/{id}`, and its page. Rows are divided into pages first, and filtered second. */
export function readSheet(
  sheet: Sheet,
  context: ApiContext,
  account: Account,
): { readonly body: Readonly<Record<string, unknown>>; readonly read: SheetRead } {
  const { now } = account.settings;
  const details = detailsOf(context);
  const columnIds = idsOf(context, "columnIds");
  const columns = sheet.columns.map((column, index) => ({ column, index }))
    .filter(({ column: { id } }) => !columnIds || columnIds.includes(id));
  const visible = visibleRows(sheet, now());
  const wanted = wantedRows(sheet, visible, context, account);
  const isModified = modifiedSince(context);
  const paging = pagingOf(context, visible.length);
  const rows = pageOfRows(paging, visible, wanted).filter(isModified);
  const body = {
    totalRowCount: visible.length,
    columns: columns.map(({ column, index }) => columnView(column, index, details.level)),
    rows: rowViews(sheet, rows, columns.map(({ column }) => column), details, account.users),
  };
  return { body, read: { sheetId: sheet.id, ...(paging ?? { page: 1, pages: 1, pageSize: visible.length }) } };
}

/** The rows of `rowIds`, in the order of the sheet; undefined without it. @throws {ApiError} 1006 if it is assumed */
function wantedRows(
  sheet: Sheet,
  visible: readonly Row[],
  context: ApiContext,
  { settings: { assumptions, strikes, now } }: Account,
): readonly Row[] | undefined {
  const rowIds = idsOf(context, "rowIds");
  if (!rowIds) return undefined;
  const { places } = indexOf(sheet);
  const at = now();
  const found = [...new Set(rowIds)].flatMap((rowId) => {
    const place = places.get(rowId);
    if (place && (visible === sheet.rows || place.row.visibleFrom <= at)) return [place];
    if (assumptions.missingRowIds === "refused") throw notFound({ rowId });
    return [];
  });
  const rows = found.sort((a, b) => a.rowNumber - b.rowNumber).map(({ row }) => row);
  return rows.length && strikes("missing-row") ? rows.slice(0, -1) : rows;
}

/** `include`, `exclude` and `level`. @throws {ApiError} 1018 */
export function detailsOf(context: ApiContext): Details {
  const listOf = (name: string) => context.req.query(name)?.split(",") ?? [];
  const include = listOf("include");
  return {
    objectValue: include.includes("objectValue"),
    columnType: include.includes("columnType"),
    writerInfo: include.includes("writerInfo"),
    level: levelOf(context),
    isSparse: listOf("exclude").includes("nonexistentCells"),
  };
}

/** @throws {ApiError} 1018 */
export function levelOf(context: ApiContext): number {
  const level = context.req.query("level") ?? "0";
  if (!/^[012]$/.test(level)) throw invalidParameter("level", level);
  return Number(level);
}

type Paging = Omit<SheetRead, "sheetId">;

/** Undefined without `page` and `pageSize`; a page past the end is the last page. */
function pagingOf(context: ApiContext, rowCount: number): Paging | undefined {
  const { page, pageSize: asked } = context.req.query();
  if (page === undefined && asked === undefined) return undefined;
  const pageSize = Math.min(countOf(context, "pageSize", 100), MAX_PAGE_SIZE);
  const pages = Math.max(Math.ceil(rowCount / pageSize), 1);
  return { page: Math.min(countOf(context, "page", 1), pages), pages, pageSize };
}

function pageOfRows(
  paging: Paging | undefined,
  visible: readonly Row[],
  wanted: readonly Row[] | undefined,
): readonly Row[] {
  if (!paging) return wanted ?? visible;
  const { page, pageSize } = paging;
  const rows = visible.slice((page - 1) * pageSize, page * pageSize);
  const ids = wanted && new Set(wanted.map(({ id }) => id));
  return ids ? rows.filter(({ id }) => ids.has(id)) : rows;
}

/** Filters rows modified strictly later, in whole seconds; never matches a row without values. @throws {ApiError} 1018 */
function modifiedSince(context: ApiContext): (row: Row) => boolean {
  const since = context.req.query("rowsModifiedSince");
  if (since === undefined) return () => true;
  const sinceSecond = Math.floor(Date.parse(since) / 1000);
  if (Number.isNaN(sinceSecond)) throw invalidParameter("rowsModifiedSince", since);
  return ({ modifiedAt, cells }) => Math.floor(modifiedAt / 1000) > sinceSecond && ![...cells.values()].every(isEmpty);
}
