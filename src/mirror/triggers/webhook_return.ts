import type { Callback } from "../../callback/callback.ts";
import { isProbe } from "../../callback/probe.ts";
import { relayOf } from "../../callback/relay.ts";
import type { Mirror } from "../../inbox/mirror.ts";
import type { AskForReconcile } from "./trigger.ts";

/** Webhooks whose last time of being disabled is remembered. */
const MOST_WEBHOOKS = 1000;

/**
 * Asks for a comparison when a status callback says that a webhook is enabled again. To be called for each callback that is
 * processed, with the same result however often.
 */
export function createWebhookReturn(
  { mirror, asksFor, reconcile }: {
    readonly mirror: Pick<Mirror, "sheet">;
    readonly asksFor: (sheetId: number) => boolean;
    readonly reconcile: AskForReconcile;
  },
): (callback: Callback) => Promise<void> {
  const disabledAt = new Map<number, string>();
  return async (callback) => {
    const { webhookId, nonce, timestamp, scope, scopeObjectId: sheetId, newWebhookStatus: status } = callback;
    if (!status || isProbe(callback) || relayOf(callback) || scope !== "sheet") return;
    if (status.startsWith("DISABLED")) {
      if (disabledAt.size >= MOST_WEBHOOKS) disabledAt.clear();
      disabledAt.set(webhookId, timestamp);
    }
    if (status !== "ENABLED" || !asksFor(sheetId) || !(await mirror.sheet(sheetId))?.isWhole) return;
    const since = disabledAt.get(webhookId);
    await reconcile({ sheetId, reason: "disabled", since, key: `${webhookId}-${nonce.slice(0, 100)}` });
  };
}
