import { contentOf, countPatterns } from "../../callback/content.ts";
import { printable, withVisibleControls } from "../../text.ts";

const MAX_PATTERNS = 10;

/** The patterns of events in words, the most frequent first: `480 × cell.updated, 120 × row.updated`. */
export function patternsText(events: readonly Record<string, unknown>[]): string {
  const counts = countPatterns(events);
  const shown = counts.slice(0, MAX_PATTERNS).map(([pattern, count]) => `${count} × ${printable(pattern)}`);
  if (counts.length > MAX_PATTERNS) shown.push(`${counts.length - MAX_PATTERNS} other types`);
  return shown.join(", ");
}

/** The events, or the whole body if there are none. */
export function bodyText(body: string): string {
  const { events, status, reconcile } = contentOf(body);
  const whole = status === undefined && !reconcile ? body : JSON.parse(body);
  const text = JSON.stringify(reconcile ? whole : events ?? whole, null, 2);
  return withVisibleControls(text);
}
