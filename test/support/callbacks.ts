// Bodies, secrets and requests that the tests share. Web standards alone: workerd runs it, too.
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import type { Logger } from "../../src/logger.ts";
import { signBody } from "../../src/receive/signature.ts";

/** The secret that the published bodies are signed with. */
export const SECRET = "3qo29mvjou6xt5fujukjtwzhj0";
export const OTHER_SECRET = "5l2nq7d0lb1v6k1d4lq9q7pxdw";
export const WEBHOOK_ID = 8958534189639556;
export const SHEET_ID = 1229759569678212;
export const CHALLENGE_ID = 2674017481058180;

/** An event callback, with what is given laid over it. */
export function callbackBody(attributes: Record<string, unknown> = {}): string {
  return JSON.stringify({
    nonce: "0fcb8d84-f214-49c3-bd91-a7b91661ad6b",
    timestamp: "2025-09-17T13:10:00.903+00:00",
    webhookId: WEBHOOK_ID,
    scope: "sheet",
    scopeObjectId: SHEET_ID,
    events: [rowEvent(1)],
    ...attributes,
  });
}

export function rowEvent(id: number, attributes: Record<string, unknown> = {}) {
  return {
    objectType: "row",
    eventType: "updated",
    id,
    userId: 1,
    timestamp: "2025-09-17T13:08:55.000+00:00",
    ...attributes,
  };
}

export function cellEvent(rowId: number, columnId: number, attributes: Record<string, unknown> = {}) {
  const { id: _, ...event } = rowEvent(rowId, attributes);
  return { ...event, objectType: "cell", rowId, columnId, ...attributes };
}

/** A POST of `body`, signed. */
export async function signedRequest(
  body: string,
  secret = SECRET,
  headers: Record<string, string> = {},
): Promise<Request> {
  return postRequest(body, { "Smartsheet-Hmac-SHA256": await signBody(body, secret), ...headers });
}

export function postRequest(body: BodyInit | null, headers: Record<string, string> = {}): Request {
  return new Request("http://localhost/webhook", { method: "POST", headers, body });
}

/** What an inbox is given for `body`. */
export function acceptedCallback(attributes: Partial<AcceptedCallback> = {}, body = callbackBody()): AcceptedCallback {
  const { webhookId, nonce, timestamp, scopeObjectId } = { ...JSON.parse(body), ...attributes };
  return { webhookId, nonce, timestamp, scopeObjectId, body, digest: "d", acceptedAt: 0, ...attributes };
}

/** A logger that keeps its lines, with the values filled in. */
export function createLog(): Logger & { readonly lines: string[] } {
  const lines: string[] = [];
  const write = (level: string) => (message: string, properties: Record<string, unknown> = {}) =>
    void lines.push(`${level} ${message.replace(/\{(\w+)\}/g, (_, name) => String(properties[name]))}`);
  return { lines, debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}
