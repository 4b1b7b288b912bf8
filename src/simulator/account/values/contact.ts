import type { CellContent, ObjectValue } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

const EMAIL = /^[^\s@,;]+@[^\s@,;]+\.[^\s@,;]+$/;

/** An e-mail address, with `displayValue` as the name; or a `CONTACT`. */
export function parseContact({ value, displayValue, object }: GivenValue): CellContent | undefined {
  if (object) return object.objectType === "CONTACT" ? contactOf(object.email, object.name) : undefined;
  return typeof value === "string" && EMAIL.test(value.trim()) ? contactOf(value.trim(), displayValue) : undefined;
}

/** A `MULTI_CONTACT`, or a single `CONTACT`. Its value is the names. */
export function parseContacts({ object }: GivenValue): CellContent | undefined {
  const list = object?.objectType === "CONTACT" ? [object] : object?.values;
  if (!Array.isArray(list) || (object?.objectType !== "CONTACT" && object?.objectType !== "MULTI_CONTACT")) {
    return undefined;
  }
  const contacts = list.map((item) => contactOf(Object(item).email, Object(item).name));
  if (contacts.includes(undefined)) return undefined;
  return {
    value: contacts.map((contact) => contact!.displayValue).join(", "),
    objectValue: { objectType: "MULTI_CONTACT", values: contacts.map((contact) => contact!.objectValue) },
  };
}

/** The cell of a contact, who may have no e-mail address: a role, "to be determined". */
export function contactOf(email: unknown, name: unknown): CellContent | undefined {
  const isNamed = typeof name === "string" && name !== "";
  if (email === undefined || email === null || email === "") {
    return isNamed ? { value: name, displayValue: name, objectValue: { objectType: "CONTACT", name } } : undefined;
  }
  if (typeof email !== "string" || !EMAIL.test(email)) return undefined;
  const objectValue: ObjectValue = { objectType: "CONTACT", email, ...(isNamed ? { name } : {}) };
  return { value: email, displayValue: isNamed ? name : email, objectValue };
}
