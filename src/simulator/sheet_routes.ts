import type { Hono } from "hono";
import type { Account } from "./account.ts";
import { invalidAttribute, invalidParameter, notFound } from "./api_error.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, idsOf, jsonOf, objectOf, pageOf, success } from "./request.ts";
import type { Sheet } from "./sheet.ts";
import { columnView, rowViews } from "./sheet_view.ts";
import { apiTimestamp } from "./timestamp.ts";

/** `/sheets`, `/sheets/{id}` and the columns of a sheet. */
export function addSheetRoutes(api: Hono<ApiEnv>, { sheets }: Account): void {
  const sheetOf = (context: ApiContext) => sheets.get(idOf(context, "sheetId"));

  api.get("/sheets", (context) => context.json(pageOf(context, sheets.list().map(headView))));

  api.post("/sheets", async (context) => {
    const sheet = sheets.create(await objectOf(context));
    return context.json(success({ result: { ...headView(sheet), columns: sheet.columns.map(columnView) } }));
  });

  api.get("/sheets/:sheetId", (context) => {
    const sheet = sheetOf(context);
    const ifVersionAfter = context.req.query("ifVersionAfter");
    if (ifVersionAfter !== undefined && !/^\d+$/.test(ifVersionAfter)) {
      throw invalidParameter("ifVersionAfter", ifVersionAfter);
    }
    if (ifVersionAfter !== undefined && sheet.version <= Number(ifVersionAfter)) {
      return context.json({ version: sheet.version });
    }
    return context.json(sheetView(sheet, context));
  });

  api.get("/sheets/:sheetId/version", (context) => context.json({ version: sheetOf(context).version }));

  api.put("/sheets/:sheetId", async (context) => {
    const sheet = sheetOf(context);
    const { name } = await objectOf(context);
    if (typeof name !== "string" || !name.trim()) throw invalidAttribute("sheet.name", name);
    sheet.name = name;
    sheets.commit(sheet, [], actorOf(context));
    return context.json(success({ version: sheet.version, result: headView(sheet) }));
  });

  api.delete("/sheets/:sheetId", (context) => {
    sheets.delete(sheetOf(context));
    return context.json(success());
  });

  api.get("/sheets/:sheetId/columns", (context) => {
    return context.json(pageOf(context, sheetOf(context).columns.map(columnView)));
  });

  api.get("/sheets/:sheetId/columns/:columnId", (context) => {
    const { columns } = sheetOf(context);
    const index = columns.findIndex(({ id }) => id === idOf(context, "columnId"));
    if (index < 0) throw notFound();
    return context.json(columnView(columns[index]!, index));
  });

  api.post("/sheets/:sheetId/columns", async (context) => {
    const sheet = sheetOf(context);
    const body = await jsonOf(context);
    const given = [body].flat() as { index?: unknown }[];
    // There is one primary column, for ever.
    const added = sheets.parseColumns(given).map((column) => ({ ...column, primary: false }));
    const { index = sheet.columns.length } = given[0]!;
    if (!Number.isInteger(index) || Number(index) < 0) throw invalidAttribute("column.index", index);
    sheet.columns.splice(Number(index), 0, ...added);
    sheets.commit(sheet, added.map(({ id }) => ({ objectType: "column", eventType: "created", id })), actorOf(context));
    const result = added.map((column) => columnView(column, sheet.columns.indexOf(column)));
    return context.json(success({ version: sheet.version, result: Array.isArray(body) ? result : result[0] }));
  });

  api.put("/sheets/:sheetId/columns/:columnId", async (context) => {
    const sheet = sheetOf(context);
    const id = idOf(context, "columnId");
    const column = sheet.columns.find((column) => column.id === id);
    if (!column) throw notFound();
    const { title = column.title, width = column.width } = await objectOf(context);
    if (typeof title !== "string" || !title) throw invalidAttribute("column.title", title);
    if (typeof width !== "number" || !(width > 0)) throw invalidAttribute("column.width", width);
    Object.assign(column, { title, width });
    sheets.commit(sheet, [{ objectType: "column", eventType: "updated", id }], actorOf(context));
    const result = columnView(column, sheet.columns.indexOf(column));
    return context.json(success({ version: sheet.version, result }));
  });

  api.delete("/sheets/:sheetId/columns/:columnId", (context) => {
    const sheet = sheetOf(context);
    const id = idOf(context, "columnId");
    const column = sheet.columns.find((column) => column.id === id);
    if (!column) throw notFound();
    if (column.primary) throw invalidAttribute("column.id, which is the primary one's", id);
    sheet.columns = sheet.columns.filter((column) => column.id !== id);
    for (const { cells } of sheet.rows) cells.delete(id);
    sheets.commit(sheet, [{ objectType: "column", eventType: "deleted", id }], actorOf(context));
    return context.json(success({ version: sheet.version }));
  });
}

function headView({ id, name, version, createdAt, modifiedAt }: Sheet): Record<string, unknown> {
  return {
    id,
    name,
    version,
    accessLevel: "OWNER",
    permalink: `https://app.smartsheet.com/sheets/${id.toString(36)}`,
    createdAt: apiTimestamp(createdAt),
    modifiedAt: apiTimestamp(modifiedAt),
  };
}

function sheetView(sheet: Sheet, context: ApiContext): Record<string, unknown> {
  const rowIds = idsOf(context, "rowIds");
  const columnIds = idsOf(context, "columnIds");
  const since = context.req.query("rowsModifiedSince");
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw invalidParameter("rowsModifiedSince", since);
  const columns = sheet.columns.filter(({ id }) => !columnIds || columnIds.includes(id));
  // Whole seconds: a row of the same second has been modified since.
  const sinceMs = since === undefined ? -Infinity : Math.floor(Date.parse(since) / 1000) * 1000;
  const rows = sheet.rows.filter(({ id, modifiedAt }) => (!rowIds || rowIds.includes(id)) && modifiedAt >= sinceMs);
  const page = context.req.query("pageSize") === undefined ? undefined : pageOf(context, rows);
  return {
    ...headView(sheet),
    totalRowCount: sheet.rows.length,
    columns: columns.map((column) => columnView(column, sheet.columns.indexOf(column))),
    rows: rowViews(sheet, (page?.data as typeof rows | undefined) ?? rows, columns),
  };
}
