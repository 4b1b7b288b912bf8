import type { Command } from "commander";
import { inboxSetting } from "../options/inbox_url.ts";
import { stdoutLayout } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { flag } from "../options/setting.ts";
import { withSecretsStore } from "../secrets/store.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { listedWebhookJson, webhooksTable } from "./report.ts";

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

const HELP = `
No secret is shown; nor are events, because Smartsheet's list says *.* of each webhook.

Examples:
  sheethook webhooks list
  sheethook webhooks list --json | jq 'select(.status != "ENABLED")'`;
