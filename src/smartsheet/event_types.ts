/** The object types that Smartsheet documents for sheets. Others (`user`, on plans) pass through. */
export type KnownObjectType = "attachment" | "cell" | "column" | "comment" | "discussion" | "row" | "sheet";
/** The event types that Smartsheet documents for sheets. Others (`seatType.updated`, on plans) pass through. */
export type KnownEventType = "created" | "updated" | "deleted";

/** Every {@linkcode KnownObjectType}. */
export const OBJECT_TYPES: readonly KnownObjectType[] = [
  ...["attachment", "cell", "column", "comment", "discussion", "row", "sheet"] as const,
];
/** Every {@linkcode KnownEventType}. */
export const EVENT_TYPES: readonly KnownEventType[] = ["created", "updated", "deleted"];
