import type { AnyEvent } from "../callback/event.ts";
import type { ChangedColumn, ChangeKind } from "./derive/compare.ts";
import { createRow, type Row, type SheetInfo } from "./row.ts";
import type { StoredChange } from "./derive/stored_change.ts";
import type { StoredRow } from "./stored_row.ts";
import type { Cells } from "./values/value.ts";

/** Who made a change. */
export interface ChangedBy {
  /** The user's id, as the events name it. */
  readonly userId?: number;
  /** E-mail address, where the API tells. */
  readonly email?: string;
  /** Full name, where the API tells. */
  readonly name?: string;
}

/** What every change has. */
export interface ChangeOf<Kind extends ChangeKind, Before, RowCells> {
  /** What happened to the row. */
  readonly kind: Kind;
  /** The sheet, as it was when the row was read. */
  readonly sheet: SheetInfo;
  /** The row as it is now; of a deleted one, what is known of it: at least its id. */
  readonly row: Row<RowCells>;
  /** The row as it was; undefined for a created one. Without a mirror (an inbox with only `put`) always undefined. */
  readonly before: Before;
  /** The columns whose values changed, in the order of the sheet. All filled ones of a row that was created or deleted. */
  readonly columns: readonly ChangedColumn[];
  /** Who did it; undefined if that isn't known. */
  readonly by: ChangedBy | undefined;
  /** What told of it: a callback, or the comparison of a whole sheet. */
  readonly source: "callback" | "reconcile";
  /** The events that told of it; none if a reconcile found it. */
  readonly events: readonly AnyEvent[];
}

/** A row that was created. */
export type CreatedRow<RowCells = Cells> = ChangeOf<"created", undefined, RowCells>;
/** A row whose values changed; `before` is undefined if it was never seen before. */
export type UpdatedRow<RowCells = Cells> = ChangeOf<"updated", Row | undefined, RowCells>;
/** A row that was deleted; `row` and `before` are its last known state. */
export type DeletedRow<RowCells = Cells> = ChangeOf<"deleted", Row, RowCells>;

/** What one row's new state differs in from the last known one; `kind` narrows it. */
export type Change<RowCells = Cells, Kind extends ChangeKind = ChangeKind> = Extract<
  CreatedRow<RowCells> | UpdatedRow<RowCells> | DeletedRow<RowCells>,
  { readonly kind: Kind }
>;

/** Makes the change that handlers get. `events` are those of its callback, in their order. */
export function createChange(stored: StoredChange, sheet: SheetInfo, events: readonly AnyEvent[]): Change {
  const { kind, rowId, before, after, by, source } = stored;
  const told = stored.events.flatMap((index) => events[index] ?? []);
  const columns = changedColumns(stored, sheet);
  const row = createRow(after ?? before ?? { id: rowId, cells: new Map() }, sheet);
  return { kind, sheet, row, before: before && createRow(before, sheet), columns, by, source, events: told } as Change;
}

function changedColumns({ kind, columnIds, before, after }: StoredChange, { columns }: SheetInfo): ChangedColumn[] {
  const valueOf = (row: StoredRow | undefined, id: number) => row?.cells.get(id)?.value ?? null;
  return columns.filter(({ id }) => columnIds.includes(id)).map(({ id, title }) => ({
    columnId: id,
    title,
    from: before || kind === "created" ? valueOf(before, id) : undefined,
    to: valueOf(after, id),
  }));
}
