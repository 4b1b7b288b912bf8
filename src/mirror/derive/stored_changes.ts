import type { AnyEvent } from "../../callback/event.ts";
import { type Change, createChange } from "../change.ts";
import type { Gap } from "../gap.ts";
import type { SheetInfo } from "../row.ts";
import { changeFromJson, changeToJson, type StoredChange } from "./stored_change.ts";

/** Changes of one callback, and the sheet as it was then, as the text that the inbox keeps; with the last ones the gap. */
export function changesToJson(sheet: SheetInfo, changes: readonly StoredChange[], gap?: Gap): string {
  return JSON.stringify({ sheet, changes: changes.map(changeToJson), gap });
}

/** What `changesToJson` made a text of: the first `most` changes, and how many there are. `events` are those of the callback. */
export function changesFromJson(json: string, events: readonly AnyEvent[], most = Infinity): {
  readonly sheet: SheetInfo;
  readonly changes: readonly Change[];
  readonly count: number;
  readonly gap: Gap | undefined;
} {
  const { sheet, changes, gap } = JSON.parse(json) as { sheet: SheetInfo; changes: string[]; gap?: Gap };
  const read = changes.slice(0, most).map((change) => createChange(changeFromJson(change), sheet, events));
  return { sheet, changes: read, count: changes.length, gap };
}
