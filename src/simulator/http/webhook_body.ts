import { invalidAttribute, missing, notAllowed, unparsable } from "../api_error.ts";
import { checkCallbackUrl } from "../account/callback_url.ts";
import { isEventPattern } from "../account/subscription.ts";
import type { NewWebhook, WebhookChange } from "../account/webhooks.ts";

type Body = Readonly<Record<string, unknown>>;

const CHANGEABLE = ["name", "callbackUrl", "events", "version", "enabled", "customHeaders"];
const FIXED = ["scope", "scopeObjectId", "subscope"];
/** Sent by applications that send a whole webhook back. */
const READ_ONLY = ["id", "status", "stats", "sharedSecret", "disabledDetails", "createdAt", "modifiedAt"];
const REQUIRED = ["name", "callbackUrl", "scope", "scopeObjectId", "events", "version"];

/** @throws {ApiError} 1012 for what is missing, 1031 for a value, 1032 for an attribute that can't be set */
export function parseNewWebhook(body: Body): NewWebhook {
  rejectUnknown(body);
  refuse(body, [...READ_ONLY, "enabled"]);
  const absent = REQUIRED.filter((name) => body[name] === undefined || body[name] === null);
  if (absent.length) throw missing(absent.map((name) => `webhook.${name}`).join(", "));
  const { scope, scopeObjectId, subscope } = body;
  if (scope !== "sheet" && scope !== "plan") throw invalidAttribute("webhook.scope", scope);
  const id = Number(scopeObjectId);
  if (!Number.isSafeInteger(id)) throw invalidAttribute("webhook.scopeObjectId", scopeObjectId);
  if (scope !== "sheet" && subscope !== undefined) throw notAllowed(["webhook.subscope"]);
  if (scope !== "plan" && body.customHeaders !== undefined) throw notAllowed(["webhook.customHeaders"]);
  const { name, callbackUrl, events, customHeaders } = parseChangeable(body);
  return {
    name: name!,
    callbackUrl: callbackUrl!,
    scope,
    scopeObjectId: id,
    events: events!,
    columnIds: subscope === undefined ? undefined : columnIdsOf(subscope),
    customHeaders,
  };
}

/** @throws {ApiError} 1031 for a value, 1032 for an attribute that can't be changed */
export function parseWebhookChange(body: Body): WebhookChange {
  rejectUnknown(body);
  refuse(body, [...FIXED, ...READ_ONLY]);
  const { enabled } = body;
  if (enabled !== undefined && typeof enabled !== "boolean") throw invalidAttribute("webhook.enabled", enabled);
  return { ...parseChangeable(body), ...(enabled === undefined ? {} : { enabled }) };
}

function parseChangeable({ name, callbackUrl, events, version, customHeaders }: Body): WebhookChange {
  if (name !== undefined && (typeof name !== "string" || !name.trim())) throw invalidAttribute("webhook.name", name);
  if (version !== undefined && version !== 1) throw invalidAttribute("webhook.version", version);
  if (events !== undefined && !(Array.isArray(events) && events.length && events.every(isEventPattern))) {
    throw invalidAttribute("webhook.events", events);
  }
  if (customHeaders !== undefined && !isHeaders(customHeaders)) {
    throw invalidAttribute("webhook.customHeaders", customHeaders);
  }
  return {
    ...(name === undefined ? {} : { name }),
    ...(callbackUrl === undefined ? {} : { callbackUrl: checkCallbackUrl(callbackUrl) }),
    ...(events === undefined ? {} : { events }),
    ...(customHeaders === undefined ? {} : { customHeaders }),
  } as WebhookChange;
}

function columnIdsOf(subscope: unknown): number[] {
  const ids = (subscope as { columnIds?: unknown } | null)?.columnIds;
  if (!Array.isArray(ids) || !ids.length || !ids.every(Number.isSafeInteger)) {
    throw invalidAttribute("webhook.subscope", subscope);
  }
  return [...new Set(ids)];
}

function isHeaders(value: unknown): boolean {
  try {
    return [...new Headers(value as Record<string, string>)].length > 0;
  } catch {
    return false;
  }
}

function rejectUnknown(body: Body): void {
  const known = [...CHANGEABLE, ...FIXED, ...READ_ONLY];
  const unknown = Object.keys(body).find((name) => !known.includes(name));
  if (unknown !== undefined) throw unparsable(`Unknown attribute "${unknown}" found at line 1`);
}

function refuse(body: Body, names: readonly string[]): void {
  const given = names.filter((name) => body[name] !== undefined);
  if (given.length) throw notAllowed(given.map((name) => `webhook.${name}`));
}
