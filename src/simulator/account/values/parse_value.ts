import { ApiError } from "../../api_error.ts";
import type { Column, ColumnType } from "../column.ts";
import type { CellContent, CellValue, ObjectValue } from "../sheet.ts";
import { parseCheckbox } from "./checkbox.ts";
import { parseContact, parseContacts } from "./contact.ts";
import { parseDate, parseDatetime } from "./date.ts";
import { parseDuration } from "./duration.ts";
import type { GivenValue, ParseValue } from "./given_value.ts";
import { isListed, parseChoice, parseChoices } from "./picklist.ts";
import { parsePredecessors } from "./predecessor.ts";
import { freeText, parseText } from "./text.ts";

const PARSERS: Readonly<Record<ColumnType, ParseValue>> = {
  TEXT_NUMBER: parseText,
  CHECKBOX: parseCheckbox,
  DATE: parseDate,
  ABSTRACT_DATETIME: parseDatetime,
  DATETIME: () => undefined,
  CONTACT_LIST: parseContact,
  MULTI_CONTACT_LIST: parseContacts,
  PICKLIST: parseChoice,
  MULTI_PICKLIST: parseChoices,
  DURATION: parseDuration,
  PREDECESSOR: parsePredecessors,
};

/** How a value is read: as the API does by default, with `strict: false`, or as an edit: literally if it conforms. */
export type Strictness = "strict" | "lenient" | "edit";

/** Where a value comes from. */
export type Source = Omit<GivenValue, "isStrict"> & {
  readonly strictness: Strictness;
  /** Lifts the column's `validation`, but not with `strict`. */
  readonly overridesValidation: boolean;
  /** Names the row in an error. */
  readonly detail: unknown;
};

/**
 * Reads a value by the type of its column. What doesn't conform is refused, or leniently saved as text.
 *
 * @throws {ApiError} 1042 for a value that doesn't conform, 5536 for one that the column's `validation` refuses
 */
export function parseValue({ strictness, overridesValidation, detail, ...given }: Source): CellContent {
  const { column, object, value } = given;
  const parse = PARSERS[column.type];
  const strict = strictness === "lenient" ? undefined : parse({ ...given, isStrict: true });
  const content = strict ?? (strictness === "strict" ? undefined : parse({ ...given, isStrict: false }));
  // Objects are always strict.
  if (!content && (strictness === "strict" || value === undefined)) {
    throw nonconforming(column, object ?? value, detail);
  }
  if (column.validation && !overridesValidation && !isValid(content, column)) {
    throw new ApiError(400, 5536, `VALIDATION: the column "${column.title}" takes no other values.`, detail);
  }
  return content ?? textOf(given);
}

function textOf(given: Omit<GivenValue, "isStrict">): CellContent {
  const content = given.column.type === "PICKLIST" ? parseText({ ...given, isStrict: false }) : undefined;
  return content ?? freeText(given.value!);
}

function isValid(content: CellContent | undefined, { type, options }: Column): boolean {
  if (!content) return false;
  return /PICKLIST$/.test(type) ? isListed(content, options) : true;
}

function nonconforming({ id, type }: Column, value: CellValue | ObjectValue | undefined, detail: unknown): ApiError {
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const message =
    `The value for cell in column ${id}, ${text}, did not conform to the strict requirements for type ${type}.`;
  return new ApiError(400, 1042, message, detail);
}
