import type { Api } from "../../api/api.ts";
import type { WebhookState } from "../../console/admin.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/**
 * Asks Smartsheet for the webhooks that are declared, or, if none is, for all of the token's owner, and keeps since when
 * each is seen in its state.
 */
export function createWebhookStates(options: {
  readonly api: Pick<Api, "webhooks">;
  readonly webhookIds: () => readonly number[];
  readonly now?: () => number;
}): () => Promise<readonly WebhookState[]> {
  const { api, webhookIds, now = Date.now } = options;
  const seen = new Map<number, { readonly status: string; readonly since: number | undefined }>();
  return async () => {
    const declared = new Set(webhookIds());
    const states: WebhookState[] = [];
    for await (const { id, name, status, enabled } of api.webhooks.list()) {
      if (declared.size && !declared.has(id)) continue;
      const before = seen.get(id);
      // What was so when it was seen first may have been so for long.
      if (before?.status !== status) seen.set(id, { status, since: before && now() });
      states.push({
        id,
        name,
        status,
        enabled: enabled && status === "ENABLED",
        since: seen.get(id)!.since,
        whatToDo: factsOf(status).toDo,
      });
    }
    return states;
  };
}
