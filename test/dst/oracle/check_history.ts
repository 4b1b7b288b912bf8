import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox, StoredCallback } from "../../../src/inbox/inspect.ts";
import { changesFromJson } from "../../../src/mirror/derive/stored_changes.ts";
import type { Stamped } from "../history.ts";
import type { ShownSheet } from "../smartsheet.ts";
import { checkAccepted } from "./accepted.ts";
import { checkCalls } from "./calls.ts";
import { checkChanges } from "./changes.ts";
import type { Facts } from "./facts.ts";
import { checkForwarding } from "./forwarding.ts";
import { checkMirror } from "./mirror.ts";
import { checkOrder } from "./order.ts";
import { checkOverlaps } from "./overlaps.ts";
import { checkSteps } from "./steps.ts";
import { checkWrites } from "./writes.ts";

/** What is left at the end. */
interface End extends Omit<Facts, "history" | "stored" | "relayed" | "givenUp"> {
  readonly inbox: Inbox & InspectableInbox;
  readonly sheets: readonly ShownSheet[];
}

/**
 * What sheethook promises, checked against what happened. Written from the contract: it knows nothing of how it is done.
 *
 * @returns what doesn't hold, in words
 */
export async function checkHistory(history: readonly Stamped[], { inbox, sheets, ...end }: End): Promise<string[]> {
  const all: StoredCallback[] = [];
  for (const id of await inbox.find({}, 100_000)) all.push((await inbox.show(id))!);
  all.sort((a, b) => a.id - b.id);
  const stored = all.filter(({ scopeObjectId }) => scopeObjectId > 0);
  const relayed = all.filter(({ scopeObjectId }) => scopeObjectId < 0);
  const pending = relayed.flatMap(({ id, state }) =>
    state === "pending" ? [`Relayed callback ${id} is still pending`] : []
  );
  const givenUp = new Map<number, readonly number[]>();
  for (const callback of stored) {
    const isRead = !callback.deadCalls.some(({ call }) => call.event === "read");
    if (!isRead) givenUp.set(callback.id, await derivedRows(inbox, callback));
  }
  const facts = { history, stored, relayed, givenUp, ...end };
  return [...pending, ...checkFacts(facts, sheets), ...await checkMirror(inbox, sheets)];
}

/** The rows of a callback's changes, which are stored part by part. */
async function derivedRows({ mirror }: Inbox, { id, body }: StoredCallback): Promise<number[]> {
  const rows: number[] = [];
  for (let number = 0;; number++) {
    const part = await mirror.changesOf(id, number);
    if (!part) return rows;
    const { changes } = changesFromJson(part.json, JSON.parse(body).events ?? []);
    rows.push(...changes.map(({ row }) => row.id));
  }
}

/** All but the mirror. */
export function checkFacts(facts: Facts, sheets: readonly ShownSheet[]): string[] {
  return [
    ...checkAccepted(facts),
    ...checkCalls(facts),
    ...checkOrder(facts),
    ...checkOverlaps(facts),
    ...checkSteps(facts),
    ...checkWrites(facts),
    ...checkChanges(facts, sheets),
    ...checkForwarding(facts),
  ];
}
