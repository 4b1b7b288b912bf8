import type { AnyEvent } from "./event.ts";

/** One row that a callback touched. */
export interface TouchedRow {
  /** The row's id. */
  readonly rowId: number;
  /** The columns of changed cells, each once, in the order of the events; empty if no cell event names the row. */
  readonly columnIds: readonly number[];
  /** The change of the row as a whole: a row that was created and then edited is `created`. */
  readonly change: "created" | "updated" | "deleted";
}

/**
 * Folds the `sheet.updated`, `row.*` and `cell.*` events that Smartsheet sends for one edit into one entry per row, in
 * the order in which rows first appear. Comments and attachments don't name their row, so they touch none.
 */
export function touchedRows(events: readonly AnyEvent[]): TouchedRow[] {
  const rows = new Map<number, { rowId: number; columnIds: Set<number>; change: TouchedRow["change"] }>();
  for (const event of events) {
    const { objectType, eventType, columnId } = event;
    const rowId = rowIdOf(event);
    if (rowId === undefined) continue;
    let row = rows.get(rowId);
    if (!row) rows.set(rowId, row = { rowId, columnIds: new Set(), change: "updated" });
    if (typeof columnId === "number") row.columnIds.add(columnId);
    if (objectType === "row" && (eventType === "created" || eventType === "deleted")) row.change = eventType;
  }
  return [...rows.values()].map((row) => ({ ...row, columnIds: [...row.columnIds] }));
}

/** The id of the row that an event is about; undefined for one that is about no row, or names none that can be. */
export function rowIdOf({ objectType, id, rowId }: AnyEvent): number | undefined {
  const named = objectType === "row" ? id : objectType === "cell" ? rowId : undefined;
  return Number.isSafeInteger(named) && named! > 0 ? named : undefined;
}
