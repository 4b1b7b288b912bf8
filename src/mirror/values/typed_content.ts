import type { Column, NewCell } from "../../api/sheet.ts";
import { arePredecessors, parsePredecessors, predecessorList, type RowIdOf } from "./predecessor.ts";
import { type Contact, isContact } from "./value.ts";

/** A cell to write, but for its column. */
export type Content = Omit<NewCell, "columnId">;

/** Smartsheet cuts longer text without a word. */
const MAX_LENGTH = 4_000;
/** The largest number that Smartsheet keeps as one. */
const MAX_NUMBER = 2 ** 53;

/** What writes the value to a column of that type; undefined for a value that it can't hold. */
export function typedContent(column: Column, value: unknown, rowIdOf: RowIdOf | undefined): Content | undefined {
  switch (column.type) {
    case "CHECKBOX":
      return typeof value === "boolean" ? { value } : undefined;
    case "DATE":
      return isDate(value) ? { value } : undefined;
    case "ABSTRACT_DATETIME":
      return isDate(value) || isDateTime(value) ? { value } : undefined;
    case "DURATION":
      // Strictly, a number of days would have to be text.
      if (isNumber(value)) return { value, strict: false };
      return isText(value) && /\d/.test(value) ? { value } : undefined;
    case "CONTACT_LIST":
      return isContactValue(value) && (typeof value !== "string" || value.includes("@"))
        ? contactContent(value)
        : undefined;
    case "MULTI_CONTACT_LIST": {
      const contacts = [value].flat();
      const values = contacts.map(contactObject);
      return contacts.every(isContactValue) ? { objectValue: { objectType: "MULTI_CONTACT", values } } : undefined;
    }
    case "MULTI_PICKLIST": {
      const values = [value].flat();
      const fits = values.every((item) => isText(item) && isChoice(column, item));
      return fits ? { objectValue: { objectType: "MULTI_PICKLIST", values } } : undefined;
    }
    case "PICKLIST":
      if (!(isText(value) || isNumber(value)) || !isChoice(column, value)) return undefined;
      // Strictly, nothing but one of the choices is taken, and it must be text.
      return isText(value) && (column.options ?? [value]).includes(value) ? { value } : { value, strict: false };
    case "PREDECESSOR": {
      const given = isText(value) && rowIdOf ? parsePredecessors(value, rowIdOf) : value;
      return arePredecessors(given) ? { objectValue: predecessorList(given) } : undefined;
    }
    default:
      return isText(value) || isNumber(value) ? { value } : undefined;
  }
}

/** True for text that a cell can hold. */
export function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= MAX_LENGTH;
}

/** True for a number that a cell can hold. */
export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= MAX_NUMBER;
}

function isDate(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d\d-\d\d$/.test(value)) return false;
  const time = Date.parse(`${value}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(value);
}

function isDateTime(value: unknown): value is string {
  return typeof value === "string" && isDate(value.slice(0, 10)) &&
    /^T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.test(value.slice(10));
}

function isContactValue(value: unknown): value is string | Contact {
  if (!isContact(value)) return isText(value);
  return value.email.includes("@") && (value.name === undefined || isText(value.name));
}

/** Without a name, Smartsheet looks for one. */
function contactContent(contact: string | Contact): Content {
  if (typeof contact === "string") return { value: contact };
  return { value: contact.email, ...(contact.name !== undefined && { displayValue: contact.name }) };
}

function contactObject(contact: unknown): Record<string, unknown> {
  if (!isContact(contact)) {
    return { objectType: "CONTACT", [String(contact).includes("@") ? "email" : "name"]: contact };
  }
  const { email, name } = contact;
  return { objectType: "CONTACT", email, ...(name !== undefined && { name }) };
}

/** False for what a column that is restricted to its choices would refuse. */
function isChoice({ options, validation }: Column, value: string | number): boolean {
  return !validation || !options || options.includes(String(value));
}

const SHAPES: Readonly<Record<string, string>> = {
  CHECKBOX: "true, false",
  DATE: 'a date such as "2026-11-22"',
  ABSTRACT_DATETIME: 'a date such as "2026-11-22", or with a time such as "2026-11-22T08:00:00"',
  DURATION: 'a duration such as "4d 6h", a number of days',
  CONTACT_LIST: "an e-mail address, { email, name }",
  MULTI_CONTACT_LIST: "a list of e-mail addresses or { email, name }",
  MULTI_PICKLIST: `a list of text, each of at most ${MAX_LENGTH} characters`,
  PREDECESSOR: 'a list of { rowId, type, lag }, text such as "2FS +1d" with the numbers of rows of the sheet',
};

/** What a column of that type should hold, for people. */
export function shapeOf({ type, options, validation }: Column): string {
  const isRestricted = validation && options && /PICKLIST$/.test(type);
  const choices = options?.map((option) => JSON.stringify(option)).join(", ");
  if (isRestricted) return `${type === "PICKLIST" ? "one" : "a list"} of ${choices}, or null`;
  const lenient = /^MULTI|^PREDECESSOR/.test(type) ? "" : ", or { value, strict: false } to keep what was typed";
  return `${SHAPES[type] ?? `text of at most ${MAX_LENGTH} characters, a number up to 2^53`}, null${lenient}`;
}
