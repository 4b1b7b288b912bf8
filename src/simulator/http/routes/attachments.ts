import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { missing, notFound } from "../../api_error.ts";
import { attach, attachmentView, detach } from "../../account/attachment.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, objectOf, pageOf, rowOf, sheetOf, success } from "../request.ts";
import type { Attachment, Sheet } from "../../account/sheet.ts";

/** Attachments, as far as their events need; the content of a file is discarded. */
export function addAttachmentRoutes(api: Hono<ApiEnv>, account: Account): void {
  function attachmentOf(sheet: Sheet, context: ApiContext): Attachment {
    const attachmentId = idOf(context, "attachmentId");
    const attachment = sheet.attachments.find(({ id }) => id === attachmentId);
    if (!attachment) throw notFound();
    return attachment;
  }

  async function add(context: ApiContext, parentType: Attachment["parentType"], parentId: number): Promise<Response> {
    const sheet = sheetOf(context, account);
    const what = await readAttachment(context);
    const attachment = attach(sheet, { ...what, parentType, parentId }, actorOf(context), account);
    return context.json(success({ version: sheet.version, result: attachmentView(attachment) }));
  }

  api.get("/sheets/:sheetId/attachments", (context) => {
    return context.json(pageOf(context, sheetOf(context, account).attachments.map(attachmentView)));
  });
  api.get("/sheets/:sheetId/rows/:rowId/attachments", (context) => {
    const sheet = sheetOf(context, account);
    const { id } = rowOf(sheet, context);
    return context.json(
      pageOf(context, sheet.attachments.filter(({ parentId }) => parentId === id).map(attachmentView)),
    );
  });
  api.get("/sheets/:sheetId/attachments/:attachmentId", (context) => {
    return context.json(attachmentView(attachmentOf(sheetOf(context, account), context)));
  });
  api.post("/sheets/:sheetId/attachments", (context) => add(context, "SHEET", sheetOf(context, account).id));
  api.post("/sheets/:sheetId/rows/:rowId/attachments", (context) => {
    return add(context, "ROW", rowOf(sheetOf(context, account), context).id);
  });
  api.post("/sheets/:sheetId/comments/:commentId/attachments", (context) => {
    const commentId = idOf(context, "commentId");
    const { discussions } = sheetOf(context, account);
    if (!discussions.some(({ comments }) => comments.some(({ id }) => id === commentId))) throw notFound();
    return add(context, "COMMENT", commentId);
  });

  api.delete("/sheets/:sheetId/attachments/:attachmentId", (context) => {
    const sheet = sheetOf(context, account);
    detach(sheet, attachmentOf(sheet, context), actorOf(context), account);
    return context.json(success({ version: sheet.version }));
  });
}

async function readAttachment(context: ApiContext): Promise<Pick<Attachment, "name" | "attachmentType" | "url">> {
  const [, file] = /filename="?([^";]+)"?/.exec(context.req.header("content-disposition") ?? "") ?? [];
  if (file) {
    await context.req.arrayBuffer();
    return { name: file, attachmentType: "FILE", url: undefined };
  }
  const { name, url, attachmentType = "LINK" } = await objectOf(context);
  if (typeof url !== "string" || !url) throw missing("attachment.url");
  return { name: typeof name === "string" ? name : url, attachmentType: String(attachmentType), url };
}
