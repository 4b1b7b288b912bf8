/** The object types that Smartsheet documents for sheets. */
export const OBJECT_TYPES = ["attachment", "cell", "column", "comment", "discussion", "row", "sheet"] as const;
/** The event types that Smartsheet documents for sheets. */
export const EVENT_TYPES = ["created", "updated", "deleted"] as const;

/** The object types that Smartsheet documents for sheets. Others (`user`, on plans) pass through. */
export type KnownObjectType = (typeof OBJECT_TYPES)[number];
/** The event types that Smartsheet documents for sheets. Others (`seatType.updated`, on plans) pass through. */
export type KnownEventType = (typeof EVENT_TYPES)[number];
