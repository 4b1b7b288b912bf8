import type { Api } from "../../api/api.ts";
import type { WebhookState } from "../../console/admin.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";

/**
 * Asks Smartsheet for the webhooks that are declared, or, if none is, for all of the token's owner, and remembers since
 * when each has its status.
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
      // A status that was there at the first poll may have been there for long.
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
