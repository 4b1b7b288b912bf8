import type { CellVersion, Column, Row, Sheet } from "./sheet.ts";
import { apiTimestamp } from "./timestamp.ts";

/** A column as the API tells it. */
export function columnView(column: Column, index: number): Record<string, unknown> {
  const { id, title, type, primary, width, options } = column;
  return {
    id,
    version: 0,
    index,
    title,
    type,
    ...(primary ? { primary } : {}),
    ...(options ? { options } : {}),
    validation: false,
    width,
  };
}

/** Rows as the API tells them, with the cells of `columns` only. */
export function rowViews(
  sheet: Sheet,
  rows: readonly Row[],
  columns: readonly Column[] = sheet.columns,
): Record<string, unknown>[] {
  const places = new Map<Row, { rowNumber: number; siblingId: number | undefined }>();
  const lastOf = new Map<number | undefined, number>();
  for (const [index, row] of sheet.rows.entries()) {
    places.set(row, { rowNumber: index + 1, siblingId: lastOf.get(row.parentId) });
    lastOf.set(row.parentId, row.id);
  }
  return rows.map((row) => {
    const { rowNumber, siblingId } = places.get(row)!;
    return {
      id: row.id,
      sheetId: sheet.id,
      rowNumber,
      ...(row.parentId === undefined ? {} : { parentId: row.parentId }),
      ...(siblingId === undefined ? {} : { siblingId }),
      expanded: row.expanded,
      ...(row.locked ? { locked: true } : {}),
      createdAt: apiTimestamp(row.createdAt),
      modifiedAt: apiTimestamp(row.modifiedAt),
      cells: columns.map(({ id }) => ({ columnId: id, ...versionView(row.cells.get(id)?.at(-1)) })),
    };
  });
}

/** A cell's value; nothing for an empty one. */
export function versionView(version: CellVersion | undefined): Record<string, unknown> {
  if (!version) return {};
  const { value, formula, objectValue } = version;
  return {
    ...(value === undefined ? {} : { value }),
    ...(objectValue === undefined ? {} : { objectValue }),
    ...(value === undefined || typeof value === "boolean" ? {} : { displayValue: String(value) }),
    ...(formula === undefined ? {} : { formula }),
  };
}
