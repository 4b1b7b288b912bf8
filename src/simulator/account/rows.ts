import { invalidAttribute, missing, notFound, unparsable } from "../api_error.ts";
import type { Assumptions } from "../assumptions.ts";
import { type CellInput, parseCells, writeCells } from "./cells.ts";
import type { Actor, Change } from "../event.ts";
import type { Random } from "../random.ts";
import type { Strikes } from "../faults.ts";
import { isUnder, moveRow, positionOf } from "./row_position.ts";
import type { Row, Sheet } from "./sheet.ts";

/** The result of changing rows. */
export interface RowsChange {
  readonly rows: Row[];
  /** Rows first, then cells, as in callbacks. */
  readonly changes: Change[];
}

export interface RowContext {
  readonly sheet: Sheet;
  readonly actor: Actor;
  readonly at: number;
  readonly random: Random;
  readonly assumptions: Assumptions;
  readonly strikes: Strikes;
}

const MAX_ROWS = 500;

interface RowInput {
  readonly id: number | undefined;
  readonly cells: CellInput[];
  readonly given: Readonly<Record<string, unknown>>;
}

/** Adds rows, at the bottom by default. @throws {ApiError} without a change */
export function addRows(body: unknown, context: RowContext): RowsChange {
  const { sheet, actor, at, random, assumptions, strikes } = context;
  const inputs = parseRows(body, sheet, false);
  const positions = inputs.map(({ given }) => {
    const to = positionOf(given, sheet);
    return to?.where === "bottom" ? undefined : to;
  });
  const cellChanges: Change[] = [];
  const rows = inputs.map(({ cells, given }) => {
    const row: Row = {
      id: random.id(),
      createdAt: at,
      visibleFrom: strikes("late-row") ? at + assumptions.lateRowMs : at,
      createdBy: actor.userId,
      modifiedAt: at,
      modifiedBy: actor.userId,
      parentId: undefined,
      expanded: given.expanded !== false,
      locked: given.locked === true,
      cells: new Map(),
    };
    cellChanges.push(...writeCells(row, cells, true, actor, at, assumptions));
    return row;
  });
  // All at once: one by one takes seconds in a large sheet.
  sheet.rows = sheet.rows.concat(rows.filter((_, index) => !positions[index]));
  // Rows for the same position keep their order, so the last one is moved first.
  for (const [index, row] of [...rows.entries()].reverse()) if (positions[index]) moveRow(row, positions[index], sheet);
  return {
    rows,
    changes: [...rows.map(({ id }) => ({ objectType: "row", eventType: "created", id })), ...cellChanges],
  };
}

/** Updates rows. @throws {ApiError} without a change */
export function updateRows(body: unknown, { sheet, actor, at, assumptions }: RowContext): RowsChange {
  const inputs = parseRows(body, sheet, true);
  const byId = new Map(sheet.rows.map((row) => [row.id, row]));
  const rows = inputs.map(({ id }, index) => {
    const row = byId.get(id!);
    if (!row) throw notFound({ index, rowId: id });
    return row;
  });
  const positions = inputs.map(({ given }, index) => {
    const to = positionOf(given, sheet);
    if (to && isUnder(to, rows[index]!, byId)) throw invalidAttribute("row.parentId or row.siblingId", rows[index]!.id);
    return to;
  });
  const cellChanges = inputs.flatMap(({ cells, given }, index) => {
    const row = rows[index]!;
    row.modifiedAt = at;
    row.modifiedBy = actor.userId;
    if (typeof given.expanded === "boolean") row.expanded = given.expanded;
    if (typeof given.locked === "boolean") row.locked = given.locked;
    if (positions[index]) moveRow(row, positions[index], sheet);
    return writeCells(row, cells, false, actor, at, assumptions);
  });
  const updated = [...new Set(rows)].map(({ id }) => ({ objectType: "row", eventType: "updated", id }));
  return { rows, changes: [...updated, ...cellChanges] };
}

/** Deletes rows and their children. @throws {ApiError} without a change */
export function deleteRows(ids: readonly number[], ignoreNotFound: boolean, sheet: Sheet): RowsChange {
  if (!ids.length) throw missing("ids");
  if (ids.length > MAX_ROWS) throw unparsable(`${ids.length} rows were given, but there may be ${MAX_ROWS} at most`);
  const gone = new Set<number>();
  for (const id of ids) {
    if (sheet.rows.some((row) => row.id === id)) gone.add(id);
    else if (!ignoreNotFound) throw notFound({ rowId: id });
  }
  // A parent comes before its children.
  for (const { id, parentId } of sheet.rows) if (parentId !== undefined && gone.has(parentId)) gone.add(id);
  const rows = sheet.rows.filter(({ id }) => gone.has(id));
  sheet.rows = sheet.rows.filter(({ id }) => !gone.has(id));
  return { rows, changes: rows.map(({ id }) => ({ objectType: "row", eventType: "deleted", id })) };
}

/** Reads rows from a request, to be added or (`withIds`) updated. @throws {ApiError} */
export function parseRows(body: unknown, sheet: Sheet, withIds: boolean): RowInput[] {
  const list: unknown[] = Array.isArray(body) ? body : [body];
  if (!list.length) throw missing("row");
  if (list.length > MAX_ROWS) throw unparsable(`${list.length} rows were given, but there may be ${MAX_ROWS} at most`);
  return list.map((each, index) => {
    if (typeof each !== "object" || each === null) throw unparsable("a row should be an object");
    const given = each as Record<string, unknown>;
    if (withIds && given.id === undefined) throw missing("row.id", { index });
    if (!withIds && given.id !== undefined) throw invalidAttribute("row.id", given.id);
    return { id: withIds ? Number(given.id) : undefined, cells: parseCells(given.cells, sheet, index), given };
  });
}
