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

/** The ranks of changes and of whole callbacks, behind those of events. */
const CHANGE = 1e6;
const CALLBACK = CHANGE + 2;

/** Events in their order, then rows, then gaps, then whole callbacks. */
function rankOf(name: string): number {
  if (/^\d+$/.test(name)) return Number(name);
  return name.startsWith("row/") ? CHANGE : name === "gap" ? CHANGE + 1 : CALLBACK;
}

/** The calls of a callback that have begun. */
interface Begun {
  process: string;
  /** Whether that process was killed or stood still since. */
  isInterrupted: boolean;
  /** Whether they began again, from the first one on, before any change was told. */
  startedOver: boolean;
  isTold: boolean;
  lowest: number;
  highest: number;
}

/**
 * Only the first call of each handler counts. Changes may come behind what comes after them if their rows could not be read and were
 * given up, and the process was interrupted before that was saved: the callback starts over, and its rows are read now.
 */
function checkCallsOfCallbacks({ history }: Facts): string[] {
  const acts = actsOf(history);
  const begun = new Map<string, Begun>();
  const seen = new Set<string>();
  return only(history, "killed", "stands still", "begins").flatMap((each) => {
    if (each.what !== "begins") {
      for (const own of begun.values()) own.isInterrupted ||= own.process === each.process;
      return [];
    }
    const { key, handler, process } = each;
    if (acts.has(callbackKey(key))) return [];
    const rank = rankOf(nameOf(key));
    const own = begun.get(callbackOf(key)) ??
      { process, isInterrupted: false, startedOver: false, isTold: false, lowest: rank, highest: rank };
    begun.set(callbackOf(key), own);
    own.startedOver ||= own.isInterrupted && own.process !== process && rank <= own.lowest && !own.isTold;
    const isChange = rank >= CHANGE && rank < CALLBACK;
    if (isChange && own.startedOver && !own.isTold) own.highest = rank;
    const call = `${handler} ${key}`;
    const isLate = !seen.has(call) && rank < own.highest;
    seen.add(call);
    own.process = process;
    own.isInterrupted = false;
    own.isTold ||= isChange;
    own.lowest = Math.min(own.lowest, rank);
    own.highest = Math.max(own.highest, rank);
    return isLate ? [`Call ${call} began for the first time behind one that comes after it`] : [];
  });
}
