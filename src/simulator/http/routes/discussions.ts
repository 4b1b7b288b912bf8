import type { Hono } from "hono";
import type { Account } from "../../account/account.ts";
import { missing, notFound } from "../../api_error.ts";
import {
  addComment,
  commentView,
  deleteComment,
  deleteDiscussion,
  discussionView,
  startDiscussion,
  updateComment,
} from "../../account/discussion.ts";
import { actorOf, type ApiContext, type ApiEnv, idOf, objectOf, pageOf, rowOf, sheetOf, success } from "../request.ts";
import type { Comment, Discussion, Sheet } from "../../account/sheet.ts";

/** Discussions and comments, as far as their events need. */
export function addDiscussionRoutes(api: Hono<ApiEnv>, account: Account): void {
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
    const sheet = sheetOf(context, account);
    const actor = actorOf(context);
    const { comment } = await objectOf(context);
    const discussion = startDiscussion(sheet, rowId, textOf(comment, "discussion.comment.text"), actor, account);
    return context.json(success({ version: sheet.version, result: discussionView(discussion, sheet) }));
  }

  api.get("/sheets/:sheetId/discussions", (context) => {
    const sheet = sheetOf(context, account);
    return context.json(pageOf(context, sheet.discussions.map((each) => discussionView(each, sheet))));
  });
  api.get("/sheets/:sheetId/rows/:rowId/discussions", (context) => {
    const sheet = sheetOf(context, account);
    const { id } = rowOf(sheet, context);
    const ofRow = sheet.discussions.filter(({ rowId }) => rowId === id);
    return context.json(pageOf(context, ofRow.map((each) => discussionView(each, sheet))));
  });
  api.get("/sheets/:sheetId/discussions/:discussionId", (context) => {
    const sheet = sheetOf(context, account);
    return context.json(discussionView(discussionOf(sheet, context), sheet));
  });
  api.post("/sheets/:sheetId/discussions", (context) => start(context, undefined));
  api.post("/sheets/:sheetId/rows/:rowId/discussions", (context) => {
    return start(context, rowOf(sheetOf(context, account), context).id);
  });

  api.delete("/sheets/:sheetId/discussions/:discussionId", (context) => {
    const sheet = sheetOf(context, account);
    deleteDiscussion(sheet, discussionOf(sheet, context), actorOf(context), account);
    return context.json(success({ version: sheet.version }));
  });

  api.post("/sheets/:sheetId/discussions/:discussionId/comments", async (context) => {
    const sheet = sheetOf(context, account);
    const discussion = discussionOf(sheet, context);
    const text = textOf(await objectOf(context), "comment.text");
    const comment = addComment(sheet, discussion, text, actorOf(context), account);
    return context.json(success({ version: sheet.version, result: commentView(comment, discussion) }));
  });

  api.get("/sheets/:sheetId/comments/:commentId", (context) => {
    const { comment, discussion } = commentOf(sheetOf(context, account), context);
    return context.json(commentView(comment, discussion));
  });

  api.put("/sheets/:sheetId/comments/:commentId", async (context) => {
    const sheet = sheetOf(context, account);
    const { comment, discussion } = commentOf(sheet, context);
    updateComment(sheet, comment, textOf(await objectOf(context), "comment.text"), actorOf(context), account);
    return context.json(success({ version: sheet.version, result: commentView(comment, discussion) }));
  });

  api.delete("/sheets/:sheetId/comments/:commentId", (context) => {
    const sheet = sheetOf(context, account);
    const { comment, discussion } = commentOf(sheet, context);
    deleteComment(sheet, discussion, comment, actorOf(context), account);
    return context.json(success({ version: sheet.version }));
  });
}

function textOf(comment: unknown, name: string): string {
  const text = (comment as { text?: unknown } | undefined)?.text;
  if (typeof text !== "string" || !text) throw missing(name);
  return text;
}
