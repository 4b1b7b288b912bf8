import type { Command } from "commander";
import process from "node:process";
import type { Api, Webhook } from "../../api/api.ts";
import { openApi } from "../options/smartsheet_api.ts";
import { note, print } from "../terminal/print.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";
import { addChange, changeEach, type ChangeOptions } from "./change_webhooks.ts";
import { webhookJson, webhookText } from "./webhook_text.ts";

/** `sheethook webhooks enable` */
export function addEnable(webhooks: Command): void {
  addChange(webhooks, "enable", "Enable webhooks, while serve answers their challenges.")
    .addHelpText("after", HELP)
    .action(async (ids: readonly number[], { json }: ChangeOptions) => {
      const api = await openApi();
      await changeEach(ids, async (id) => {
        const webhook = await enableWebhook(api, id);
        print(json ? webhookJson(webhook) : webhookText(webhook));
        if (webhook.status === "ENABLED") return;
        process.exitCode = 1;
        note(adviceOnNotEnabled(webhook));
      });
    });
}

/**
 * Enables a webhook; its status says whether that worked.
 *
 * @throws {ApiError} if Smartsheet refuses to try
 */
export async function enableWebhook(api: Api, id: number): Promise<Webhook> {
  note(`enabling webhook ${id}: Smartsheet sends its challenge now`);
  return await api.webhooks.update(id, { enabled: true });
}

/** What to do about a webhook that couldn't be enabled. */
export function adviceOnNotEnabled({ id, status, callbackUrl }: Webhook): string {
  const isRefused = status === "DISABLED_VERIFICATION_FAILED" || status === "NEW_NOT_VERIFIED";
  if (!isRefused) return `what to do: ${factsOf(status).toDo}`;
  return `what to do: \`sheethook doctor ${callbackUrl} --webhook-id ${id}\` shows what is wrong; is serve running, with ` +
    `these secrets, and does its --webhook-ids, if it has any, name ${id}?`;
}

const HELP = `
Smartsheet sends a challenge and waits for its answer. Exit code 1, with the
reason, if a webhook isn't enabled.

Examples:
  sheethook webhooks enable 2674017481058180`;
