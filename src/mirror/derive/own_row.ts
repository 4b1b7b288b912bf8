import type { Column } from "../../api/sheet.ts";
import { type StoredRow, withCells } from "../stored_row.ts";
import { compareRows } from "./compare.ts";
import type { RowStates } from "./derive_changes.ts";
import type { RowEvents } from "./row_events.ts";

/** What the mirror keeps of a row that only we have touched. */
export interface OwnRow {
  /** Undefined for one that is gone. */
  readonly row: StoredRow | undefined;
  /** False if others have changed it as well: what they did is left to their callbacks, or to the next comparison. */
  readonly isAll: boolean;
}

/** A row as our own changes alone have left it: whatever else a read shows, nobody was told of it yet. */
export function ownRow(
  { ownColumnIds, ownKind }: RowEvents,
  { before, after, isSettled }: RowStates,
  columns: readonly Column[],
): OwnRow {
  if (!after) return ownKind === "deleted" ? { row: undefined, isAll: true } : { row: before, isAll: false };
  // A sheet that was just read for the first time holds it.
  if (!before) return { row: after, isAll: ownKind === "created" || !isSettled };
  if (!compareRows(before, after, columns, ownColumnIds)) return { row: after, isAll: true };
  return { row: withCells(before, after, [...ownColumnIds]), isAll: false };
}
