import { apiTimestamp } from "../timestamp.ts";
import type { Column } from "./column.ts";
import { indexOf } from "./rows/row_index.ts";
import type { Row, Sheet } from "./sheet.ts";
import { type Users, writerView } from "./users.ts";
import { contentOf, isEmpty, levelOfColumn, objectValueAt, typeAt, valueView } from "./values/cell_view.ts";

/** What a read includes besides values. */
export interface Details {
  readonly objectValue: boolean;
  readonly columnType: boolean;
  /** Who wrote the rows. */
  readonly writerInfo: boolean;
  /** 0 shows lists of contacts and of choices as text, 1 shows contacts with their type, 2 also choices. */
  readonly level: number;
  /** Leaves out empty cells. */
  readonly isSparse: boolean;
}

/** A column in API answers. */
export function columnView(column: Column, index: number, level = 2): Record<string, unknown> {
  const { id, title, primary, width, options, contactOptions, validation, symbol, systemColumnType, autoNumberFormat } =
    column;
  const type = typeAt(column, level);
  return {
    id,
    version: levelOfColumn(column, level),
    index,
    title,
    type,
    ...(primary ? { primary } : {}),
    ...(options && type === column.type ? { options } : {}),
    ...(contactOptions && type === column.type ? { contactOptions } : {}),
    ...(symbol ? { symbol } : {}),
    ...(systemColumnType ? { systemColumnType } : {}),
    ...(autoNumberFormat ? { autoNumberFormat } : {}),
    validation,
    width,
  };
}

/** Rows in API answers, with the cells of `columns` only. */
export function rowViews(
  sheet: Sheet,
  rows: readonly Row[],
  columns: readonly Column[],
  details: Details,
  users: Users,
): Record<string, unknown>[] {
  const { places } = indexOf(sheet);
  return rows.map((row) => {
    const { rowNumber, siblingId } = places.get(row.id)!;
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
      ...(details.writerInfo
        ? { createdBy: writerView(users.get(row.createdBy)), modifiedBy: writerView(users.get(row.modifiedBy)) }
        : {}),
      cells: columns.flatMap((column) => cellViews(sheet, column, row, details, users)),
    };
  });
}

function cellViews(sheet: Sheet, column: Column, row: Row, details: Details, users: Users): Record<string, unknown>[] {
  const content = contentOf(column, row, users);
  if (details.isSparse && isEmpty(content)) return [];
  const isShown = details.objectValue && content.value !== undefined;
  return [{
    columnId: column.id,
    ...(details.columnType ? { columnType: typeAt(column, details.level) } : {}),
    ...valueView(content, column, sheet),
    ...(isShown ? { objectValue: objectValueAt(content, column, sheet, details.level) } : {}),
  }];
}
