// A sheet with every type of column, for tests of views.
import type { Column } from "../../src/api/sheet.ts";
import type { Mirror, MirrorWrite } from "../../src/inbox/mirror.ts";
import { infoOf } from "../../src/mirror/derive/first_read.ts";
import { rowToJson } from "../../src/mirror/stored_row.ts";
import type { Value } from "../../src/mirror/values/value.ts";

/** A sheet of Smartsheet's size. */
export const VIEWED = 4509506114742148;

/** Column ids from 7960873114331001. */
export const viewedId = (index: number): number => 7960873114331001 + index;

/** A title, or a title and a type. */
export function viewedColumns(...columns: readonly (string | readonly [title: string, type: string])[]): Column[] {
  return columns.map((column, index) => {
    const [title, type] = typeof column === "string" ? [column, "TEXT_NUMBER"] : column;
    return { id: viewedId(index), index, title, type };
  });
}

/** Row 1, 2 and so on, their values in the order of `viewedId`. */
export function viewedRows(...rows: readonly (readonly Value[])[]): MirrorWrite["rows"] {
  return rows.map((values, index) => ({
    id: index + 1,
    readFor: 0,
    json: rowToJson({
      id: index + 1,
      rowNumber: 10 + index,
      ...(index && { parentId: index }),
      modifiedAt: "2026-11-29T07:00:00Z",
      cells: new Map(values.flatMap((value, index) => value === null ? [] : [[viewedId(index), { value }] as const])),
    }),
  }));
}

/** Writes the sheet on what is there. */
export async function writeViewed(
  mirror: Mirror,
  columns: readonly Column[],
  rows: MirrorWrite["rows"] = [],
  id: number = VIEWED,
): Promise<void> {
  const info = infoOf({ name: "Orders", columns });
  const sheet = { id, info, version: 1, readAt: 1, isWhole: true, reconciled: null };
  const revision = (await mirror.sheet(id))?.revision;
  if (await mirror.write({ sheet, revision, rows, deleted: [] }) === undefined) throw new Error("It wasn't written");
}
