import type { Webhook } from "../../api/api.ts";
import { printable } from "../../text.ts";
import type { Layout } from "../terminal/paint.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/** A webhook for a program: all but its secret. */
export function webhookJson(
  { sharedSecret: _, ...rest }: Partial<Webhook>,
  more: Record<string, unknown> = {},
): string {
  return JSON.stringify({ ...rest, ...more });
}

/** The same for one of a list, where Smartsheet says `*.*` of each, whatever its events are. */
export function listedWebhookJson({ events: _, ...rest }: Webhook, more: Record<string, unknown>): string {
  return webhookJson(rest, more);
}

/** A webhook in one line. */
export function webhookText({ id, status, disabledDetails, name, scope, scopeObjectId, callbackUrl }: Webhook): string {
  const { meaning } = factsOf(status);
  const details = disabledDetails ? ` ("${printable(disabledDetails)}")` : "";
  return `webhook ${id} "${printable(name)}" on ${printable(scope)} ${scopeObjectId} to ${printable(callbackUrl)} is ${
    printable(status)
  }: ${meaning}${details}`;
}

const COLUMNS: readonly Column[] = [
  { name: "id" },
  { name: "status", style: (status) => status === "ENABLED" ? "green" : /^DISABLED/.test(status) ? "red" : "yellow" },
  { name: "secret", style: (secret) => secret === "unknown" ? "yellow" : undefined },
  { name: "scope" },
  { name: "url", narrow: "below" },
  { name: "name", narrow: "below" },
];

/** Webhooks for a person. @param isKnown whether a webhook's secret is stored here */
export function webhooksTable(
  webhooks: readonly Webhook[],
  isKnown: (id: number) => boolean,
  layout: Layout,
): string {
  const rows = webhooks.map((webhook) => [
    String(webhook.id),
    printable(webhook.status),
    isKnown(webhook.id) ? "known" : "unknown",
    `${printable(webhook.scope)} ${webhook.scopeObjectId}`,
    printable(webhook.callbackUrl),
    printable(webhook.name),
  ]);
  return tableText(COLUMNS, rows, layout);
}
