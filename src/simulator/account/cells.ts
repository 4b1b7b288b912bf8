import { ApiError, invalidAttribute, missing } from "../api_error.ts";
import type { Assumptions } from "../assumptions.ts";
import type { Actor, Change } from "../event.ts";
import type { CellValue, CellVersion, Row, Sheet } from "./sheet.ts";

/** A cell in a request. */
export interface CellInput {
  readonly columnId: number;
  readonly value: CellValue | undefined;
  readonly formula: string | undefined;
  readonly objectValue: unknown;
}

const MAX_CELL_LENGTH = 4000;

/** @throws {ApiError} 1036 for a column of another sheet, 1031 for a value that no cell can hold */
export function parseCells(cells: unknown, sheet: Sheet, index: number): CellInput[] {
  if (cells === undefined) return [];
  if (!Array.isArray(cells)) throw invalidAttribute("row.cells", cells);
  return cells.map((cell) => {
    const { columnId, value, formula, objectValue } = Object(cell) as Record<string, unknown>;
    if (columnId === undefined) throw missing("cell.columnId", { index });
    const column = sheet.columns.find(({ id }) => id === Number(columnId));
    if (!column) throw new ApiError(400, 1036, `The columnId ${columnId} is invalid.`, { index });
    if (value === undefined && formula === undefined && objectValue === undefined) {
      throw missing("cell.value", { index });
    }
    if (formula !== undefined && typeof formula !== "string") throw invalidAttribute("cell.formula", formula);
    return { columnId: column.id, value: valueOf(value ?? textOf(objectValue)), formula, objectValue };
  });
}

/** Undefined for a value that clears the cell. */
function valueOf(value: unknown): CellValue | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" && value.length <= MAX_CELL_LENGTH) return value;
  if (typeof value === "boolean" || Number.isFinite(value)) return value as CellValue;
  throw invalidAttribute("cell.value", value);
}

function textOf(objectValue: unknown): unknown {
  const { value, values, email, name } = Object(objectValue) as Record<string, unknown>;
  const textOfItem = (item: unknown) => typeof item === "string" ? item : Object(item).name ?? Object(item).email;
  return Array.isArray(values) ? values.map(textOfItem).join(", ") : value ?? email ?? name;
}

/**
 * Writes cells into a row, and returns their changes: none for an unchanged value, and none for a formula, because
 * results of formulas fire no events.
 */
export function writeCells(
  row: Row,
  cells: readonly CellInput[],
  isNewRow: boolean,
  { userId }: Actor,
  at: number,
  { newRowCells, clearedCell }: Assumptions,
): Change[] {
  return cells.flatMap(({ columnId, ...written }) => {
    const versions = row.cells.get(columnId) ?? [];
    const before = versions.at(-1);
    if (isSame(before, written)) return [];
    versions.push({ ...written, modifiedAt: at, userId });
    row.cells.set(columnId, versions);
    if (written.formula !== undefined) return [];
    const change = (eventType: string) => ({ objectType: "cell", eventType, rowId: row.id, columnId });
    if (isNewRow) return newRowCells === "none" ? [] : [change(newRowCells)];
    if (written.value === undefined) return [change(clearedCell)];
    return [change(before?.value === undefined && before?.formula === undefined ? "created" : "updated")];
  });
}

function isSame(before: CellVersion | undefined, written: Omit<CellInput, "columnId">): boolean {
  return before?.value === written.value && before?.formula === written.formula &&
    JSON.stringify(before?.objectValue) === JSON.stringify(written.objectValue);
}
