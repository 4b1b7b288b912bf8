import type { Assumptions } from "../assumptions.ts";
import type { WebhookEvent } from "../event.ts";
import type { Webhook } from "../webhook.ts";

/** True for `*.*`, `row.created`, `row.*`, `*.deleted`. */
export function isEventPattern(pattern: unknown): boolean {
  return typeof pattern === "string" && /^(\*|\w+)\.(\*|[\w.]+)$/.test(pattern);
}

/** Selects the events that a webhook subscribes to, by its `events` and its columns. */
export function subscribedEvents(webhook: Webhook, events: readonly WebhookEvent[]): WebhookEvent[] {
  return events.filter((event) => passesFilter(webhook, event) && isInSubscope(webhook, event));
}

function passesFilter({ events }: Webhook, { objectType, eventType }: WebhookEvent): boolean {
  return events.some((pattern) => {
    const dot = pattern.indexOf(".");
    const [object, type] = [pattern.slice(0, dot), pattern.slice(dot + 1)];
    return (object === "*" || object === objectType) && (type === "*" || type === eventType);
  });
}

/** A subscope of columns covers their cells, the columns themselves, and deleted rows. */
function isInSubscope({ columnIds }: Webhook, { objectType, eventType, id, columnId }: WebhookEvent): boolean {
  if (!columnIds) return true;
  if (objectType === "cell") return columnIds.includes(columnId!);
  if (objectType === "column") return columnIds.includes(id!);
  return objectType === "row" && eventType === "deleted";
}

/**
 * Selects the enabled webhooks of an object that get callbacks: the oldest of those with the same user, URL and columns.
 *
 * @param webhooks oldest first
 */
export function collapse(
  webhooks: Iterable<Webhook>,
  scopeObjectId: number,
  { differentEvents }: Assumptions,
): Webhook[] {
  const oldest = new Map<string, Webhook>();
  for (const webhook of webhooks) {
    if (webhook.scopeObjectId !== scopeObjectId || webhook.status !== "ENABLED") continue;
    const { ownerId, callbackUrl, columnIds = [], events } = webhook;
    const filters = differentEvents === "apart" ? [...events].sort() : [];
    const key = JSON.stringify([ownerId, callbackUrl, [...columnIds].sort(), filters]);
    if (!oldest.has(key)) oldest.set(key, webhook);
  }
  return [...oldest.values()];
}
