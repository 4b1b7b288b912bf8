import type { Hono } from "hono";
import type { Account } from "../account/account.ts";
import { missing, notFound } from "./api_error.ts";
import { commentView, discussionView, startDiscussion } from "../account/discussion.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, objectOf, pageOf, success } from "./request.ts";
import { rowOf } from "./row_routes.ts";
import type { Comment, Discussion, Sheet } from "../account/sheet.ts";

/** Discussions and comments, as far as their events need: those name neither row nor discussion. */
export function addDiscussionRoutes(api: Hono<ApiEnv>, account: Account): void {
  const { sheets } = account;
  const { random, now } = account.settings;
  const sheetOf = (context: ApiContext) => sheets.get(idOf(context, "sheetId"));

  function commentOf(sheet: Sheet, context: ApiContext): { discussion: Discussion; comment: Comment } {
    const commentId = idOf(context, "commentId");
    for (const discussion of sheet.discussions) {
      const comment = discussion.comments.find(({ id }) => id === commentId);
      if (comment) return { discussion, comment };
    }
    throw notFound();
  }

  function discussionOf(sheet: Sheet, context: ApiContext): Discussion {
    const discussionId = idOf(context, "discussionId");
    const discussion = sheet.discussions.find(({ id }) => id === discussionId);
    if (!discussion) throw notFound();
    return discussion;
  }

  async function start(context: ApiContext, rowId: number | undefined): Promise<Response> {
    const sheet = sheetOf(context);
    const actor = actorOf(context);
    const { comment } = await objectOf(context);
    const discussion = startDiscussion(sheet, rowId, textOf(comment, "discussion.comment.text"), actor, account);
    return context.json(success({ version: sheet.version, result: discussionView(discussion, sheet) }));
  }

  api.get("/sheets/:sheetId/discussions", (context) => {
    const sheet = sheetOf(context);
    return context.json(pageOf(context, sheet.discussions.map((each) => discussionView(each, sheet))));
  });
  api.get("/sheets/:sheetId/rows/:rowId/discussions", (context) => {
    const sheet = sheetOf(context);
    const { id } = rowOf(sheet, context);
    const ofRow = sheet.discussions.filter(({ rowId }) => rowId === id);
    return context.json(pageOf(context, ofRow.map((each) => discussionView(each, sheet))));
  });
  api.get("/sheets/:sheetId/discussions/:discussionId", (context) => {
    const sheet = sheetOf(context);
    return context.json(discussionView(discussionOf(sheet, context), sheet));
  });
  api.post("/sheets/:sheetId/discussions", (context) => start(context, undefined));
  api.post("/sheets/:sheetId/rows/:rowId/discussions", (context) => {
    return start(context, rowOf(sheetOf(context), context).id);
  });

  api.delete("/sheets/:sheetId/discussions/:discussionId", (context) => {
    const sheet = sheetOf(context);
    const { id, comments } = discussionOf(sheet, context);
    sheet.discussions = sheet.discussions.filter((discussion) => discussion.id !== id);
    const gone = comments.map((comment) => ({ objectType: "comment", eventType: "deleted", id: comment.id }));
    sheets.commitBeside(sheet, [{ objectType: "discussion", eventType: "deleted", id }, ...gone], actorOf(context));
    return context.json(success({ version: sheet.version }));
  });

  api.post("/sheets/:sheetId/discussions/:discussionId/comments", async (context) => {
    const sheet = sheetOf(context);
    const discussion = discussionOf(sheet, context);
    const actor = actorOf(context);
    const text = textOf(await objectOf(context), "comment.text");
    const comment = { id: random.id(), text, userId: actor.userId, createdAt: now(), modifiedAt: now() };
    discussion.comments.push(comment);
    sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "created", id: comment.id }], actor);
    return context.json(success({ version: sheet.version, result: commentView(comment, discussion) }));
  });

  api.get("/sheets/:sheetId/comments/:commentId", (context) => {
    const { comment, discussion } = commentOf(sheetOf(context), context);
    return context.json(commentView(comment, discussion));
  });

  api.put("/sheets/:sheetId/comments/:commentId", async (context) => {
    const sheet = sheetOf(context);
    const { comment, discussion } = commentOf(sheet, context);
    comment.text = textOf(await objectOf(context), "comment.text");
    comment.modifiedAt = now();
    sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "updated", id: comment.id }], actorOf(context));
    return context.json(success({ version: sheet.version, result: commentView(comment, discussion) }));
  });

  api.delete("/sheets/:sheetId/comments/:commentId", (context) => {
    const sheet = sheetOf(context);
    const { comment, discussion } = commentOf(sheet, context);
    discussion.comments = discussion.comments.filter(({ id }) => id !== comment.id);
    sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "deleted", id: comment.id }], actorOf(context));
    return context.json(success({ version: sheet.version }));
  });
}

function textOf(comment: unknown, name: string): string {
  const text = (comment as { text?: unknown } | undefined)?.text;
  if (typeof text !== "string" || !text) throw missing(name);
  return text;
}
