import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { ApiError, missingParameter, notFound } from "../../api_error.ts";
import { actorOf, type ApiEnv, idOf, idsOf, jsonOf, pageOf, rowOf, sheetOf, success } from "../request.ts";
import { detailsOf } from "../read_sheet.ts";
import { columnOf } from "../../account/columns.ts";
import { deleteRows } from "../../account/rows/delete_rows.ts";
import { rowContext } from "../../account/rows/row_context.ts";
import { addRows, updateRows } from "../../account/rows/rows.ts";
import type { Sheet } from "../../account/sheet.ts";
import { columnView, rowViews } from "../../account/sheet_view.ts";
import { valueView } from "../../account/values/cell_view.ts";
import { apiTimestamp } from "../../timestamp.ts";

/** The rows of a sheet, and the history of a cell. */
export function addRowRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { sheets, settings } = account;
  const { now, strikes } = settings;

  /** Fails as if another request were changing the sheet. */
  function collide(sheet: Sheet): void {
    if (!strikes("save-collision")) return;
    const message =
      `Request failed because sheetId ${sheet.id} is currently being updated by another request that uses ` +
      "the same access token. Please retry your request once the previous request has completed.";
    throw new ApiError(500, 4004, message);
  }

  for (const method of ["post", "put"] as const) {
    api[method]("/sheets/:sheetId/rows", async (context) => {
      const sheet = sheetOf(context, account);
      const body = await jsonOf(context);
      collide(sheet);
      const change = method === "post" ? addRows : updateRows;
      const overridesValidation = context.req.query("overrideValidation") === "true";
      const { rows, changes } = change(body, rowContext(sheet, actorOf(context), account, { overridesValidation }));
      sheets.commit(sheet, changes, actorOf(context));
      const views = rowViews(sheet, rows, sheet.columns, detailsOf(context), account.users);
      return context.json(success({ version: sheet.version, result: Array.isArray(body) ? views : views[0] }));
    });
  }

  api.delete("/sheets/:sheetId/rows", (context) => {
    const sheet = sheetOf(context, account);
    const ids = idsOf(context, "ids");
    if (!ids) throw missingParameter("ids");
    collide(sheet);
    const { rows, changes } = deleteRows(ids, context.req.query("ignoreRowsNotFound") === "true", sheet);
    if (changes.length) sheets.commit(sheet, changes, actorOf(context));
    return context.json(success({ version: sheet.version, result: rows.map(({ id }) => id) }));
  });

  api.get("/sheets/:sheetId/rows/:rowId", (context) => {
    const sheet = sheetOf(context, account);
    const row = rowOf(sheet, context);
    if (row.visibleFrom > now()) throw notFound();
    const details = detailsOf(context);
    const [view] = rowViews(sheet, [row], sheet.columns, details, account.users);
    const withColumns = context.req.query("include")?.split(",").includes("columns");
    return context.json({
      ...view,
      version: sheet.version,
      ...(withColumns
        ? { columns: sheet.columns.map((column, index) => columnView(column, index, details.level)) }
        : {}),
    });
  });

  api.get("/sheets/:sheetId/rows/:rowId/columns/:columnId/history", (context) => {
    const sheet = sheetOf(context, account);
    const column = columnOf(sheet, idOf(context, "columnId"));
    const newestFirst = [];
    for (let version = rowOf(sheet, context).cells.get(column.id); version; version = version.before) {
      newestFirst.push({
        columnId: column.id,
        ...valueView(version, column, sheet),
        modifiedAt: apiTimestamp(version.modifiedAt),
        modifiedBy: { id: version.userId },
      });
    }
    return context.json(pageOf(context, newestFirst));
  });
}
