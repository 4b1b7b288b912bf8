import { invalidAttribute, missing, notFound, unparsable } from "../../api_error.ts";
import type { Change } from "../../event.ts";
import { isResult, writeCells } from "../cells.ts";
import type { Row } from "../sheet.ts";
import { type CellInput, type CellSource, parseCells } from "../values/parse_cells.ts";
import { isUnder, moveRow, type Position, positionOf } from "./position.ts";
import { createRow, type RowContext } from "./row_context.ts";
import { rowById } from "./row_index.ts";

/** The result of changing rows. */
export interface RowsChange {
  readonly rows: Row[];
  /** Rows first, then cells, as in callbacks. */
  readonly changes: Change[];
}

/** The most rows of one request. */
export const MAX_ROWS = 500;

interface RowInput {
  readonly id: number | undefined;
  readonly cells: CellInput[];
  readonly given: Readonly<Record<string, unknown>>;
}

/** Adds rows, at the bottom by default. @throws {ApiError} without a change */
export function addRows(body: unknown, context: RowContext): RowsChange {
  const { sheet, actor, at, assumptions } = context;
  const inputs = parseRows(body, context, false);
  const positions = inputs.map(({ given }) => {
    const to = positionOf(given, sheet);
    return to?.where === "bottom" ? undefined : to;
  });
  const cellChanges: Change[] = [];
  const rows = inputs.map(({ cells, given }) => {
    const row = createRow(given, context);
    cellChanges.push(...writeCells(row, cells, true, actor, at, assumptions));
    return row;
  });
  // All at once: one by one takes seconds in a large sheet.
  sheet.rows = sheet.rows.concat(rows.filter((_, index) => !positions[index]));
  for (const [row, to] of inOrderOfMoves(rows, positions)) moveRow(row, to, sheet);
  return {
    rows,
    changes: [...rows.map(({ id }) => ({ objectType: "row", eventType: "created", id })), ...cellChanges],
  };
}

/**
 * Updates rows. A row in which only the results of formulas change has no event, unless it is assumed.
 *
 * @throws {ApiError} without a change
 */
export function updateRows(body: unknown, context: RowContext): RowsChange {
  const { sheet, actor, at, assumptions } = context;
  const inputs = parseRows(body, context, true);
  const rows = inputs.map(({ id }, index) => {
    const row = rowById(sheet, id!);
    if (!row) throw notFound({ index, rowId: id });
    return row;
  });
  const positions = inputs.map(({ given }, index) => {
    const to = positionOf(given, sheet);
    if (to && isUnder(to, rows[index]!, sheet)) {
      throw invalidAttribute("row.parentId or row.siblingId", rows[index]!.id);
    }
    return to;
  });
  const told = rows.filter((row, index) =>
    assumptions.resultEvents === "row" || !isResultAlone(row, inputs[index]!.cells, context)
  );
  const cellChanges = inputs.flatMap(({ cells, given }, index) => {
    const row = rows[index]!;
    row.modifiedAt = at;
    row.modifiedBy = actor.userId;
    if (typeof given.expanded === "boolean") row.expanded = given.expanded;
    if (typeof given.locked === "boolean") row.locked = given.locked;
    const to = positions[index];
    // Another row of the request may have made it impossible.
    if (to && !isUnder(to, row, sheet)) moveRow(row, to, sheet);
    return writeCells(row, cells, false, actor, at, assumptions);
  });
  const updated = [...new Set(told)].map(({ id }) => ({ objectType: "row", eventType: "updated", id }));
  return { rows, changes: [...updated, ...cellChanges] };
}

/** Rows for the same position keep their order: where each one goes in front of those before it, the last one is first. */
function inOrderOfMoves(
  rows: readonly Row[],
  positions: readonly (Position | undefined)[],
): (readonly [Row, Position])[] {
  const moves = rows.flatMap((row, index) => positions[index] ? [[row, positions[index]] as const] : []);
  const goesInFront = ([, { where }]: readonly [Row, Position]) => ["top", "first", "below"].includes(where);
  return [...moves.filter((move) => !goesInFront(move)), ...moves.filter(goesInFront).reverse()];
}

function isResultAlone(row: Row, cells: readonly CellInput[], { isEdit }: RowContext): boolean {
  return isEdit && cells.length > 0 && cells.every((cell) => isResult(row, cell));
}

/** Reads rows from a request, to be added or (`withIds`) updated. @throws {ApiError} */
export function parseRows(body: unknown, source: CellSource, withIds: boolean): RowInput[] {
  const list: unknown[] = Array.isArray(body) ? body : [body];
  if (!list.length) throw missing("row");
  if (list.length > MAX_ROWS) throw unparsable(`${list.length} rows were given, but there may be ${MAX_ROWS} at most`);
  return list.map((each, index) => {
    if (typeof each !== "object" || each === null) throw unparsable("a row should be an object");
    const given = each as Record<string, unknown>;
    if (withIds && given.id === undefined) throw missing("row.id", { index });
    if (!withIds && given.id !== undefined) throw invalidAttribute("row.id", given.id);
    const id = withIds ? Number(given.id) : undefined;
    const detail = id === undefined ? { index } : { index, rowId: id };
    return { id, cells: parseCells(given.cells, source, detail), given };
  });
}
