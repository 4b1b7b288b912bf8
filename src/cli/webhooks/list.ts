import type { Command } from "commander";
import type { Webhook } from "../../api/api.ts";
import { printable } from "../../text.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { type Layout, stdoutLayout } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { flag } from "../options/setting.ts";
import { withSecretsStore } from "../secrets/store.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { webhookJson } from "./webhook_text.ts";

/** `sheethook webhooks list` */
export function addList(webhooks: Command): void {
  webhooks.command("list")
    .description("List the webhooks of the token's owner, and whether their secrets are stored here.")
    .addOption(inboxSetting())
    .addOption(flag("--json", "print JSON, one line for each webhook", "SHEETHOOK_JSON"))
    .addHelpText("after", HELP)
    .action(async ({ inbox, json }: { inbox: string; json?: boolean }) => {
      const secrets = await withSecretsStore(inbox, (store) => store.read());
      const isKnown = (id: number) => secrets.has(id);
      const all = await Array.fromAsync((await openApi()).webhooks.list());
      if (json) {
        for (const webhook of all) print(listedWebhookJson(webhook, { secretKnown: isKnown(webhook.id) }));
      } else {
        print(all.length ? webhooksTable(all, isKnown, stdoutLayout()) : "There are no webhooks");
      }
    });
}

/** Without events: Smartsheet's list shows `*.*` for every webhook. */
function listedWebhookJson({ events: _, ...rest }: Webhook, more: Record<string, unknown>): string {
  return webhookJson(rest, more);
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
function webhooksTable(
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

const HELP = `
Secrets are not shown; nor are events, because Smartsheet's list shows *.* for
every webhook.

Examples:
  sheethook webhooks list
  sheethook webhooks list --json | jq 'select(.status != "ENABLED")'`;
