import type { Command } from "commander";
import { openApi } from "../options/smartsheet_api.ts";
import { confirm, yesFlag } from "../terminal/confirm.ts";
import { print } from "../terminal/print.ts";
import { addChange, changeEach, type ChangeOptions, webhooksText } from "./change_webhooks.ts";
import { webhookJson, webhookText } from "./webhook_text.ts";

/** `sheethook webhooks disable` */
export function addDisable(webhooks: Command): void {
  addChange(webhooks, "disable", "Disable webhooks; events that happen meanwhile are never sent.")
    .addOption(yesFlag())
    .addHelpText("after", HELP)
    .action(async (ids: readonly number[], { json, yes }: ChangeOptions) => {
      const api = await openApi();
      await confirm(`Disable ${webhooksText(ids)}? Events that happen until it is enabled again are never sent.`, yes);
      await changeEach(ids, async (id) => {
        const webhook = await api.webhooks.update(id, { enabled: false });
        print(json ? webhookJson(webhook) : webhookText(webhook));
      });
    });
}

const HELP = `
The status is then DISABLED_BY_OWNER, which \`webhooks watch\` leaves alone.

Examples:
  sheethook webhooks disable 2674017481058180
  sheethook webhooks disable 2674017481058180 --yes`;
