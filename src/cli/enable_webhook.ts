import type { Api, Webhook, WebhookChanges } from "../api/api.ts";
import { webhookText } from "./webhook_report.ts";
import { factsOf } from "./webhook_status.ts";

/**
 * Enables a webhook, and tells what Smartsheet does; if it isn't enabled then, why, and what to do.
 *
 * @throws {ApiError} if Smartsheet doesn't even try
 */
export async function enableWebhook(
  api: Api,
  id: number,
  tell: (line: string) => void,
  changes: WebhookChanges = {},
): Promise<Webhook> {
  tell(`enabling webhook ${id}: Smartsheet sends its challenge now`);
  const webhook = await api.webhooks.update(id, { ...changes, enabled: true });
  if (webhook.status === "ENABLED") return webhook;
  const { toDo } = factsOf(webhook.status);
  tell(`sheethook: ${webhookText(webhook)}`);
  const isRefused = webhook.status === "DISABLED_VERIFICATION_FAILED" || webhook.status === "NEW_NOT_VERIFIED";
  tell(
    isRefused
      ? `what to do: \`sheethook doctor ${webhook.callbackUrl} --webhook-id ${id}\` shows what is wrong; is serve running, with ` +
        `this secrets file, and does its --webhook-ids, if it has any, name ${id}?`
      : `what to do: ${toDo}`,
  );
  return webhook;
}
