import type { Api, Webhook } from "../../api/api.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";
import { note } from "../terminal/print.ts";

/**
 * Enables a webhook; whether it worked is in its status.
 *
 * @throws {ApiError} if Smartsheet doesn't even try
 */
export async function enableWebhook(api: Api, id: number): Promise<Webhook> {
  note(`enabling webhook ${id}: Smartsheet sends its challenge now`);
  return await api.webhooks.update(id, { enabled: true });
}

/** What to do about one that couldn't be enabled. */
export function adviceOnNotEnabled({ id, status, callbackUrl }: Webhook): string {
  const isRefused = status === "DISABLED_VERIFICATION_FAILED" || status === "NEW_NOT_VERIFIED";
  if (!isRefused) return `what to do: ${factsOf(status).toDo}`;
  return `what to do: \`sheethook doctor ${callbackUrl} --webhook-id ${id}\` shows what is wrong; is serve running, with ` +
    `these secrets, and does its --webhook-ids, if it has any, name ${id}?`;
}
