import { actsOf, callbackKey, callbackOf, type Facts, identityOf, nameOf, only } from "./facts.ts";

/**
 * The callbacks of a sheet are worked in the order in which they came: none begins before the one in front of it has ended. So are
 * the calls of a callback. What somebody replays runs at the end of its lane, and isn't looked at.
 */
export function checkOrder(facts: Facts): string[] {
  return [...checkCallbacks(facts), ...checkCallsOfCallbacks(facts)];
}

interface Span {
  readonly identity: string;
  readonly sheet: number;
  sentAt: number;
  answeredAt: number;
  first: number;
  last: number;
}

function checkCallbacks({ history, stored }: Facts): string[] {
  const acts = actsOf(history);
  const spans = new Map<string, Span>();
  const byNonce = new Map<string, Span>();
  for (const callback of stored) {
    const { webhookId, nonce, scopeObjectId: sheet, body } = callback;
    if (webhookId === 0 || acts.has(`${webhookId}/${nonce}`)) continue;
    const identity = identityOf(callback);
    const span = { identity, sheet, sentAt: Infinity, answeredAt: Infinity, first: Infinity, last: -Infinity };
    spans.set(identity, span);
    const { events, newWebhookStatus } = JSON.parse(body);
    byNonce.set(`${nonce} ${JSON.stringify(events ?? newWebhookStatus)}`, span);
  }
  for (const each of only(history, "sent", "answered")) {
    const span = byNonce.get(`${each.nonce} ${each.content}`);
    if (!span) continue;
    if (each.what === "sent") span.sentAt = Math.min(span.sentAt, each.at);
    else if (each.status === 200) span.answeredAt = Math.min(span.answeredAt, each.at);
  }
  for (const { key, at } of only(history, "begins")) {
    const span = spans.get(callbackOf(key));
    if (!span) continue;
    span.first = Math.min(span.first, at);
    span.last = Math.max(span.last, at);
  }
  const violations: string[] = [];
  for (const ofSheet of Map.groupBy(spans.values(), ({ sheet }) => sheet).values()) {
    const inOrder = ofSheet.sort((a, b) => a.answeredAt - b.answeredAt);
    for (const [index, a] of inOrder.entries()) {
      for (const b of inOrder.slice(index + 1)) {
        // Only if it is certain which one came first.
        if (!(a.answeredAt < b.sentAt && a.answeredAt < b.first) || a.last <= b.first) continue;
        violations.push(
          `Callback ${b.identity} began at ${b.first} ms, before ${a.identity} had ended, which came first`,
        );
      }
    }
  }
  return violations;
}

/** Events in their order, then rows, then gaps, then whole callbacks. */
function rankOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  return name.startsWith("row/") ? 1e6 : name === "gap" ? 1e6 + 1 : 1e6 + 2;
}

function checkCallsOfCallbacks({ history }: Facts): string[] {
  const acts = actsOf(history);
  const highest = new Map<string, number>();
  const seen = new Set<string>();
  return only(history, "begins").flatMap(({ key, handler }) => {
    const call = `${handler} ${key}`;
    if (seen.has(call) || acts.has(callbackKey(key))) return [];
    seen.add(call);
    const callback = callbackOf(key);
    const rank = rankOf(nameOf(key));
    const before = highest.get(callback) ?? 0;
    highest.set(callback, Math.max(before, rank));
    return rank < before ? [`Call ${call} began for the first time behind one that comes after it`] : [];
  });
}
