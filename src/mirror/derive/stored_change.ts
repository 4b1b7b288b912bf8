import type { ChangedBy } from "../change.ts";
import type { ChangeKind, Difference } from "./compare.ts";
import { fromPlainRow, type StoredRow, toPlainRow } from "../stored_row.ts";

/**
 * A change as it is kept with its callback: derived once, the same for each attempt and replay. The sheet's columns are kept
 * once for all changes of a callback, and an event by its index.
 */
export interface StoredChange {
  readonly kind: ChangeKind;
  readonly rowId: number;
  /** Undefined for a created row, and where the row was never seen. */
  readonly before: StoredRow | undefined;
  /** Undefined for a deleted row. */
  readonly after: StoredRow | undefined;
  /** The changed columns. */
  readonly columnIds: readonly number[];
  readonly by: ChangedBy | undefined;
  readonly source: "callback" | "reconcile";
  /** The events that told of it, by their index in the callback, from 0. */
  readonly events: readonly number[];
}

/** Makes a change of a difference and of what is known besides. */
export function storeChange(
  { kind, columns }: Difference,
  rest: Omit<StoredChange, "kind" | "columnIds">,
): StoredChange {
  return { ...rest, kind, columnIds: columns.map(({ columnId }) => columnId) };
}

/** Who changed a row, as far as it and the events tell; undefined if they don't. */
export function changedBy(row: StoredRow | undefined, userId?: number): ChangedBy | undefined {
  const { email, name } = row?.modifiedBy ?? {};
  const by = {
    ...(userId !== undefined && { userId }),
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
  };
  return Object.keys(by).length ? by : undefined;
}

/** The change as JSON. */
export function changeToJson({ before, after, ...rest }: StoredChange): string {
  return JSON.stringify({ ...rest, before: before && toPlainRow(before), after: after && toPlainRow(after) });
}

/** The change that `changeToJson` made a text of. */
export function changeFromJson(json: string): StoredChange {
  const { before, after, by, ...rest } = JSON.parse(json);
  return { ...rest, by, before: before && fromPlainRow(before), after: after && fromPlainRow(after) };
}
