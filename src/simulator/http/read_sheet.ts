import type { Account } from "../account/account.ts";
import { invalidParameter, notFound } from "../api_error.ts";
import { type ApiContext, countOf, idsOf } from "./request.ts";
import type { Row, Sheet } from "../account/sheet.ts";
import { columnView, type Details, isEmpty, rowViews } from "../account/sheet_view.ts";

/** Maximum rows per page. */
const MAX_PAGE_SIZE = 10_000;

/** The columns and rows of `GET /sheets/{id}`. Rows are divided into pages first, and filtered second. */
export function readSheet(sheet: Sheet, context: ApiContext, account: Account): Record<string, unknown> {
  const { now, assumptions } = account.settings;
  const details = detailsOf(context, account);
  const columnIds = idsOf(context, "columnIds");
  const columns = sheet.columns.filter(({ id }) => !columnIds || columnIds.includes(id));
  const rowIds = idsOf(context, "rowIds");
  const visible = visibleRows(sheet, now());
  if (rowIds && assumptions.missingRowIds === "refused") {
    const known = new Set(visible.map(({ id }) => id));
    for (const rowId of rowIds) if (!known.has(rowId)) throw notFound({ rowId });
  }
  const wanted = rowIds && new Set(rowIds);
  const isModified = modifiedSince(context);
  const rows = pageOfRows(context, visible).filter((row) => (!wanted || wanted.has(row.id)) && isModified(row));
  return {
    totalRowCount: visible.length,
    columns: columns.map((column) => columnView(column, sheet.columns.indexOf(column), details.level)),
    rows: rowViews(sheet, rows, columns, details),
  };
}

/** The rows that reads show; the fault `late-row` hides new ones. */
export function visibleRows({ rows }: Sheet, at: number): Row[] {
  return rows.filter(({ visibleFrom }) => visibleFrom <= at);
}

/** `include`, `exclude` and `level`. @throws {ApiError} 1018 */
export function detailsOf(context: ApiContext, { users }: Account): Details {
  const listOf = (name: string) => context.req.query(name)?.split(",") ?? [];
  const include = listOf("include");
  return {
    objectValue: include.includes("objectValue"),
    columnType: include.includes("columnType"),
    writers: include.includes("writerInfo") ? users : undefined,
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
function pageOfRows(context: ApiContext, rows: readonly Row[]): readonly Row[] {
  const { page: asked, pageSize } = context.req.query();
  if (asked === undefined && pageSize === undefined) return rows;
  const size = Math.min(countOf(context, "pageSize", 100), MAX_PAGE_SIZE);
  const page = Math.min(countOf(context, "page", 1), Math.max(Math.ceil(rows.length / size), 1));
  return rows.slice((page - 1) * size, page * size);
}

/** Filters rows modified strictly later, in whole seconds; never matches a row without values. @throws {ApiError} 1018 */
function modifiedSince(context: ApiContext): (row: Row) => boolean {
  const since = context.req.query("rowsModifiedSince");
  if (since === undefined) return () => true;
  const sinceSecond = Math.floor(Date.parse(since) / 1000);
  if (Number.isNaN(sinceSecond)) throw invalidParameter("rowsModifiedSince", since);
  return ({ modifiedAt, cells }) =>
    Math.floor(modifiedAt / 1000) > sinceSecond && ![...cells.values()].every((versions) => isEmpty(versions.at(-1)));
}
