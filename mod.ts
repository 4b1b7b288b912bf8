/**
 * `sheethook`: a receiver for Smartsheet webhooks that loses nothing, answers right, and can't loop.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { memoryInbox } from "sheethook/inbox/memory";
 *
 * const receiver = createReceiver({
 *   secrets: "3qo29mvjou6xt5fujukjtwzhj0",
 *   changeAgent: "inventory-sync",
 *   inbox: memoryInbox(),
 * });
 *
 * receiver.on("row.created", (event, context) => {
 *   context.log.info("Row {id} was created", { id: event.id });
 * });
 *
 * await receiver.start();
 * const response = await receiver.fetch(
 *   new Request("https://example.com/webhook", { method: "POST", headers: { "Smartsheet-Hook-Challenge": "d78dd1d3" } }),
 * );
 * if (response.headers.get("Smartsheet-Hook-Response") !== "d78dd1d3") throw new Error("Challenge wasn't answered");
 * await receiver.stop();
 * ```
 *
 * @module
 */
export {
  createReceiver,
  type Receiver,
  type ReceiverOptions,
  type RunDeadCall,
  type RunOptions,
  type RunResult,
} from "./src/receiver.ts";
export { Discard, type ErrorCode, RetryLater, SheethookError, Skip } from "./src/errors.ts";
export type { AcceptedCallback, Callback, Envelope, EventCallback, StatusCallback } from "./src/callback/callback.ts";
export type {
  AnyEvent,
  EventAttributes,
  EventOf,
  Half,
  ObjectIds,
  Pattern,
  WebhookEvent,
} from "./src/callback/event.ts";
export type { TouchedRow } from "./src/callback/touched_rows.ts";
export type { Fetch } from "./src/change_agent/change_agent.ts";
export type { Counts } from "./src/counts.ts";
export type { Context } from "./src/dispatch/context.ts";
export type { ReconcileReason, ReconcileRequest } from "./src/callback/reconcile.ts";
export type { Gap } from "./src/mirror/gap.ts";
export type { EndedReconcile, ReconcileResult } from "./src/mirror/reconcile/observe_reconcile.ts";
export type { SilentSheet } from "./src/mirror/triggers/canary.ts";
export type {
  CallbackHandler,
  ChangeHandler,
  EventHandler,
  GapHandler,
  StatusHandler,
} from "./src/dispatch/handlers.ts";
export type { EventResult, Observer } from "./src/dispatch/observer.ts";
export type {
  CallName,
  DeadCall,
  EndedCall,
  Inbox,
  Lease,
  Outcome,
  Position,
  Progress,
  PutOnlyInbox,
  Work,
} from "./src/inbox/inbox.ts";
export type {
  ChangesPart,
  Mirror,
  MirroredRow,
  MirroredSheet,
  MirrorView,
  MirrorViews,
  MirrorWrite,
  StoredPart,
  ViewColumn,
  ViewColumnKind,
  WaitingCallback,
} from "./src/inbox/mirror.ts";
export type { Logger } from "./src/logger.ts";
export type {
  Cell,
  CellValue,
  Column,
  Hyperlink,
  NewCell,
  NewRow,
  Row as ApiRow,
  RowChanges,
  ScannedSheet,
  Sheet,
  Writer,
} from "./src/api/sheet.ts";
export type { ChangesApi, ReadQuery, WriteQuery } from "./src/mirror/api_port.ts";
export type { Change, ChangedBy, ChangeOf, CreatedRow, DeletedRow, UpdatedRow } from "./src/mirror/change.ts";
export type { CellsFor, ChangeFilter, ChangeFor, KindFor, KnownOptions } from "./src/mirror/filter/change_filter.ts";
export type { ChangedColumn, ChangeKind } from "./src/mirror/derive/compare.ts";
export type { Expected } from "./src/mirror/filter/expected_value.ts";
export type { Row, RowCell, SheetInfo } from "./src/mirror/row.ts";
export type { NewCells, RowRef } from "./src/mirror/row_writes.ts";
export type { SchemaIssue, SchemaOutput, SchemaResult, StandardSchema } from "./src/mirror/filter/standard_schema.ts";
export type { Predecessor } from "./src/mirror/values/predecessor.ts";
export type { Cells, Contact, Value } from "./src/mirror/values/value.ts";
export type { Link, NewValue } from "./src/mirror/values/write_cell.ts";
export type {
  TracedAttempt,
  TracedCall,
  TracedCallback,
  TracedFetch,
  TracedResult,
  Tracing,
} from "./src/tracing_port.ts";
export { signBody } from "./src/receive/signature.ts";
export type { Secrets, SecretsFinder, SecretsOfWebhook } from "./src/receive/secrets.ts";
export type { KnownEventType, KnownObjectType } from "./src/smartsheet/event_types.ts";
