import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";
import { delay } from "../../async/delay.ts";
import { summaryOf } from "./summary.ts";

/** A callback in a list, without its body: lists are cached. */
export interface ListedCallback extends Omit<StoredCallback, "body"> {
  /** The body in a few words. */
  readonly summary: string;
}

/** How long building a list may block the event loop at a time. */
const MAX_BLOCKED_MS = 5;

/** Reads the callbacks with these ids; leaves out pruned ones. */
export async function listCallbacks(
  inbox: Pick<InspectableInbox, "show">,
  ids: readonly number[],
): Promise<readonly ListedCallback[]> {
  const listed: ListedCallback[] = [];
  let began = performance.now();
  for (const id of ids) {
    const row = await inbox.show(id);
    if (row) {
      const { body, ...rest } = row;
      listed.push({ ...rest, summary: summaryOf(body) });
    }
    if (performance.now() - began > MAX_BLOCKED_MS) {
      await delay(0);
      began = performance.now();
    }
  }
  return listed;
}
