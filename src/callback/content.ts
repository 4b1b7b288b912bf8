import { isObject, parseJson } from "../json.ts";
import type { Callback } from "./callback.ts";
import { type Reconcile, reconcileOf } from "./reconcile.ts";
import { relayOf } from "./relay.ts";

/** The content of a stored body, for display: unlike a parsed callback, it may have any shape. */
export interface CallbackContent {
  readonly scope: string | undefined;
  /** Undefined if the body has none, such as a status callback. */
  readonly events: readonly Record<string, unknown>[] | undefined;
  readonly status: string | undefined;
  /** The sheet or the plan, whatever lane the callback is in. */
  readonly scopeObjectId: number | undefined;
  /** Whom it is relayed to, if a handler has put it into a lane of its own. */
  readonly relayedTo: string | undefined;
  /** What a callback of our own asks for. */
  readonly reconcile: Reconcile | undefined;
}

/** Reads as much of a stored body as can be read. */
export function contentOf(body: string): CallbackContent {
  const json = parseJson(body);
  const content = isObject(json) ? json : {};
  const { scope, scopeObjectId, events, newWebhookStatus, nonce } = content;
  return {
    scope: typeof scope === "string" ? scope : undefined,
    events: Array.isArray(events) ? events.filter(isObject) : undefined,
    status: newWebhookStatus ? String(newWebhookStatus) : undefined,
    scopeObjectId: typeof scopeObjectId === "number" ? scopeObjectId : undefined,
    relayedTo: relayOf(content)?.to,
    reconcile: typeof nonce === "string" ? reconcileOf(json as Callback) : undefined,
  };
}

/** The sheet or the plan of a stored callback: that of its lane, unless it was relayed into one of its own (which is below 0). */
export function sheetIdOf(
  { scopeObjectId: lane, body }: { readonly scopeObjectId: number; readonly body: string },
): number {
  return lane < 0 ? contentOf(body).scopeObjectId ?? lane : lane;
}

/** `row.created`; a half that isn't a text is a question mark. */
export function patternOf({ objectType, eventType }: Record<string, unknown>): string {
  return `${typeof objectType === "string" ? objectType : "?"}.${typeof eventType === "string" ? eventType : "?"}`;
}

/** The number of events of each pattern, the most frequent first. */
export function countPatterns(events: readonly Record<string, unknown>[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(patternOf(event), (counts.get(patternOf(event)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
