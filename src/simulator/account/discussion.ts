import type { Account } from "./account.ts";
import type { Actor } from "../event.ts";
import type { Comment, Discussion, Sheet } from "./sheet.ts";
import { apiTimestamp } from "../timestamp.ts";

/** Adds a discussion with its first comment, and their events. */
export function startDiscussion(
  sheet: Sheet,
  rowId: number | undefined,
  text: string,
  actor: Actor,
  { settings: { random, now }, sheets }: Account,
): Discussion {
  const comment = { id: random.id(), text, userId: actor.userId, createdAt: now(), modifiedAt: now() };
  const discussion: Discussion = { id: random.id(), rowId, title: text.slice(0, 100), comments: [comment] };
  sheet.discussions.push(discussion);
  sheets.commitBeside(sheet, [
    { objectType: "discussion", eventType: "created", id: discussion.id },
    { objectType: "comment", eventType: "created", id: comment.id },
  ], actor);
  return discussion;
}

/** Deletes a discussion with its comments, and makes their events. */
export function deleteDiscussion(sheet: Sheet, { id, comments }: Discussion, actor: Actor, { sheets }: Account): void {
  sheet.discussions = sheet.discussions.filter((discussion) => discussion.id !== id);
  const deleted = comments.map((comment) => ({ objectType: "comment", eventType: "deleted", id: comment.id }));
  sheets.commitBeside(sheet, [{ objectType: "discussion", eventType: "deleted", id }, ...deleted], actor);
}

/** Adds a comment, and its event. */
export function addComment(
  sheet: Sheet,
  discussion: Discussion,
  text: string,
  actor: Actor,
  { settings: { random, now }, sheets }: Account,
): Comment {
  const comment = { id: random.id(), text, userId: actor.userId, createdAt: now(), modifiedAt: now() };
  discussion.comments.push(comment);
  sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "created", id: comment.id }], actor);
  return comment;
}

/** Changes a comment's text, and makes its event. */
export function updateComment(sheet: Sheet, comment: Comment, text: string, actor: Actor, account: Account): void {
  comment.text = text;
  comment.modifiedAt = account.settings.now();
  account.sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "updated", id: comment.id }], actor);
}

/** Deletes a comment, and makes its event. */
export function deleteComment(
  sheet: Sheet,
  discussion: Discussion,
  { id }: Comment,
  actor: Actor,
  { sheets }: Account,
): void {
  discussion.comments = discussion.comments.filter((comment) => comment.id !== id);
  sheets.commitBeside(sheet, [{ objectType: "comment", eventType: "deleted", id }], actor);
}

/** A discussion in API answers. */
export function discussionView(discussion: Discussion, sheet: Sheet): Record<string, unknown> {
  const { id, rowId, title, comments } = discussion;
  return {
    id,
    title,
    parentType: rowId === undefined ? "SHEET" : "ROW",
    parentId: rowId ?? sheet.id,
    commentCount: comments.length,
    comments: comments.map((comment) => commentView(comment, discussion)),
  };
}

/** A comment in API answers. */
export function commentView({ id, text, userId, createdAt, modifiedAt }: Comment, discussion: Discussion) {
  return {
    id,
    discussionId: discussion.id,
    text,
    createdBy: { id: userId },
    createdAt: apiTimestamp(createdAt),
    modifiedAt: apiTimestamp(modifiedAt),
  };
}
