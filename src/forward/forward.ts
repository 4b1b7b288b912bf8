/**
 * `sheethook/forward`: hands callbacks, events and changes on to an HTTP target, in order per sheet, retried, and signed as Standard
 * Webhooks. So a handler may be written in any language.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { forwardTo } from "sheethook/forward";
 * import { memoryInbox } from "sheethook/inbox/memory";
 *
 * const receiver = createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", inbox: memoryInbox() });
 * receiver.onCallback(forwardTo("https://example.com/smartsheet", { secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }));
 * ```
 *
 * @module
 */
import type { CallbackHandler, ChangeHandler, EventHandler } from "../dispatch/handlers.ts";
import { callbackMessage, changeMessage, eventMessage } from "./message.ts";
import { createPost, type ForwardOptions } from "./post.ts";

export type { Column, Hyperlink, Writer } from "../api/sheet.ts";
export type { AcceptedCallback, Callback, Envelope, EventCallback, StatusCallback } from "../callback/callback.ts";
export type { AnyEvent, EventAttributes, ObjectIds, WebhookEvent } from "../callback/event.ts";
export type { TouchedRow } from "../callback/touched_rows.ts";
export type { Fetch } from "../change_agent/change_agent.ts";
export type { Context } from "../dispatch/context.ts";
export type { CallbackHandler, ChangeHandler, EventHandler } from "../dispatch/handlers.ts";
export type { PutOnlyInbox } from "../inbox/inbox.ts";
export type { Logger } from "../logger.ts";
export type { Change, ChangedBy, ChangeOf, CreatedRow, DeletedRow, UpdatedRow } from "../mirror/change.ts";
export type { ChangedColumn, ChangeKind } from "../mirror/derive/compare.ts";
export type { Row, RowCell, SheetInfo } from "../mirror/row.ts";
export type { NewCells, RowRef } from "../mirror/row_writes.ts";
export type { Cells, Contact, Value } from "../mirror/values/value.ts";
export type { Predecessor } from "../mirror/values/predecessor.ts";
export type { Link, NewValue } from "../mirror/values/write_cell.ts";
export type { KnownEventType, KnownObjectType } from "../smartsheet/event_types.ts";
export type { ForwardFormat } from "./body.ts";
export type { ForwardOptions } from "./post.ts";
export { addForwarding, type ForwardingOptions, type ForwardingReceiver, type ForwardUnit } from "./add_forwarding.ts";

/**
 * A handler for `onCallback`: posts each callback to `url`, and fails unless the answer is 2xx. It throws `Discard` for 410, and
 * `RetryLater` for 429 and 503 with a `Retry-After`; redirects aren't followed.
 *
 * @throws {SheethookError} `option_invalid` for a URL that isn't http or https, and for a secret that isn't `whsec_...`
 */
export function forwardTo(url: string | URL, options?: ForwardOptions): CallbackHandler {
  const { send } = createPost(url, options);
  return (callback, context) => send(callbackMessage(callback, context), context);
}

/** The same for `on`: posts each event, with its `webhookId` and `scopeObjectId`. See {@linkcode forwardTo}. */
export function forwardEventsTo(url: string | URL, options?: ForwardOptions): EventHandler {
  const { send } = createPost(url, options);
  return (event, context) => send(eventMessage(event, context.callback, context), context);
}

/** The same for `onChange`: posts each changed row, with its values. See {@linkcode forwardTo}. */
export function forwardChangesTo(url: string | URL, options?: ForwardOptions): ChangeHandler {
  const { send } = createPost(url, options);
  return (change, context) => send(changeMessage(change, context.callback, context), context);
}
