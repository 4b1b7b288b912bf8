import type { InspectableInbox, StoredCallback } from "../../inbox/inspect.ts";
import { delay } from "../../async/delay.ts";
import { sheetIdOf } from "../../callback/content.ts";
import { summaryOf } from "./summary.ts";

/** A callback in a list, without its body and its dead calls, which may be thousands: lists are cached. */
export interface ListedCallback extends
  Pick<
    StoredCallback,
    "id" | "state" | "isRunning" | "acceptedAt" | "scopeObjectId" | "attempts" | "failedAt" | "error"
  > {
  /** The body in a few words. */
  readonly summary: string;
  /** How many of its calls are dead. */
  readonly deadCalls: number;
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
      const { id, state, isRunning, acceptedAt, attempts, failedAt, error } = row;
      listed.push({
        ...{ id, state, isRunning, acceptedAt, attempts, failedAt, error },
        scopeObjectId: sheetIdOf(row),
        summary: summaryOf(row.body),
        deadCalls: row.deadCalls.filter(({ state }) => state === "dead").length,
      });
    }
    if (performance.now() - began > MAX_BLOCKED_MS) {
      await delay(0);
      began = performance.now();
    }
  }
  return listed;
}
