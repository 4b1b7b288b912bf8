import { ApiError, invalidAttribute, missing, notFound } from "../api_error.ts";
import type { Actor } from "../event.ts";
import type { Random } from "../random.ts";
import type { Account } from "./account.ts";
import type { Column } from "./column.ts";
import type { Sheet } from "./sheet.ts";
import { parseColumnKind } from "./values/column_kind.ts";
import { parseValue } from "./values/parse_value.ts";

/** Makes columns from a request. @throws {ApiError} 1012, 1031, 1057, and others for what a type doesn't have */
export function parseColumns(columns: unknown, random: Random): Column[] {
  if (!Array.isArray(columns) || !columns.length) throw missing("columns");
  return columns.map((column) => parseColumn(Object(column), random.id()));
}

function parseColumn(given: Readonly<Record<string, unknown>>, id: number): Column {
  const { title, primary, width = 150, validation = false, autoNumberFormat } = given;
  if (title === undefined) throw missing("column.title");
  if (typeof title !== "string" || !title) throw invalidAttribute("column.title", title);
  if (typeof width !== "number" || !(width > 0)) throw invalidAttribute("column.width", width);
  if (typeof validation !== "boolean") throw invalidAttribute("column.validation", validation);
  const kind = parseColumnKind(given);
  if (primary === true && kind.type !== "TEXT_NUMBER") {
    throw new ApiError(400, 1057, "Primary columns must be of type TEXT_NUMBER.");
  }
  return {
    id,
    title,
    primary: primary === true,
    width,
    validation,
    autoNumberFormat: kind.systemColumnType === "AUTO_NUMBER" ? Object(autoNumberFormat) : undefined,
    ...kind,
  };
}

/** Adds columns at the first one's `index`, or at the end. @throws {ApiError} 1012, 1031 */
export function addColumns(sheet: Sheet, body: unknown, actor: Actor, { settings, sheets }: Account): Column[] {
  const given = [body].flat() as { index?: unknown }[];
  // The primary column never changes.
  const added = parseColumns(given, settings.random).map((column) => ({ ...column, primary: false }));
  const { index = sheet.columns.length } = given[0]!;
  if (!Number.isInteger(index) || Number(index) < 0) throw invalidAttribute("column.index", index);
  sheet.columns.splice(Number(index), 0, ...added);
  sheets.commit(sheet, added.map(({ id }) => ({ objectType: "column", eventType: "created", id })), actor);
  return added;
}

/** Changes a column. With a new type, its values become what that type makes of their text. @throws {ApiError} 1006, 1031 */
export function updateColumn(
  sheet: Sheet,
  id: number,
  change: Readonly<Record<string, unknown>>,
  actor: Actor,
  { sheets }: Account,
): Column {
  const column = columnOf(sheet, id);
  const before = column.type;
  const { systemColumnType, autoNumberFormat, ...kept } = column;
  if (systemColumnType && change.type !== undefined) throw invalidAttribute("column.type", change.type);
  if ((change.options ?? change.symbol) !== undefined && change.type === undefined) {
    throw new ApiError(400, 1090, "Column.type is required when changing symbol, systemColumnType or options.");
  }
  // Another type doesn't have the same choices.
  const old = change.type === undefined || change.type === before
    ? kept
    : { ...kept, options: undefined, contactOptions: undefined, symbol: undefined };
  const given = change.symbol === undefined ? change : { options: undefined, ...change };
  Object.assign(column, parseColumn({ ...old, ...given, primary: column.primary }, id), {
    systemColumnType,
    autoNumberFormat,
  });
  if (column.type !== before) retypeCells(sheet, column);
  sheets.commit(sheet, [{ objectType: "column", eventType: "updated", id }], actor);
  return column;
}

/** Deletes a column and its cells. @throws {ApiError} 1006, and 1031 for the primary column */
export function deleteColumn(sheet: Sheet, id: number, actor: Actor, { sheets }: Account): void {
  if (columnOf(sheet, id).primary) throw invalidAttribute("column.id, which is the primary one's", id);
  sheet.columns = sheet.columns.filter((column) => column.id !== id);
  for (const { cells } of sheet.rows) cells.delete(id);
  sheets.commit(sheet, [{ objectType: "column", eventType: "deleted", id }], actor);
}

function retypeCells(sheet: Sheet, column: Column): void {
  for (const { cells } of sheet.rows) {
    const version = cells.get(column.id);
    if (version?.value === undefined) continue;
    const { value, formula, modifiedAt, userId, before } = version;
    const content = parseValue({
      value,
      object: undefined,
      displayValue: undefined,
      column,
      sheet,
      strictness: "edit",
      overridesValidation: true,
      detail: undefined,
    });
    cells.set(column.id, { ...content, formula, modifiedAt, userId, before });
  }
}

/** @throws {ApiError} 1006 */
export function columnOf({ columns }: Sheet, id: number): Column {
  const column = columns.find((column) => column.id === id);
  if (!column) throw notFound();
  return column;
}
