import { type Facts, only } from "./facts.ts";

/**
 * What was answered 200 is stored, once, and isn't owed any more in the end. The same callback is the same webhook and content, and
 * the same nonce or timestamp.
 */
export function checkAccepted({ history, stored }: Facts): string[] {
  const violations: string[] = [];
  const byContent = Map.groupBy(stored, ({ webhookId, body }) => `${webhookId} ${contentOf(body)}`);
  for (const { status, isForged, webhookId, nonce, timestamp, content } of only(history, "answered")) {
    if (isForged && status === 200) violations.push(`A callback with a wrong signature was answered 200: ${nonce}`);
    if (isForged || status !== 200) continue;
    const same = byContent.get(`${webhookId} ${content}`) ?? [];
    if (!same.some((each) => each.nonce === nonce || each.timestamp === timestamp)) {
      violations.push(`Callback ${nonce} of webhook ${webhookId} was answered 200, and isn't there`);
    }
  }
  for (const { id, state, nonce } of stored) {
    if (state === "pending") violations.push(`Callback ${id} (${nonce}) is still pending in the end`);
  }
  for (const same of byContent.values()) {
    for (const [index, a] of same.entries()) {
      const twin = same.slice(index + 1).find((b) => a.nonce === b.nonce || a.timestamp === b.timestamp);
      if (twin) violations.push(`Callback ${a.nonce} is stored twice, as ${a.id} and ${twin.id}`);
    }
  }
  return violations;
}

function contentOf(body: string): string {
  const { events, newWebhookStatus, reconcile, scopeObjectId } = JSON.parse(body);
  return JSON.stringify(reconcile ? { reconcile, scopeObjectId } : events ?? newWebhookStatus);
}
