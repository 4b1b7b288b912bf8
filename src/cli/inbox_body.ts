import { withVisibleControls } from "../printable.ts";

/** What was accepted, as far as it can be read. */
export function contentOf(body: string): { readonly events?: readonly unknown[]; readonly status?: string } {
  try {
    const { events, newWebhookStatus } = JSON.parse(body);
    if (Array.isArray(events)) return { events };
    return newWebhookStatus === undefined ? {} : { status: String(newWebhookStatus) };
  } catch {
    return {};
  }
}

/** How many events there are of each pattern. */
export function countPatterns(events: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const event of events as readonly Record<string, unknown>[]) {
    const pattern = `${event?.objectType}.${event?.eventType}`;
    counts[pattern] = (counts[pattern] ?? 0) + 1;
  }
  return counts;
}

/** The events, or the whole body if there are none. */
export function bodyText(body: string): string {
  const { events, status } = contentOf(body);
  const text = JSON.stringify(events ?? (status === undefined ? body : JSON.parse(body)), null, 2);
  return withVisibleControls(text);
}
