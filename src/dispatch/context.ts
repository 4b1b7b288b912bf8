import type { Callback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import type { Fetch } from "../change_agent/change_agent.ts";
import type { TouchedRow } from "../callback/touched_rows.ts";
import type { Logger } from "../logger.ts";
import type { NewCells, RowRef } from "../mirror/row_writes.ts";

/** What a handler gets besides its event, callback or status. */
export interface Context {
  /** The whole callback. */
  readonly callback: Callback;
  /** The `Smartsheet-Change-Agent` value for a write that is made because of this event. */
  readonly changeAgent: string;
  /**
   * `fetch`, with the change agent on requests other than GET, HEAD and OPTIONS to Smartsheet's hosts and `apiUrl`; a
   * value that the caller set stays in front. Such a request follows no redirect. The token is the caller's to add. It
   * doesn't throw for a 4xx or 5xx: look at `response.ok`. One that answers a write to Smartsheet is logged.
   *
   * @throws {SheethookError} `lease_lost`, for a request other than GET, HEAD and OPTIONS, if another worker has the lane now
   */
  readonly fetch: Fetch;
  /** The number of the attempt at this call, from 1. */
  readonly attempt: number;
  /** For `onCallback`: the events of which a call is dead. Empty for other calls. */
  readonly failed: readonly AnyEvent[];
  /** Aborts when the handler's results can't be recorded any more: its time is up, or its lease is lost. */
  readonly signal: AbortSignal;
  /**
   * `webhookId/nonce/eventIndex`; for `onChange` `webhookId/nonce/row/<rowId>`, for `onCallback` `webhookId/nonce/all`, for `onStatus` `webhookId/nonce/status`. The
   * same over attempts, replays and handlers.
   */
  readonly idempotencyKey: string;
  /**
   * Runs `fn` once over all attempts and returns its result, which must survive JSON and be at most 256 KiB of it: plain
   * objects (properties that are undefined are left out), lists, text, numbers (-0 becomes 0). A kill between the effect
   * and its record runs it again. Without an inbox it just runs.
   *
   * A step belongs to its call: the callback, the event, and the handler by its patterns and its own name (of two handlers
   * of the same patterns without a name, by their order). So results outlive a deployment that adds other handlers.
   *
   * @throws {SheethookError} `step_invalid` for a name used twice in one call, or that is no text, or a result that can't be kept;
   * `lease_lost` if another worker has the lane now
   */
  step<Result>(name: string, fn: () => Result | Promise<Result>): Promise<Result>;
  /**
   * Writes cells of a row, by column title (or id), with the change agent: `context.updateRow(change.row, { Status: "Done" })`.
   * The mirror knows of it at once. Needs `createReceiver({ api })`.
   *
   * @throws {SheethookError} `column_unknown`, `value_invalid`, `lease_lost`; `ApiError` for what the API says
   */
  updateRow(row: RowRef, cells: NewCells): Promise<void>;
  /**
   * Adds rows at the bottom of a sheet, as {@linkcode updateRow} writes them. Over 500 take several requests: if one fails, the
   * rows of those before it are there. @returns their ids
   */
  addRows(sheetId: number, rows: readonly NewCells[]): Promise<readonly number[]>;
  /** Deletes rows, 400 in a request; missing ones are ignored. See {@linkcode updateRow}. */
  deleteRows(sheetId: number, rowIds: readonly number[]): Promise<void>;
  /**
   * Headers that carry the trace on to a service that isn't Smartsheet: `traceparent` with most set-ups of OpenTelemetry; none
   * without `tracing`. `fetch` adds them to requests to Smartsheet itself.
   */
  traceHeaders(): Record<string, string>;
  /** The rows that this callback touched, but for own changes: one entry for all events of a row. */
  rows(): readonly TouchedRow[];
  /** The receiver's logger. */
  readonly log: Logger;
}
