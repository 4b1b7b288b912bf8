import type { Account } from "./account.ts";
import type { Actor } from "../event.ts";
import type { Attachment, Sheet } from "./sheet.ts";
import { apiTimestamp } from "../timestamp.ts";

export type NewAttachment = Pick<Attachment, "name" | "attachmentType" | "url" | "parentType" | "parentId">;

/** Adds an attachment, and its event. */
export function attach(
  sheet: Sheet,
  what: NewAttachment,
  actor: Actor,
  { settings: { random, now }, sheets }: Account,
): Attachment {
  const attachment = { ...what, id: random.id(), userId: actor.userId, createdAt: now() };
  sheet.attachments.push(attachment);
  sheets.commitBeside(sheet, [{ objectType: "attachment", eventType: "created", id: attachment.id }], actor);
  return attachment;
}

/** Deletes an attachment, and makes its event. */
export function detach(sheet: Sheet, { id }: Attachment, actor: Actor, { sheets }: Account): void {
  sheet.attachments = sheet.attachments.filter((attachment) => attachment.id !== id);
  sheets.commitBeside(sheet, [{ objectType: "attachment", eventType: "deleted", id }], actor);
}

/** An attachment in API answers. */
export function attachmentView(attachment: Attachment): Record<string, unknown> {
  const { id, name, attachmentType, url, parentType, parentId, userId, createdAt } = attachment;
  return {
    id,
    name,
    attachmentType,
    ...(url === undefined ? {} : { url }),
    parentType,
    parentId,
    createdBy: { id: userId },
    createdAt: apiTimestamp(createdAt),
  };
}
