import type { AnyEvent } from "../../callback/event.ts";
import { type Change, createChange } from "../change.ts";
import type { SheetInfo } from "../row.ts";
import { changeFromJson, changeToJson, type StoredChange } from "./stored_change.ts";

/** The changes of one callback, and the sheet as it was then, as the text that the inbox keeps. */
export function changesToJson(sheet: SheetInfo, changes: readonly StoredChange[]): string {
  return JSON.stringify({ sheet, changes: changes.map(changeToJson) });
}

/** What `changesToJson` made a text of: the first `most` changes, and how many there are. `events` are those of the callback. */
export function changesFromJson(json: string, events: readonly AnyEvent[], most = Infinity): {
  readonly sheet: SheetInfo;
  readonly changes: readonly Change[];
  readonly count: number;
} {
  const { sheet, changes } = JSON.parse(json) as { sheet: SheetInfo; changes: string[] };
  const read = changes.slice(0, most).map((change) => createChange(changeFromJson(change), sheet, events));
  return { sheet, changes: read, count: changes.length };
}
