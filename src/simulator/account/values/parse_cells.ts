import { ApiError, invalidAttribute, missing } from "../../api_error.ts";
import type { Column } from "../column.ts";
import { type CellContent, type CellValue, EMPTY, type ObjectValue, type Sheet } from "../sheet.ts";
import { UNCHECKED } from "./checkbox.ts";
import { parseHyperlink } from "./hyperlink.ts";
import { parseValue } from "./parse_value.ts";

/** A cell in a request. */
export interface CellInput {
  readonly columnId: number;
  readonly content: CellContent;
  readonly formula: string | undefined;
}

/** Where cells come from. */
export interface CellSource {
  readonly sheet: Sheet;
  /** True for a person's edit, which may hold the result of a formula, and text where a type doesn't know a value. */
  readonly isEdit: boolean;
  readonly overridesValidation: boolean;
  /** The name of a sheet that a cell links to. @throws {ApiError} 1006 */
  readonly nameOfSheet: (id: number) => string;
}

/** @throws {ApiError} 1036 for a column of another sheet, and others for a value that the cell can't hold */
export function parseCells(cells: unknown, source: CellSource, detail: { readonly index: number }): CellInput[] {
  if (cells === undefined) return [];
  if (!Array.isArray(cells)) throw invalidAttribute("row.cells", cells);
  const columns = new Map(source.sheet.columns.map((column) => [column.id, column]));
  const seen = new Set<number>();
  return cells.map((each) => {
    const cell = Object(each) as Record<string, unknown>;
    if (cell.columnId === undefined) throw missing("cell.columnId", detail);
    const column = columns.get(Number(cell.columnId));
    if (!column) throw new ApiError(400, 1036, `The columnId ${cell.columnId} is invalid.`, detail);
    if (seen.has(column.id)) {
      throw new ApiError(400, 1037, `The columnId ${column.id} is included more than once in a single row.`, detail);
    }
    seen.add(column.id);
    return { columnId: column.id, ...parseCell(cell, column, source, detail) };
  });
}

function parseCell(
  cell: Readonly<Record<string, unknown>>,
  column: Column,
  source: CellSource,
  detail: unknown,
): { content: CellContent; formula: string | undefined } {
  const { value, formula, objectValue, hyperlink } = cell;
  if (column.systemColumnType) {
    const message =
      "Cells containing formulas, links to other cells, system values, or Gantt values cannot be inserted or updated through the API.";
    throw new ApiError(400, 1046, message, detail);
  }
  if ([value, formula, objectValue, hyperlink].every((part) => part === undefined)) throw missing("cell.value", detail);
  if (formula !== undefined && typeof formula !== "string") throw invalidAttribute("cell.formula", formula);
  if (formula !== undefined && !source.isEdit && (value ?? objectValue ?? hyperlink ?? undefined) !== undefined) {
    const message =
      "If cell.formula is specified, then value, objectValue, image, hyperlink, and linkInFromCell must not be specified.";
    throw new ApiError(400, 1163, message, detail);
  }
  const link = hyperlink === undefined || hyperlink === null ? undefined : parseHyperlink(hyperlink, detail);
  const linked = value ?? link?.url ?? (link?.sheetId === undefined ? undefined : source.nameOfSheet(link.sheetId));
  const content = contentOf({ ...cell, value: linked }, column, source, detail);
  return { content: link && content.value !== undefined ? { ...content, hyperlink: link } : content, formula };
}

function contentOf(
  cell: Readonly<Record<string, unknown>>,
  column: Column,
  { sheet, isEdit, overridesValidation }: CellSource,
  detail: unknown,
): CellContent {
  const isObject = typeof cell.objectValue === "object" && cell.objectValue !== null;
  const object = isObject ? cell.objectValue as ObjectValue : undefined;
  const value = plainValue(isObject ? undefined : cell.objectValue ?? cell.value);
  const isEmptyList = [object?.values, object?.predecessors].some((list) => Array.isArray(list) && !list.length);
  if (isEmptyList || (value === undefined && !object)) {
    return column.type === "CHECKBOX" && cell.formula === undefined ? UNCHECKED : EMPTY;
  }
  const isStrict = cell.strict !== false;
  return parseValue({
    value,
    object,
    displayValue: typeof cell.displayValue === "string" ? cell.displayValue : undefined,
    column,
    sheet,
    strictness: isEdit ? "edit" : isStrict ? "strict" : "lenient",
    // The result of a formula may be anything.
    overridesValidation: cell.formula !== undefined ||
      (!isStrict && (overridesValidation || cell.overrideValidation === true)),
    detail,
  });
}

/** Undefined for a value that clears the cell. */
function plainValue(value: unknown): CellValue | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string" || typeof value === "boolean" || Number.isFinite(value)) return value as CellValue;
  throw new ApiError(400, 1038, "Invalid Cell value. Must be numeric or a string.");
}
