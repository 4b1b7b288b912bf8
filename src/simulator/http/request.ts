import type { Context } from "hono";
import { ApiError, invalidParameter, notAuthorized, notFound, unparsable } from "../api_error.ts";
import type { Actor } from "../event.ts";
import type { Account } from "../account/account.ts";
import { rowById } from "../account/rows/row_index.ts";
import type { Row, Sheet } from "../account/sheet.ts";
import { accessOf } from "../account/sheets.ts";
import type { User } from "../account/users.ts";
import type { Webhook } from "../webhook.ts";

/** Variables that the API's middleware sets. */
export interface ApiEnv {
  Variables: { user: User; token: string };
}

export type ApiContext = Context<ApiEnv>;

/** The user, and the change agent, of a request. */
export function actorOf(context: ApiContext): Actor {
  const changeAgent = context.req.header("smartsheet-change-agent");
  return { userId: context.get("user").id, ...(changeAgent ? { changeAgent } : {}) };
}

/** @throws {ApiError} 1006 for a parameter that is no id */
export function idOf(context: ApiContext, name: string): number {
  const id = Number(context.req.param(name));
  if (!Number.isSafeInteger(id)) throw notFound();
  return id;
}

/** The sheet that the path names, if the user may do this with it. @throws {ApiError} 1006, 1004 */
export function sheetOf(context: ApiContext, { sheets, settings }: Account): Sheet {
  const sheet = sheets.get(idOf(context, "sheetId"));
  const access = accessOf(sheet, context.get("user").id);
  if (access === "NONE" && settings.assumptions.noAccess === "not-found") throw notFound();
  if (access === "NONE" || (access === "VIEWER" && context.req.method !== "GET")) throw notAuthorized();
  return sheet;
}

/** The row of the sheet that the path names. @throws {ApiError} 1006 */
export function rowOf(sheet: Sheet, context: ApiContext): Row {
  const rowId = idOf(context, "rowId");
  const row = rowById(sheet, rowId);
  if (!row) throw notFound();
  return row;
}

/** The webhook of the token's owner that the path names. @throws {ApiError} 1006 */
export function webhookOf(context: ApiContext, { webhooks }: Account): Webhook {
  return webhooks.get(idOf(context, "id"), context.get("user").id);
}

/** @throws {ApiError} 1008, 1024 */
export async function jsonOf(context: ApiContext): Promise<unknown> {
  const text = await context.req.text();
  if (!text.trim()) throw new ApiError(400, 1024, "The HTTP request body is required for this Method.");
  try {
    return JSON.parse(text);
  } catch {
    throw unparsable("Request body is not valid JSON");
  }
}

/** @throws {ApiError} 1008, 1024 */
export async function objectOf(context: ApiContext): Promise<Readonly<Record<string, unknown>>> {
  const body = await jsonOf(context);
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Record<string, unknown>;
  throw unparsable("Request body should be an object");
}

/** Comma-separated ids; undefined without any. @throws {ApiError} 1018 */
export function idsOf(context: ApiContext, name: string): number[] | undefined {
  const text = context.req.query(name);
  if (!text) return undefined;
  return text.split(",").map((part) => {
    const id = Number(part);
    if (!/^\s*\d+\s*$/.test(part) || !Number.isSafeInteger(id)) throw invalidParameter(name, part);
    return id;
  });
}

/** An integer of at least 1. @throws {ApiError} 1018 */
export function countOf(context: ApiContext, name: string, fallback: number): number {
  const text = context.req.query(name);
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw invalidParameter(name, text);
  return Number(text);
}

/** The answer to a successful change. */
export function success(attributes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { message: "SUCCESS", resultCode: 0, ...attributes };
}

/** One page of a list, with totals. A page past the end is the last page. */
export function pageOf(context: ApiContext, all: readonly unknown[]): Record<string, unknown> {
  const isAll = context.req.query("includeAll") === "true";
  const pageSize = isAll ? Math.max(all.length, 1) : countOf(context, "pageSize", 100);
  const totalPages = Math.ceil(all.length / pageSize);
  const pageNumber = isAll ? 1 : Math.min(countOf(context, "page", 1), Math.max(totalPages, 1));
  return {
    pageNumber,
    pageSize,
    totalPages,
    totalCount: all.length,
    data: all.slice((pageNumber - 1) * pageSize, pageNumber * pageSize),
  };
}
