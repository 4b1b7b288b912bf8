import type { Column, ColumnType } from "../column.ts";
import { type CellContent, type CellVersion, EMPTY, type ObjectValue, type Row, type Sheet } from "../sheet.ts";
import type { Users } from "../users.ts";
import { hyperlinkView } from "./hyperlink.ts";
import { predecessorView } from "./predecessor.ts";
import { systemValue } from "./system_value.ts";

/** The lowest level that shows a type as it is. */
const LEVEL_OF_TYPE: Readonly<Record<string, number>> = { MULTI_CONTACT_LIST: 1, MULTI_PICKLIST: 2 };

/** Types whose cells have no `displayValue`. */
const UNDISPLAYED: readonly ColumnType[] = ["CHECKBOX", "DATE", "ABSTRACT_DATETIME", "DATETIME"];

/** The level that a column has at a level of a read: 0 unless it is a list that the read shows as one. */
export function levelOfColumn({ type }: Column, level: number): number {
  const own = LEVEL_OF_TYPE[type] ?? 0;
  return own <= level ? own : 0;
}

/** The type of a column at a level of a read. */
export function typeAt({ type }: Column, level: number): ColumnType {
  return level < (LEVEL_OF_TYPE[type] ?? 0) ? "TEXT_NUMBER" : type;
}

/** A value, and the formula that it is the result of. */
export type Shown = CellContent & Pick<Partial<CellVersion>, "formula">;

/** What a cell holds, or what Smartsheet fills in. */
export function contentOf(column: Column, row: Row, users: Users): Shown {
  return systemValue(column, row, users) ?? row.cells.get(column.id) ?? EMPTY;
}

/** True for a cell without value and formula. */
export function isEmpty({ value, formula }: Shown): boolean {
  return value === undefined && formula === undefined;
}

/** A cell's value; nothing for an empty one. */
export function valueView(
  content: Shown,
  column: Column,
  sheet: Sheet,
): Record<string, unknown> {
  const { formula, hyperlink } = content;
  const { value, displayValue = value } = isPredecessors(content.objectValue)
    ? { ...predecessorView(content.objectValue, sheet), displayValue: undefined }
    : content;
  return {
    ...(value === undefined ? {} : { value }),
    ...(value === undefined || UNDISPLAYED.includes(column.type) ? {} : { displayValue: String(displayValue) }),
    ...(formula === undefined ? {} : { formula }),
    ...(hyperlink === undefined ? {} : { hyperlink: hyperlinkView(hyperlink) }),
  };
}

/** A value with its type; its text if the level doesn't show the type. */
export function objectValueAt(
  { value, objectValue }: CellContent,
  column: Column,
  sheet: Sheet,
  level: number,
): unknown {
  if (objectValue === undefined || typeAt(column, level) !== column.type) return value;
  return isPredecessors(objectValue) ? predecessorView(objectValue, sheet).objectValue : objectValue;
}

function isPredecessors(objectValue: ObjectValue | undefined): objectValue is ObjectValue {
  return objectValue?.objectType === "PREDECESSOR_LIST";
}
