import type { Column } from "../../api/sheet.ts";
import { type StoredRow, withCells } from "../stored_row.ts";
import { compareRows } from "./compare.ts";

/** `readFor` of a row that the mirror knows to the last cell, though it was read for no callback. */
export const EXACT = -1;

/** What the mirror gets of a row that was read. */
export interface NextState {
  /** Undefined if the row isn't there any more. */
  readonly row: StoredRow | undefined;
  /** False if the row holds more than that: what a callback on its way has still to tell. */
  readonly isAll: boolean;
}

/** What own changes a callback tells of a row. */
export interface OwnChanges {
  readonly kind: "created" | "updated" | "deleted";
  readonly columnIds: ReadonlySet<number>;
  /** Columns that others have changed since, as callbacks tell that wait. @default none */
  readonly others?: ReadonlySet<number> | undefined;
}

/** The state behind changes of others: all that was read. What we have written meanwhile stays marked until its own event comes. */
export function stateOfChange(
  before: StoredRow | undefined,
  after: StoredRow | undefined,
  own: OwnChanges,
): NextState {
  return { row: after && withWritten(after, unechoed(before, own)), isAll: true };
}

/**
 * The state behind own changes alone, which call nobody: so nothing of what others have done since may slip into it untold. The
 * results of formulas, and what Smartsheet fills in, come along if they are all that differs.
 */
export function stateOfOwnChanges(
  before: StoredRow | undefined,
  after: StoredRow | undefined,
  own: OwnChanges,
  columns: readonly Column[],
): NextState {
  if (!after) return own.kind === "deleted" ? { row: undefined, isAll: true } : { row: before, isAll: false };
  if (!before && own.kind !== "created") return { row: undefined, isAll: false };
  // Its cells weren't told.
  if (!before && !own.columnIds.size) return { row: after, isAll: true };
  const written = unechoed(before, own);
  const base: StoredRow = before ?? { ...after, cells: new Map() };
  const ours = ownColumns(before, after, [...own.columnIds].filter((id) => !own.others?.has(id)));
  const byOthers = compareRows(base, after, columns.filter((column) => isEdited(column, base, after)), ours);
  if (!byOthers) return { row: withWritten(after, written), isAll: true };
  return { row: withWritten(withCells(base, after, [...ours]), written), isAll: false };
}

/**
 * The columns that differ because we have changed them. What the mirror knows that we have written differs only if others have
 * changed it since; or as the result of a formula.
 */
export function ownColumns(
  before: StoredRow | undefined,
  after: StoredRow | undefined,
  columnIds: Iterable<number>,
): Set<number> {
  const written = (id: number) => before?.written?.includes(id) && !isSameFormula(id, before, after);
  return new Set([...columnIds].filter((id) => !written(id)));
}

/** The row with cells that we have written, which are marked until their events come. */
export function writtenRow(known: StoredRow, answered: StoredRow, columnIds: readonly number[]): StoredRow {
  const isNew = (id: number) => JSON.stringify(answered.cells.get(id)) !== JSON.stringify(known.cells.get(id));
  const written = new Set([...known.written ?? [], ...columnIds.filter(isNew)]);
  return withWritten(withCells(known, answered, columnIds), [...written]);
}

/** True for what people edit, unlike results of formulas and what Smartsheet fills in. */
function isEdited({ id, systemColumnType }: Column, before: StoredRow, after: StoredRow): boolean {
  return !systemColumnType && !isSameFormula(id, before, after);
}

function isSameFormula(id: number, before: StoredRow, after: StoredRow | undefined): boolean {
  const formula = after?.cells.get(id)?.formula;
  return formula !== undefined && formula === before.cells.get(id)?.formula;
}

/** The columns that we have written, and whose events haven't come. */
export function unechoed(before: StoredRow | undefined, { kind, columnIds }: OwnChanges): readonly number[] {
  return kind === "created" ? [] : (before?.written ?? []).filter((id) => !columnIds.has(id));
}

function withWritten({ written: _, ...row }: StoredRow, written: readonly number[]): StoredRow {
  return written.length ? { ...row, written } : row;
}
