import { contentOf, countPatterns } from "../../callback/content.ts";
import { reconcileText } from "../../callback/reconcile.ts";

/** A longer body isn't parsed: a list of 500 could hold hundreds of megabytes. */
const MAX_LISTED = 512 * 1024;

/** The content of a body, in a few words. */
export function summaryOf(body: string): string {
  if (body.length > MAX_LISTED) return `${(body.length / 2 ** 20).toFixed(1)} MiB of events`;
  const { events = [], status, relayedTo, reconcile } = contentOf(body);
  if (status) return `status: ${status}`;
  const counts = countPatterns(events);
  const shown = counts.slice(0, 3).map(([pattern, count]) => count > 1 ? `${count} × ${pattern}` : pattern);
  const patterns = shown.join(", ") + (counts.length > 3 ? `, ${counts.length - 3} more` : "") || "no events";
  const what = reconcile ? reconcileText(reconcile) : patterns;
  return relayedTo === undefined ? what : `${what}, to ${relayedTo}`;
}
