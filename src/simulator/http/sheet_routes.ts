import type { Hono } from "hono";
import type { Account } from "../account/account.ts";
import { invalidAttribute, invalidParameter, notFound } from "./api_error.ts";
import { createReadLimit } from "./read_limit.ts";
import { levelOf, readSheet } from "./read_sheet.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, jsonOf, objectOf, pageOf, success } from "./request.ts";
import type { Sheet } from "../account/sheet.ts";
import { columnView } from "../account/sheet_view.ts";
import { apiTimestamp } from "../timestamp.ts";

/** `/sheets`, `/sheets/{id}` and the columns of a sheet. */
export function addSheetRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { sheets, settings } = account;
  const sheetOf = (context: ApiContext) => sheets.get(idOf(context, "sheetId"));
  const takeRead = createReadLimit(settings);

  api.get("/sheets", (context) => {
    const since = context.req.query("modifiedSince");
    const sinceMs = since === undefined ? -Infinity : Date.parse(since);
    if (Number.isNaN(sinceMs)) throw invalidParameter("modifiedSince", since);
    const shownAt = settings.now() - settings.assumptions.sheetListLagMs;
    const data = sheets.list().flatMap((sheet) => {
      const shown = sheet.listedTimes.findLast((time) => time <= shownAt);
      if (since !== undefined && !(shown !== undefined && shown >= sinceMs)) return [];
      return [headView({ ...sheet, modifiedAt: shown ?? sheet.createdAt })];
    });
    return context.json(pageOf(context, data));
  });

  api.post("/sheets", async (context) => {
    const sheet = sheets.create(await objectOf(context));
    return context.json(
      success({
        result: {
          ...headView(sheet),
          columns: sheet.columns.map((column, index) => columnView(column, index)),
        },
      }),
    );
  });

  api.get("/sheets/:sheetId", (context) => {
    for (const [name, value] of Object.entries(takeRead(context.get("token")))) context.header(name, value);
    const sheet = sheetOf(context);
    const ifVersionAfter = context.req.query("ifVersionAfter");
    if (ifVersionAfter !== undefined && !/^\d+$/.test(ifVersionAfter)) {
      throw invalidParameter("ifVersionAfter", ifVersionAfter);
    }
    if (ifVersionAfter !== undefined && sheet.version <= Number(ifVersionAfter)) {
      return context.json({ version: sheet.version });
    }
    return context.json({ ...headView(sheet), ...readSheet(sheet, context, account) });
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
    const level = levelOf(context);
    return context.json(
      pageOf(context, sheetOf(context).columns.map((column, index) => columnView(column, index, level))),
    );
  });

  api.get("/sheets/:sheetId/columns/:columnId", (context) => {
    const { columns } = sheetOf(context);
    const index = columns.findIndex(({ id }) => id === idOf(context, "columnId"));
    if (index < 0) throw notFound();
    return context.json(columnView(columns[index]!, index, levelOf(context)));
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
