import { isObject } from "../../callback/parse_callback.ts";

/** What a page needs of a body; nothing of it is trusted to have a shape. */
export interface CallbackContent {
  readonly scope: string | undefined;
  readonly events: readonly Record<string, unknown>[];
  readonly status: string | undefined;
}

/** A list isn't worth parsing hundreds of megabytes for. */
const MAX_LISTED = 512 * 1024;

/** The content of a body, as far as it can be read. */
export function contentOf(body: string): CallbackContent {
  try {
    const { scope, events, newWebhookStatus } = JSON.parse(body);
    return {
      scope: typeof scope === "string" ? scope : undefined,
      events: Array.isArray(events) ? events.filter(isObject) : [],
      status: newWebhookStatus ? String(newWebhookStatus) : undefined,
    };
  } catch {
    return { scope: undefined, events: [], status: undefined };
  }
}

/** `row.created`; what isn't a text is a question mark. */
export function patternOf({ objectType, eventType }: Record<string, unknown>): string {
  return `${typeof objectType === "string" ? objectType : "?"}.${typeof eventType === "string" ? eventType : "?"}`;
}

/** The patterns and how often each occurs, most often first. */
export function patternCounts(events: readonly Record<string, unknown>[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(patternOf(event), (counts.get(patternOf(event)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

/** What is in a body, in a few words. */
export function summaryOf(body: string): string {
  if (body.length > MAX_LISTED) return `${(body.length / 2 ** 20).toFixed(1)} MiB of events`;
  const { events, status } = contentOf(body);
  if (status) return `status: ${status}`;
  const counts = patternCounts(events);
  const shown = counts.slice(0, 3).map(([pattern, count]) => count > 1 ? `${count} × ${pattern}` : pattern);
  return shown.join(", ") + (counts.length > 3 ? `, ${counts.length - 3} more` : "") || "no events";
}
