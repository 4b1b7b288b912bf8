import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";
import { delay } from "../../async/delay.ts";
import { summaryOf } from "./summary.ts";

/** What a list tells of a callback. Without its body: many are kept for a moment. */
export interface ListedCallback extends Omit<StoredCallback, "body"> {
  /** What is in the body, in a few words. */
  readonly summary: string;
}

/** So long may a list keep answers waiting, at a stretch. */
const MAX_BLOCKED_MS = 5;

/** The callbacks with these numbers. One that was pruned meanwhile is left out. */
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
