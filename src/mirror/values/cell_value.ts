import type { Cell } from "../../api/sheet.ts";
import { isObject } from "../../json.ts";
import { durationText } from "./duration.ts";
import { type Contact, isContact, type Value } from "./value.ts";

/**
 * What is in a cell of the API's answer, by the type of its column: `src/mirror/README.md` has the table. Lists are whole only
 * in an answer with `include=objectValue` and `level=2`; without, their text is split at its commas.
 */
export function readCellValue(cell: Cell, columnType: string | undefined): Value {
  const value = emptyToNull(cell.value);
  const { objectValue } = cell;
  const typed = isObject(objectValue) ? objectValue : undefined;
  switch (typed?.objectType === "MULTI_CONTACT" ? "MULTI_CONTACT_LIST" : columnType) {
    case "CONTACT_LIST":
      return typeof (value ?? "") === "string" ? readContact(typed, value as string | null, cell.displayValue) : value;
    case "MULTI_CONTACT_LIST":
      return readList(itemsOf(objectValue, value).map((item) => readContact(item, textOrNull(item), undefined)));
    case "MULTI_PICKLIST":
      return readList(itemsOf(objectValue, value).map((item) => String(item)));
    case "DURATION":
      return value ?? durationText(objectValue) ?? null;
    default:
      return value ?? emptyToNull(typed ? typed.value : objectValue);
  }
}

function emptyToNull(value: unknown): string | number | boolean | null {
  if (typeof value === "string") return value || null;
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}

function textOrNull(item: unknown): string | null {
  return typeof item === "string" ? item : null;
}

/** The items of a list: typed ones, or those of its text. */
function itemsOf(objectValue: unknown, value: unknown): readonly unknown[] {
  if (isObject(objectValue) && Array.isArray(objectValue.values)) return objectValue.values;
  if (isObject(objectValue) && objectValue.objectType === "CONTACT") return [objectValue];
  return value === null ? [] : String(value).split(/,\s*/);
}

/** A contact; just its name, if it has no e-mail address. */
function readContact(item: unknown, text: string | null, shown: string | undefined): string | Contact | null {
  const { email = text ?? undefined, name = shown } = isObject(item) ? item : {};
  if (!isContact({ email }) || !String(email).includes("@")) return emptyToNull(text ?? name) as string | null;
  return {
    email: email as string,
    ...(typeof name === "string" && name !== "" && name !== email ? { name } : {}),
  };
}

function readList(items: readonly (string | Contact | null)[]): Value {
  const filled = items.filter((item) => item !== null && item !== "") as (string | Contact)[];
  return filled.length ? filled : null;
}
