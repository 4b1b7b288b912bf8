import type { Column } from "../../api/sheet.ts";
import type { Predecessor } from "../values/predecessor.ts";
import type { StoredCell, StoredRow } from "../stored_row.ts";
import { isSameValue, type Value } from "../values/value.ts";

/** What happened to a row. */
export type ChangeKind = "created" | "updated" | "deleted";

/** A column whose value changed. */
export interface ChangedColumn {
  /** The column's id. */
  readonly columnId: number;
  /** Its title. */
  readonly title: string;
  /** The value before; null for an empty cell; undefined if it isn't known. */
  readonly from: Value | undefined;
  /** The value now; null for an empty cell, and for a deleted row. */
  readonly to: Value;
}

/** What two states of a row differ in. */
export interface Difference {
  readonly kind: ChangeKind;
  /** In the order of the sheet. */
  readonly columns: readonly ChangedColumn[];
}

/**
 * What `after` differs in from `before`, by the values in `columns` that aren't in `without`; undefined for no difference.
 * Another format, another formula with the same result, another link under the same text, another place of the row, and who wrote
 * it last and when, are no difference by themselves. A row that appears or goes always is one; all its filled columns count as changed.
 */
export function compareRows(
  before: StoredRow | undefined,
  after: StoredRow | undefined,
  columns: readonly Column[],
  without?: ReadonlySet<number>,
): Difference | undefined {
  if (!before && !after) return undefined;
  const kind = !before ? "created" : after ? "updated" : "deleted";
  const changed = columns.filter(({ id }) => {
    const [from, to] = [before?.cells.get(id), after?.cells.get(id)];
    return from !== to && !without?.has(id) && !isSameCell(from, to);
  });
  if (kind === "updated" && changed.every(isStamp)) return undefined;
  return {
    kind,
    columns: changed.map((column) => describe(column, before?.cells.get(column.id), after?.cells.get(column.id))),
  };
}

/** Smartsheet fills in who wrote the row last, and when: with each write, ours and a move as well. */
function isStamp({ systemColumnType }: Column): boolean {
  return systemColumnType === "MODIFIED_DATE" || systemColumnType === "MODIFIED_BY";
}

/** The difference that is told by events alone: where no state before is known. `from` is undefined, but null in a created row. */
export function differenceOfEvents(
  kind: ChangeKind,
  columnIds: readonly number[],
  after: StoredRow | undefined,
  columns: readonly Column[],
): Difference {
  const touched = columns.filter(({ id }) => columnIds.includes(id));
  return {
    kind,
    columns: touched.map((column) => ({
      ...describe(column, undefined, after?.cells.get(column.id)),
      ...(kind !== "created" && { from: undefined }),
    })),
  };
}

function describe({ id, title }: Column, from: StoredCell | undefined, to: StoredCell | undefined): ChangedColumn {
  return { columnId: id, title, from: from?.value ?? null, to: to?.value ?? null };
}

function isSameCell(a: StoredCell | undefined, b: StoredCell | undefined): boolean {
  if (a?.predecessors && b?.predecessors) return predecessorsText(a.predecessors) === predecessorsText(b.predecessors);
  return isSameValue(a?.value ?? null, b?.value ?? null);
}

function predecessorsText(predecessors: readonly Predecessor[]): string {
  return JSON.stringify(predecessors.map(({ rowId, type, lag }) => [rowId, type, lag]));
}
