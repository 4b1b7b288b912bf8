import { optionError } from "../../errors.ts";

/**
 * The name of a view as both databases understand it without quotes: in lower case.
 *
 * @throws {SheethookError} `option_invalid` for a name that would need quotes, or begins as the databases' own do
 */
export function requireViewName(name: string): string {
  if (/^(?!sqlite_|pg_)[a-z_][a-z0-9_]{0,62}$/i.test(name)) return name.toLowerCase();
  throw nameError(name, "1 to 63 letters, digits and _, that begin with no digit, sqlite_ or pg_: orders, for example");
}

/** The error for a name that can't be used. */
export function nameError(name: string, shouldBe: string): Error {
  return optionError("name", name, shouldBe);
}

/** The error for a name that means something in SQL. */
export function keywordError(name: string): Error {
  return nameError(name, `another name: it is a word of SQL, that a query would have to quote`);
}

/** The error for a name that something else in the database has. */
export function takenError(name: string, owner: string): Error {
  return nameError(name, `another name: the database has ${owner} of that name`);
}

/** The error for a sheet without a mirror. */
export function sheetError(sheetId: number): Error {
  return optionError("sheet", sheetId, "a sheet that is mirrored");
}
