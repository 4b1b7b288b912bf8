import type { AnyEvent } from "../../callback/event.ts";
import { parseTimestamp } from "../../callback/timestamp.ts";
import { rowIdOf } from "../../callback/touched_rows.ts";
import type { ChangeKind } from "./compare.ts";

/** What the events of a callback say of one row. */
export interface RowEvents {
  readonly rowId: number;
  /** Of those that count, by index. */
  readonly events: number[];
  /** Of cells that others have changed. */
  readonly columnIds: Set<number>;
  readonly ownColumnIds: Set<number>;
  /** Whether one of them says that it was created. */
  isNew: boolean;
  /** As others have changed it. */
  kind: ChangeKind;
  /** As we have. */
  ownKind: ChangeKind;
  /** Of those who changed it, but for us, the last. */
  userId: number | undefined;
  /** Of all who changed it, the last. */
  writerId: number | undefined;
  /** When it was changed last, in milliseconds since 1970; NaN if the events don't tell. */
  writtenAt: number;
}

/** Folds the events of a callback by row. @param isOwn true for an own change that handlers don't get */
export function rowEvents(events: readonly AnyEvent[], isOwn: (event: AnyEvent) => boolean): RowEvents[] {
  const rows = new Map<number, RowEvents>();
  events.forEach((event, index) => {
    const { objectType, eventType, columnId, userId, timestamp } = event;
    const rowId = rowIdOf(event);
    if (rowId === undefined) return;
    let row = rows.get(rowId);
    if (!row) {
      row = {
        rowId,
        events: [],
        columnIds: new Set(),
        ownColumnIds: new Set(),
        isNew: false,
        kind: "updated",
        ownKind: "updated",
        userId: undefined,
        writerId: undefined,
        writtenAt: NaN,
      };
      rows.set(rowId, row);
    }
    const own = isOwn(event);
    if (typeof columnId === "number") (own ? row.ownColumnIds : row.columnIds).add(columnId);
    const isKind = objectType === "row" && (eventType === "created" || eventType === "deleted");
    if (isKind) row[own ? "ownKind" : "kind"] = eventType;
    row.isNew ||= isKind && eventType === "created";
    row.writerId = userId ?? row.writerId;
    const at = typeof timestamp === "string" ? parseTimestamp(timestamp) : NaN;
    if (at > row.writtenAt || Number.isNaN(row.writtenAt)) row.writtenAt = at;
    if (own) return;
    row.events.push(index);
    row.userId = userId ?? row.userId;
  });
  return [...rows.values()];
}
