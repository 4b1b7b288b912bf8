import { apiTimestamp } from "./timestamp.ts";

export type CellValue = string | number | boolean;

/** A value that a cell had, and who gave it. */
export interface CellVersion {
  readonly value: CellValue | undefined;
  readonly formula: string | undefined;
  readonly objectValue: unknown;
  readonly modifiedAt: number;
  readonly userId: number;
}

export interface Row {
  readonly id: number;
  readonly createdAt: number;
  readonly createdBy: number;
  modifiedAt: number;
  modifiedBy: number;
  parentId: number | undefined;
  expanded: boolean;
  locked: boolean;
  /** All versions of each cell by its column, oldest first. */
  readonly cells: Map<number, CellVersion[]>;
}

export interface Column {
  readonly id: number;
  title: string;
  type: string;
  readonly primary: boolean;
  width: number;
  options: readonly string[] | undefined;
}

export interface Comment {
  readonly id: number;
  text: string;
  readonly userId: number;
  readonly createdAt: number;
  modifiedAt: number;
}

export interface Discussion {
  readonly id: number;
  /** Undefined for one of the sheet. */
  readonly rowId: number | undefined;
  readonly title: string;
  comments: Comment[];
}

export interface Attachment {
  readonly id: number;
  readonly parentType: "SHEET" | "ROW" | "COMMENT";
  readonly parentId: number;
  readonly name: string;
  readonly attachmentType: string;
  readonly url: string | undefined;
  readonly userId: number;
  readonly createdAt: number;
}

export interface Sheet {
  readonly id: number;
  readonly createdAt: number;
  name: string;
  modifiedAt: number;
  version: number;
  columns: Column[];
  rows: Row[];
  discussions: Discussion[];
  attachments: Attachment[];
}

/** More of any disables the webhooks of a sheet. */
export function isOverGridLimits({ rows, columns }: Sheet): boolean {
  return rows.length > 20_000 || columns.length > 400 || rows.length * columns.length > 500_000;
}

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
