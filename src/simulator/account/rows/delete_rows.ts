import { missing, notFound, unparsable } from "../../api_error.ts";
import { rowById } from "./row_index.ts";
import { MAX_ROWS, type RowsChange } from "./rows.ts";
import type { Sheet } from "../sheet.ts";

/** Deletes rows and their children. @throws {ApiError} without a change */
export function deleteRows(ids: readonly number[], ignoreNotFound: boolean, sheet: Sheet): RowsChange {
  if (!ids.length) throw missing("ids");
  if (ids.length > MAX_ROWS) throw unparsable(`${ids.length} rows were given, but there may be ${MAX_ROWS} at most`);
  const gone = new Set<number>();
  for (const id of ids) {
    if (rowById(sheet, id)) gone.add(id);
    else if (!ignoreNotFound) throw notFound({ rowId: id });
  }
  // A parent comes before its children.
  for (const { id, parentId } of sheet.rows) if (parentId !== undefined && gone.has(parentId)) gone.add(id);
  const rows = sheet.rows.filter(({ id }) => gone.has(id));
  sheet.rows = sheet.rows.filter(({ id }) => !gone.has(id));
  return { rows, changes: rows.map(({ id }) => ({ objectType: "row", eventType: "deleted", id })) };
}
