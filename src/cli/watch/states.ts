import type { Api } from "../../api/api.ts";
import type { WebhookState } from "../../console/admin.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";
import { sheetIdOf } from "./watch_state.ts";

/**
 * Asks Smartsheet for the webhooks that are declared, or, if none is, for all of the tokens' owners, and remembers since
 * when each has its status.
 */
export function createWebhookStates(options: {
  /** Asked for each time: those with the tokens that own the webhooks. */
  readonly apis: () => Promise<readonly Pick<Api, "webhooks">[]>;
  readonly webhookIds: () => readonly number[];
  readonly now?: () => number;
}): () => Promise<readonly WebhookState[]> {
  const { apis, webhookIds, now = Date.now } = options;
  const seen = new Map<number, { readonly status: string; readonly since: number | undefined }>();
  return async () => {
    const declared = new Set(webhookIds());
    const states: WebhookState[] = [];
    const listed = await Promise.all((await apis()).map((api) => Array.fromAsync(api.webhooks.list())));
    for (const { id, name, status, enabled, ...webhook } of listed.flat()) {
      if (declared.size && !declared.has(id)) continue;
      const before = seen.get(id);
      // A status that was there at the first poll may have been there for long.
      if (before?.status !== status) seen.set(id, { status, since: before && now() });
      states.push({
        id,
        name,
        sheetId: sheetIdOf(webhook),
        status,
        enabled: enabled && status === "ENABLED",
        since: seen.get(id)!.since,
        whatToDo: factsOf(status).toDo,
      });
    }
    return states;
  };
}
