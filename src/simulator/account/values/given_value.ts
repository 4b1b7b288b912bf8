import type { Column } from "../column.ts";
import type { CellContent, CellValue, ObjectValue, Sheet } from "../sheet.ts";

/** A value from a request, neither empty nor a formula. */
export interface GivenValue {
  /** As a plain value; undefined if only an object was given. */
  readonly value: CellValue | undefined;
  readonly object: ObjectValue | undefined;
  /** The name of a contact. */
  readonly displayValue: string | undefined;
  /** Whether the value has to conform to the type; objects always have to. */
  readonly isStrict: boolean;
  readonly column: Column;
  readonly sheet: Sheet;
}

/** Reads a value of one type; undefined if it doesn't conform. */
export type ParseValue = (given: GivenValue) => CellContent | undefined;
