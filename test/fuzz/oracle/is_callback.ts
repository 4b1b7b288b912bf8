/** What the contract says of something: `maybe` where it says nothing. */
export type Answered = "yes" | "no" | "maybe";

/** The callback's own members, read from JSON. */
export type Members = Readonly<Record<string, unknown>>;

const TIMESTAMP = /^\d{4}-(0[1-9]|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}(\+00:?00|Z)$/;
/** Deeper than anything of Smartsheet's; a runtime may not be able to write it. */
const DEEP = 100;

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Is it a callback? Only its envelope counts, and that each event is an object. */
export function isCallback(value: unknown): Answered {
  if (!isMembers(value)) return "no";
  const { nonce, timestamp, webhookId, scope, scopeObjectId, events, newWebhookStatus } = value;
  const answers = [
    typeof nonce !== "string" ? "no" : nonce.length >= 1 && nonce.length <= 256 ? "yes" : "maybe",
    typeof timestamp !== "string" ? "no" : TIMESTAMP.test(timestamp) ? "yes" : "maybe",
    isId(webhookId),
    scope === "sheet" || scope === "plan" ? "yes" : "maybe",
    isId(scopeObjectId),
    hasContent(events, newWebhookStatus),
    isDeep(value) ? "maybe" : "yes",
  ] as const;
  return answers.includes("no") ? "no" : answers.includes("maybe") ? "maybe" : "yes";
}

/** What makes it the same callback: either key, with what is in it. */
export function callbackKeys({ webhookId, nonce, timestamp, events, newWebhookStatus }: Members): [string, string] {
  const content = JSON.stringify(events ?? newWebhookStatus);
  return [
    JSON.stringify([webhookId, "nonce", nonce, content]),
    JSON.stringify([webhookId, "time", timestamp, content]),
  ];
}

function isId(value: unknown): Answered {
  return typeof value !== "number" ? "no" : Number.isSafeInteger(value) && value > 0 ? "yes" : "maybe";
}

function hasContent(events: unknown, status: unknown): Answered {
  if (events != null) {
    if (!Array.isArray(events) || !events.every(isMembers)) return "no";
    return status == null && events.length ? "yes" : "maybe";
  }
  return typeof status === "string" && status
    ? "yes"
    : status == null
    ? "no"
    : typeof status === "string"
    ? "maybe"
    : "no";
}

function isDeep(value: unknown, depth = 0): boolean {
  if (depth > DEEP) return true;
  return typeof value === "object" && value !== null && Object.values(value).some((each) => isDeep(each, depth + 1));
}
