import { invalidAttribute } from "./api_error.ts";
import type { Edit } from "./edit.ts";

/**
 * An edit may come from outside, written by hand. Ids may be text, as the API takes them, too.
 *
 * @throws {ApiError} 1031
 */
export function checkEdit(edit: Edit): Edit {
  const { sheetId, rowId, columnId, user, column, comment, attachment, rows, cells, deleteRowIds, events } = edit;
  for (const [name, text] of Object.entries({ user, column, comment, attachment })) {
    if (text !== undefined && (typeof text !== "string" || !text)) throw invalidAttribute(name, text);
  }
  for (const [name, list] of Object.entries({ rows, cells, deleteRowIds, events })) {
    if (list !== undefined && !Array.isArray(list)) throw invalidAttribute(name, list);
  }
  for (const row of rows ?? [{ cells }]) {
    if (row?.cells !== undefined && !Array.isArray(row.cells)) throw invalidAttribute("rows", rows);
    for (const cell of row?.cells ?? []) if (typeof cell !== "object" || !cell) throw invalidAttribute("cells", cell);
  }
  for (const event of events ?? []) {
    const { objectType, eventType } = Object(event);
    if (typeof objectType !== "string" || typeof eventType !== "string") throw invalidAttribute("events", event);
  }
  const ids = Object.entries({ sheetId, rowId, columnId }).filter(([, id]) => id !== undefined);
  return { ...edit, ...Object.fromEntries(ids.map(([name, id]) => [name, Number(id)])) };
}
