import type { CellVersion, Column, Row, Sheet } from "./sheet.ts";
import { apiTimestamp } from "../timestamp.ts";
import { type Users, writerView } from "./users.ts";

/** What a read includes besides values; answers to writes include none of it. */
export interface Details {
  readonly objectValue: boolean;
  readonly columnType: boolean;
  /** The users, if rows should include who wrote them. */
  readonly writers: Users | undefined;
  /** 0 shows lists of contacts and of choices as text, 1 shows contacts with their type, 2 also choices. */
  readonly level: number;
  /** Leaves out empty cells. */
  readonly isSparse: boolean;
}

const PLAIN: Details = { objectValue: false, columnType: false, writers: undefined, level: 2, isSparse: false };

/** The lowest level that shows a type as it is. */
const LEVEL_OF_TYPE: Readonly<Record<string, number>> = { MULTI_CONTACT_LIST: 1, MULTI_PICKLIST: 2 };

/** A column in API answers. */
export function columnView(column: Column, index: number, level = PLAIN.level): Record<string, unknown> {
  const { id, title, primary, width, options } = column;
  return {
    id,
    version: 0,
    index,
    title,
    type: typeAt(column, level),
    ...(primary ? { primary } : {}),
    ...(options ? { options } : {}),
    validation: false,
    width,
  };
}

/** Rows in API answers, with the cells of `columns` only. */
export function rowViews(
  sheet: Sheet,
  rows: readonly Row[],
  columns: readonly Column[] = sheet.columns,
  details: Details = PLAIN,
): Record<string, unknown>[] {
  const positions = new Map<Row, { rowNumber: number; siblingId: number | undefined }>();
  const lastOf = new Map<number | undefined, number>();
  for (const [index, row] of sheet.rows.entries()) {
    positions.set(row, { rowNumber: index + 1, siblingId: lastOf.get(row.parentId) });
    lastOf.set(row.parentId, row.id);
  }
  return rows.map((row) => {
    const { rowNumber, siblingId } = positions.get(row)!;
    const { writers } = details;
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
      ...(writers
        ? { createdBy: writerView(writers.get(row.createdBy)), modifiedBy: writerView(writers.get(row.modifiedBy)) }
        : {}),
      cells: columns.flatMap((column) => cellViews(column, row.cells.get(column.id)?.at(-1), details)),
    };
  });
}

function cellViews(column: Column, version: CellVersion | undefined, details: Details): Record<string, unknown>[] {
  if (details.isSparse && isEmpty(version)) return [];
  const { objectValue } = version ?? {};
  const isShown = details.objectValue && version?.value !== undefined;
  return [{
    columnId: column.id,
    ...(details.columnType ? { columnType: typeAt(column, details.level) } : {}),
    ...versionView(version),
    ...(isShown ? { objectValue: objectValueAt(column, objectValue, version.value, details.level) } : {}),
  }];
}

/** A value with its type; text if the level doesn't show the type. */
function objectValueAt(column: Column, given: unknown, value: unknown, level: number): unknown {
  if (typeAt(column, level) !== column.type) return value;
  if (given !== undefined) return given;
  if (column.type === "CONTACT_LIST") return { objectType: "CONTACT", email: value };
  return column.type === "DATE" ? { objectType: "DATE", value } : value;
}

function typeAt({ type }: Column, level: number): string {
  return level < (LEVEL_OF_TYPE[type] ?? 0) ? "TEXT_NUMBER" : type;
}

/** True for a cell without value and formula. */
export function isEmpty(version: CellVersion | undefined): boolean {
  return version?.value === undefined && version?.formula === undefined;
}

/** A cell's value; nothing for an empty one. */
export function versionView(version: CellVersion | undefined): Record<string, unknown> {
  if (!version) return {};
  const { value, formula, objectValue } = version;
  const { name } = Object(objectValue) as { name?: unknown };
  return {
    ...(value === undefined ? {} : { value }),
    ...(value === undefined || typeof value === "boolean" ? {} : { displayValue: String(name ?? value) }),
    ...(formula === undefined ? {} : { formula }),
  };
}
