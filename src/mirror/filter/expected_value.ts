import { optionError, SheethookError } from "../../errors.ts";
import { isThenable } from "../../thenable.ts";
import { type Contact, isContact, isSameList, isSameValue, type Value } from "../values/value.ts";

/** A value, or a function that says at once whether a value is meant. */
export type Expected = Value | ((value: Value) => boolean);

/** Whether a value is meant. */
export type ValueMatcher = (value: Value) => boolean;

/**
 * Reads what a filter expects. A contact is meant by its e-mail address, too; a list by its content in any order.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function parseExpected(name: string, expected: Expected): ValueMatcher {
  if (typeof expected === "function") {
    return (value) => {
      const result: unknown = expected(value);
      if (isThenable(result)) {
        throw new SheethookError("option_invalid", `${name} returned a promise, but should return true or false`);
      }
      return Boolean(result);
    };
  }
  if (Array.isArray(expected) && !expected.length) {
    throw optionError(name, expected, "a list with at least one item; null means an empty cell");
  }
  const isItem = (item: unknown) => typeof item === "string" || isContact(item);
  const isSingle = expected === null || typeof expected === "boolean" || Number.isFinite(expected) || isItem(expected);
  if (!isSingle && !(Array.isArray(expected) && expected.every(isItem))) {
    throw optionError(name, expected, "text, a number, a boolean, null, { email }, a list of text, or a function");
  }
  if (expected === "") throw optionError(name, expected, "null, which means an empty cell");
  return (value) => isMeant(expected, value);
}

function isMeant(expected: Value, value: Value): boolean {
  if (Array.isArray(expected) && Array.isArray(value)) {
    return isSameList<Contact | string, Value>(expected, value, isMeant);
  }
  if (typeof expected === "string" && isContact(value)) return expected.toLowerCase() === value.email.toLowerCase();
  return isSameValue(expected, value);
}

/** The same text for the same expectation, also in another process. A function is known by its name. */
export function expectedText(expected: Expected): string {
  if (typeof expected === "function") return `function ${expected.name}`;
  return JSON.stringify(isContact(expected) ? [expected.email, expected.name] : expected);
}
