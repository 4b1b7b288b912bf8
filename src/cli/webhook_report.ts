import type { Webhook } from "../api/api.ts";
import { printable } from "../printable.ts";
import { factsOf } from "./webhook_status.ts";

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

const COLUMNS = ["id", "status", "secret", "scope", "url", "name"];

/** Webhooks for a person. @param isKnown whether a webhook's secret is in the secrets file */
export function webhooksTable(webhooks: readonly Webhook[], isKnown: (id: number) => boolean): string {
  const rows = webhooks.map((webhook) => [
    String(webhook.id),
    printable(webhook.status),
    isKnown(webhook.id) ? "known" : "unknown",
    `${printable(webhook.scope)} ${webhook.scopeObjectId}`,
    printable(webhook.callbackUrl),
    printable(webhook.name),
  ]);
  const lines = [COLUMNS, ...rows];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join(
    "\n",
  );
}
