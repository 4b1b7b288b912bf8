/**
 * `sheethook/api`: the calls of the Smartsheet API that a receiver of webhooks needs, on web standards and ky alone.
 *
 * @example
 * ```ts
 * import { createApi } from "sheethook/api";
 *
 * const api = createApi({
 *   token: "iQ5r7dZfLdJwHCZyP9vtmkQZ0XLwvSaAsbKYI",
 *   region: "eu",
 *   fetch: () => Promise.resolve(Response.json({ version: 7 })), // for this example alone
 * });
 * console.log(await api.sheets.version(1229759569678212));
 * ```
 *
 * @module
 */
import { requireInteger, requireKnownOptions, requireMs, SheethookError } from "../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";
import { delay } from "../async/delay.ts";
import { registerSecret } from "../redact.ts";
import type { Region } from "../smartsheet/hosts.ts";
import type { TracedFetch } from "../tracing_port.ts";
import { baseUrlOf } from "./base_url.ts";
import { createFolderCalls, createWorkspaceCalls, type FolderCalls, type WorkspaceCalls } from "./containers.ts";
import { createSendRequest } from "./request.ts";
import {
  type CellCalls,
  createCellCalls,
  createRowCalls,
  createSheetCalls,
  type RowCalls,
  type SheetCalls,
} from "./sheets.ts";
import { createUserCalls, type UserCalls } from "./users.ts";
import { createWebhookCalls, type WebhookCalls } from "./webhooks.ts";

export type { Logger } from "../logger.ts";
export { type ErrorCode, SheethookError } from "../errors.ts";
export type { Region } from "../smartsheet/hosts.ts";
export type { KnownWebhookStatus } from "../smartsheet/webhook_status.ts";
export { ApiError, type ApiFailure } from "./api_error.ts";
export type { Child, ChildrenQuery, FolderCalls, Workspace, WorkspaceCalls } from "./containers.ts";
export type { ListOptions } from "./list_pages.ts";
export type { CallOptions, WriteOptions } from "./request.ts";
export type {
  Cell,
  CellValue,
  CellVersion,
  Column,
  Hyperlink,
  NewCell,
  NewRow,
  OnRows,
  Row,
  RowChanges,
  ScannedSheet,
  Sheet,
  Writer,
} from "./sheet.ts";
export type { PagesQuery, RowQuery, ScanQuery, SheetQuery } from "./sheet_query.ts";
export type { TracedFetch } from "../tracing_port.ts";
export type { ReadSheet } from "./reading/read_sheet.ts";
export type { CellCalls, RowCalls, SheetCalls } from "./sheets.ts";
export type { User, UserCalls } from "./users.ts";
export type { NewWebhook, Webhook, WebhookCalls, WebhookChanges, WebhookStats, WebhookStatus } from "./webhooks.ts";

/** How {@linkcode createApi} reaches the API. Only the token is needed. */
export interface ApiOptions {
  /** The access token. It is in no message, no log and no error. */
  readonly token: string;
  /** The account's region. @default "us" */
  readonly region?: Region | undefined;
  /** Instead of a region: the base URL of a simulator or a proxy. */
  readonly apiUrl?: string | URL | undefined;
  /** What sends each request. @default globalThis.fetch */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** Resolves after `ms`, or when `signal` aborts. @default by setTimeout */
  readonly sleep?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
  /** Logs when a call is retried. @default warnings on the console */
  readonly logger?: Logger | undefined;
  /** From 0 to 1, for the jitter of retries. @default Math.random */
  readonly random?: (() => number) | undefined;
  /** How often a call is sent at most before its error is thrown. @default 5 */
  readonly attempts?: number | undefined;
  /** Milliseconds for each answer. Enabling a webhook takes as long as its challenge. @default 60_000 */
  readonly timeoutMs?: number | undefined;
  /**
   * The share of the token's 300 requests a minute that this process may use: less if others use the token, too. All
   * clients of a token share it; further calls wait. @default 300
   */
  readonly requestsPerMinute?: number | undefined;
  /** Makes a span for each request, from `sheethook/tracing`. @default none */
  readonly tracing?: { readonly fetch: (fetch: TracedFetch) => TracedFetch } | undefined;
}

/** What {@linkcode createApi} returns. Its functions need no `this`. */
export interface Api {
  /** The base URL of every call. */
  readonly apiUrl: string;
  /** Webhooks. */
  readonly webhooks: WebhookCalls;
  /** Whole sheets. */
  readonly sheets: SheetCalls;
  /** Rows of a sheet. */
  readonly rows: RowCalls;
  /** Cells and their history. */
  readonly cells: CellCalls;
  /** Workspaces and what is in them. */
  readonly workspaces: WorkspaceCalls;
  /** What is in folders. */
  readonly folders: FolderCalls;
  /** Users. */
  readonly users: UserCalls;
}

/**
 * A client of the Smartsheet API. A failed call is retried where that is safe: after a minute (or `Retry-After`) when the
 * token has used up its requests; with growing delays after the errors 4001, 4002 and 4004; and after 5xx errors or no
 * answer if the call only reads or has the same effect twice. An addition that may have happened is never retried.
 *
 * Calls reject with an `ApiError` with errorCode, refId, status and what to do, or with the reason of their signal.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function createApi(options: ApiOptions): Api {
  requireKnownOptions("createApi", options, OPTIONS);
  const { token } = options;
  // Never shown.
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw new SheethookError("option_invalid", "token should be an access token: visible ASCII, without blanks", {
      option: "token",
    });
  }
  registerSecret(token);
  const baseUrl = baseUrlOf(options.region, options.apiUrl);
  const fetch = options.fetch ?? ((request) => globalThis.fetch(request));
  const send = createSendRequest({
    baseUrl,
    token,
    fetch: options.tracing ? tracedFetch(fetch, options.tracing) : fetch,
    now: options.now ?? Date.now,
    sleep: options.sleep ?? delay,
    random: options.random ?? Math.random,
    attempts: requireInteger("attempts", options.attempts ?? 5),
    timeoutMs: requireMs("timeoutMs", options.timeoutMs ?? 60_000),
    requestsPerMinute: requireInteger("requestsPerMinute", options.requestsPerMinute ?? 300),
    logger: createQuietLogger(options.logger ?? consoleLogger),
  });
  return {
    apiUrl: baseUrl,
    webhooks: createWebhookCalls(send),
    sheets: createSheetCalls(send),
    rows: createRowCalls(send),
    cells: createCellCalls(send),
    workspaces: createWorkspaceCalls(send),
    folders: createFolderCalls(send),
    users: createUserCalls(send),
  };
}

function tracedFetch(
  fetch: (request: Request) => Promise<Response>,
  tracing: NonNullable<ApiOptions["tracing"]>,
): (request: Request) => Promise<Response> {
  return tracing.fetch((request, init) => fetch(new Request(request, init)));
}

const OPTIONS: Readonly<Record<keyof ApiOptions, true>> = {
  token: true,
  region: true,
  apiUrl: true,
  fetch: true,
  now: true,
  sleep: true,
  logger: true,
  random: true,
  attempts: true,
  timeoutMs: true,
  requestsPerMinute: true,
  tracing: true,
};
