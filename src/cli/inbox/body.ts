import { printable, withVisibleControls } from "../../text.ts";

/** The content of a stored body, as far as it can be read. */
export function contentOf(body: string): { readonly events?: readonly unknown[]; readonly status?: string } {
  try {
    const { events, newWebhookStatus } = JSON.parse(body);
    if (Array.isArray(events)) return { events };
    return newWebhookStatus === undefined ? {} : { status: String(newWebhookStatus) };
  } catch {
    return {};
  }
}

/** The number of events by pattern. */
export function countPatterns(events: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events as readonly Record<string, unknown>[]) {
    const pattern = `${event?.objectType}.${event?.eventType}`;
    counts[pattern] = (counts[pattern] ?? 0) + 1;
  }
  return counts;
}

const MOST_PATTERNS = 10;

/** The same in words, the most frequent first: `480 × cell.updated, 120 × row.updated`. */
export function patternsText(events: readonly unknown[]): string {
  const counts = Object.entries(countPatterns(events)).sort(([, a], [, b]) => b - a);
  const shown = counts.slice(0, MOST_PATTERNS).map(([pattern, count]) => `${count} × ${printable(pattern)}`);
  if (counts.length > MOST_PATTERNS) shown.push(`${counts.length - MOST_PATTERNS} other types`);
  return shown.join(", ");
}

/** The events, or the whole body if there are none. */
export function bodyText(body: string): string {
  const { events, status } = contentOf(body);
  const text = JSON.stringify(events ?? (status === undefined ? body : JSON.parse(body)), null, 2);
  return withVisibleControls(text);
}
