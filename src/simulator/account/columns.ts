import { invalidAttribute, missing, notFound } from "../api_error.ts";
import type { Actor } from "../event.ts";
import type { Random } from "../random.ts";
import type { Account } from "./account.ts";
import type { Column, Sheet } from "./sheet.ts";

/** Makes columns from a request. @throws {ApiError} 1012, 1031 */
export function parseColumns(columns: unknown, random: Random): Column[] {
  if (!Array.isArray(columns) || !columns.length) throw missing("columns");
  return columns.map((column) => {
    const { title, type = "TEXT_NUMBER", primary, width = 150, options } = Object(column) as Record<string, unknown>;
    if (typeof title !== "string" || !title) throw missing("column.title");
    if (typeof type !== "string") throw invalidAttribute("column.type", type);
    if (typeof width !== "number" || !(width > 0)) throw invalidAttribute("column.width", width);
    return {
      id: random.id(),
      title,
      type,
      primary: primary === true,
      width,
      options: Array.isArray(options) ? options : undefined,
    };
  });
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

/** Changes a column's title and width. @throws {ApiError} 1006, 1031 */
export function updateColumn(
  sheet: Sheet,
  id: number,
  change: Readonly<Record<string, unknown>>,
  actor: Actor,
  { sheets }: Account,
): Column {
  const column = columnOf(sheet, id);
  const { title = column.title, width = column.width } = change;
  if (typeof title !== "string" || !title) throw invalidAttribute("column.title", title);
  if (typeof width !== "number" || !(width > 0)) throw invalidAttribute("column.width", width);
  Object.assign(column, { title, width });
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

/** @throws {ApiError} 1006 */
export function columnOf({ columns }: Sheet, id: number): Column {
  const column = columns.find((column) => column.id === id);
  if (!column) throw notFound();
  return column;
}
