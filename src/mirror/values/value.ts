/** A person, as contact columns hold them. */
export interface Contact {
  /** E-mail address. */
  readonly email: string;
  /** Full name; absent if Smartsheet knows none. */
  readonly name?: string;
}

/**
 * What is in a cell: text, a number, a boolean; a date as ISO text; a contact; a list of contacts or of choices; null for an
 * empty cell. A column of any type may also hold text that somebody typed.
 */
export type Value = string | number | boolean | null | Contact | readonly (string | Contact)[];

/** The values of a row by column title. */
export type Cells = Readonly<Record<string, Value>>;

/** True for a contact, and for nothing else that can be a value. */
export function isContact(value: unknown): value is Contact {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    typeof (value as Partial<Contact>).email === "string";
}

/**
 * Whether two values have the same content. Contacts are compared by e-mail address (upper case is lower case) and by
 * name where both have one; the order of a list means nothing.
 */
export function isSameValue(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return isSameList(a, b, isSameValue);
  if (!isContact(a) || !isContact(b) || a.email.toLowerCase() !== b.email.toLowerCase()) return false;
  return a.name === undefined || b.name === undefined || a.name === b.name;
}

/** Whether each item of one list has a partner of its own in the other. */
export function isSameList<A, B>(
  a: readonly A[],
  b: readonly B[],
  isSame: (a: A, b: B) => boolean,
): boolean {
  if (a.length !== b.length) return false;
  const rest = [...b];
  return a.every((item) => {
    const index = rest.findIndex((other) => isSame(item, other));
    if (index >= 0) rest.splice(index, 1);
    return index >= 0;
  });
}

/** A value as Smartsheet shows it when no format is set; undefined for an empty cell and a checkbox. */
export function textOf(value: Value): string | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  if (typeof value !== "object") return String(value);
  return isContact(value) ? value.name ?? value.email : value.map(textOf).join(", ");
}
