import type { Inbox } from "../../src/inbox/inbox.ts";
import type { ChangesPart, Mirror } from "../../src/inbox/mirror.ts";
import { infoOf } from "../../src/mirror/derive/first_read.ts";
import type { StoredChange } from "../../src/mirror/derive/stored_change.ts";
import { changesToJson } from "../../src/mirror/derive/stored_changes.ts";
import type { SheetInfo } from "../../src/mirror/row.ts";
import { SHEET } from "../mirror/sample.ts";
import { acceptedCallback, callbackBody, rowEvent, SHEET_ID } from "./callbacks.ts";

/** A sheet of that name and columns, whose id is one of Smartsheet's. */
export const MIRRORED: SheetInfo = { ...SHEET, id: SHEET_ID };

/** Writes a sheet without rows into the mirror. @returns its revision */
export function mirrorSheet({ mirror }: Inbox, sheet = MIRRORED): Promise<number | undefined> {
  return mirror.write({ ...stateOf(sheet), revision: undefined });
}

/** Puts a callback with these changes, which is taken. @returns its number */
export async function mirrorChanges(
  inbox: Inbox,
  changes: readonly StoredChange[],
  sheet = MIRRORED,
  events: readonly unknown[] = [rowEvent(3)],
): Promise<number> {
  const nonce = `changes ${Math.random()}`;
  await inbox.put(acceptedCallback({ digest: nonce }, callbackBody({ nonce, scopeObjectId: sheet.id, events })));
  const lease = (await inbox.lease(100, 20_000)).find(({ lane }) => lane === sheet.id)!;
  const work = (await inbox.take(lease))!;
  const revision = (await inbox.mirror.sheet(sheet.id))?.revision;
  await inbox.mirror.derive(lease, work, { ...stateOf(sheet), revision }, onlyPart(changesToJson(sheet, changes)));
  return work.id;
}

function stateOf(sheet: SheetInfo) {
  const written = { id: sheet.id, info: infoOf(sheet), version: 1, readAt: 0, isWhole: true, reconciled: null };
  return { sheet: written, rows: [], deleted: [] };
}
/** Changes that are stored at once. */
export function onlyPart(json: string): ChangesPart {
  return { number: 0, json, isLast: true };
}

/** The JSON of changes that were stored at once; undefined if there are none. */
export async function changesJson(mirror: Pick<Mirror, "changesOf">, callback: number): Promise<string | undefined> {
  return (await mirror.changesOf(callback, 0))?.json;
}
