import type { Account } from "../account/account.ts";
import { invalidParameter, notFound } from "../api_error.ts";
import { type ApiContext, countOf, idsOf } from "./request.ts";
import { indexOf, visibleRows } from "../account/rows/row_index.ts";
import type { Row, Sheet } from "../account/sheet.ts";
import { columnView, type Details, rowViews } from "../account/sheet_view.ts";
import { isEmpty } from "../account/values/cell_view.ts";

/** Maximum rows per page. */
const MAX_PAGE_SIZE = 10_000;

/** The columns and rows of `GET /sheets/{id}`. Rows are divided into pages first, and filtered second. */
export function readSheet(sheet: Sheet, context: ApiContext, account: Account): Record<string, unknown> {
  const { now } = account.settings;
  const details = detailsOf(context);
  const columnIds = idsOf(context, "columnIds");
  const columns = sheet.columns.map((column, index) => ({ column, index }))
    .filter(({ column: { id } }) => !columnIds || columnIds.includes(id));
  const visible = visibleRows(sheet, now());
  const wanted = wantedRows(sheet, visible, context, account);
  const isModified = modifiedSince(context);
  const rows = pageOfRows(context, visible, wanted).filter(isModified);
  return {
    totalRowCount: visible.length,
    columns: columns.map(({ column, index }) => columnView(column, index, details.level)),
    rows: rowViews(sheet, rows, columns.map(({ column }) => column), details, account.users),
  };
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

/** All rows without `page` and `pageSize`; a page past the end is the last page. */
function pageOfRows(
  context: ApiContext,
  visible: readonly Row[],
  wanted: readonly Row[] | undefined,
): readonly Row[] {
  const { page: asked, pageSize } = context.req.query();
  if (asked === undefined && pageSize === undefined) return wanted ?? visible;
  const size = Math.min(countOf(context, "pageSize", 100), MAX_PAGE_SIZE);
  const page = Math.min(countOf(context, "page", 1), Math.max(Math.ceil(visible.length / size), 1));
  const rows = visible.slice((page - 1) * size, page * size);
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
