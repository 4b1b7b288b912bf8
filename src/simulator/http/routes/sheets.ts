import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { addColumns, columnOf, deleteColumn, updateColumn } from "../../account/columns.ts";
import { invalidAttribute, invalidParameter } from "../../api_error.ts";
import { createReadLimit } from "../read_limit.ts";
import { levelOf, readSheet } from "../read_sheet.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, jsonOf, objectOf, pageOf, sheetOf, success } from "../request.ts";
import type { Sheet } from "../../account/sheet.ts";
import { columnView } from "../../account/sheet_view.ts";
import { accessOf } from "../../account/sheets.ts";
import { slideRows } from "../../account/rows/slide_rows.ts";
import { permalink } from "../../account/values/hyperlink.ts";
import { apiTimestamp } from "../../timestamp.ts";

/** `/sheets`, `/sheets/{id}` and the columns of a sheet. */
export function addSheetRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { sheets, settings } = account;
  const takeRead = createReadLimit(settings);

  api.get("/sheets", (context) => {
    const since = context.req.query("modifiedSince");
    const sinceMs = since === undefined ? -Infinity : Date.parse(since);
    if (Number.isNaN(sinceMs)) throw invalidParameter("modifiedSince", since);
    const shownAt = settings.now() - settings.assumptions.sheetListLagMs;
    const userId = context.get("user").id;
    const data = sheets.list().flatMap((sheet) => {
      if (accessOf(sheet, userId) === "NONE") return [];
      const shown = sheet.listedTimes.findLast((time) => time <= shownAt);
      if (since !== undefined && !(shown !== undefined && shown >= sinceMs)) return [];
      return [headView({ ...sheet, modifiedAt: shown ?? sheet.createdAt }, context)];
    });
    return context.json(pageOf(context, data));
  });

  api.post("/sheets", async (context) => {
    const sheet = sheets.create(await objectOf(context));
    return context.json(
      success({
        result: {
          ...headView(sheet, context),
          columns: sheet.columns.map((column, index) => columnView(column, index)),
        },
      }),
    );
  });

  api.get("/sheets/:sheetId", (context) => {
    for (const [name, value] of Object.entries(takeRead(context.get("token")))) context.header(name, value);
    const sheet = sheetOf(context, account);
    const ifVersionAfter = context.req.query("ifVersionAfter");
    if (ifVersionAfter !== undefined && !/^\d+$/.test(ifVersionAfter)) {
      throw invalidParameter("ifVersionAfter", ifVersionAfter);
    }
    if (ifVersionAfter !== undefined && sheet.version <= Number(ifVersionAfter)) {
      return context.json({ version: sheet.version });
    }
    const { body, read } = readSheet(sheet, context, account);
    const answer = context.json({ ...headView(sheet, context), ...body });
    settings.onRead(read);
    if (read.page < read.pages && read.pageSize > 1 && settings.strikes("sliding-rows")) {
      slideRows(sheet, read, account);
    }
    return answer;
  });

  api.get("/sheets/:sheetId/version", (context) => context.json({ version: sheetOf(context, account).version }));

  api.put("/sheets/:sheetId", async (context) => {
    const sheet = sheetOf(context, account);
    const { name } = await objectOf(context);
    if (typeof name !== "string" || !name.trim()) throw invalidAttribute("sheet.name", name);
    sheet.name = name;
    sheets.commit(sheet, [], actorOf(context));
    return context.json(success({ version: sheet.version, result: headView(sheet, context) }));
  });

  api.delete("/sheets/:sheetId", (context) => {
    sheets.delete(sheetOf(context, account));
    return context.json(success());
  });

  api.get("/sheets/:sheetId/columns", (context) => {
    const level = levelOf(context);
    return context.json(
      pageOf(context, sheetOf(context, account).columns.map((column, index) => columnView(column, index, level))),
    );
  });

  api.get("/sheets/:sheetId/columns/:columnId", (context) => {
    const sheet = sheetOf(context, account);
    const column = columnOf(sheet, idOf(context, "columnId"));
    return context.json(columnView(column, sheet.columns.indexOf(column), levelOf(context)));
  });

  api.post("/sheets/:sheetId/columns", async (context) => {
    const sheet = sheetOf(context, account);
    const body = await jsonOf(context);
    const added = addColumns(sheet, body, actorOf(context), account);
    const result = added.map((column) => columnView(column, sheet.columns.indexOf(column)));
    return context.json(success({ version: sheet.version, result: Array.isArray(body) ? result : result[0] }));
  });

  api.put("/sheets/:sheetId/columns/:columnId", async (context) => {
    const sheet = sheetOf(context, account);
    const id = columnOf(sheet, idOf(context, "columnId")).id;
    const column = updateColumn(sheet, id, await objectOf(context), actorOf(context), account);
    const result = columnView(column, sheet.columns.indexOf(column));
    return context.json(success({ version: sheet.version, result }));
  });

  api.delete("/sheets/:sheetId/columns/:columnId", (context) => {
    const sheet = sheetOf(context, account);
    deleteColumn(sheet, idOf(context, "columnId"), actorOf(context), account);
    return context.json(success({ version: sheet.version }));
  });
}

function headView(sheet: Sheet, context: ApiContext): Record<string, unknown> {
  const { id, name, version, createdAt, modifiedAt } = sheet;
  return {
    id,
    name,
    version,
    accessLevel: accessOf(sheet, context.get("user").id),
    permalink: permalink(id),
    createdAt: apiTimestamp(createdAt),
    modifiedAt: apiTimestamp(modifiedAt),
  };
}
