import pg from "pg";
import { messageOf, SheethookError } from "../../errors.ts";

/** Lasting problems: Postgres' codes, and what to do. */
const LASTING: readonly { readonly code: RegExp; readonly meaning: string; readonly isShown?: boolean }[] = [
  { code: /^28/, meaning: "it refuses the user or the password, or this machine" },
  { code: /^3D000$/, meaning: "it has no such database" },
  {
    code: /^42501$/,
    meaning:
      "the user isn't allowed to. The user that makes or updates the schema should own it, or be allowed to create it (grant create " +
      "on database); everybody else needs usage of it, select, insert, update and delete on its tables, and usage of its sequences",
    // It names a table, a schema or the database; the other messages name the user.
    isShown: true,
  },
];

/** Passing problems. */
const PASSING: readonly { readonly code: RegExp; readonly meaning: string }[] = [
  { code: /^25006$/, meaning: "it is read-only, as a standby is" },
  { code: /^53100$/, meaning: "its disk is full" },
  { code: /^53300$/, meaning: "it has no connection left for this process" },
  { code: /^57P0[1-5]$/, meaning: "it is being started or stopped" },
  { code: /^57014$|^55P03$/, meaning: "it took too long" },
];

/** An error that says what is wrong with Postgres, and names no user and no password. */
export function explainProblem(name: string, thrown: unknown): SheethookError {
  if (thrown instanceof SheethookError) return thrown;
  const code = codeOf(thrown);
  const lasting = LASTING.find((known) => known.code.test(code));
  if (lasting) {
    const detail = lasting.isShown ? ` (${messageOf(thrown)})` : "";
    return new SheethookError("inbox_unusable", `Postgres at ${name} can't be used: ${lasting.meaning}${detail}`);
  }
  if (isAboutValues(thrown)) {
    return new SheethookError("value_invalid", `Postgres at ${name} refuses a value: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  const passing = PASSING.find((known) => known.code.test(code));
  const reason = passing ? `${passing.meaning} (${messageOf(thrown)})` : messageOf(thrown);
  return new SheethookError("inbox_away", `Postgres at ${name} doesn't serve: ${reason}`, { cause: thrown });
}

/** The same functions, and those of objects among them, whose rejections are explained. @param name of the Postgres, for messages */
export function explained<Functions extends object>(name: string, functions: Functions): Functions {
  const entries = Object.entries(functions).map(([key, call]) => [
    key,
    typeof call === "object"
      ? explained(name, call)
      : (...args: unknown[]) =>
        Promise.resolve(call(...args)).catch((error) => {
          throw explainProblem(name, error);
        }),
  ]);
  return Object.fromEntries(entries);
}

/**
 * Whether the connection is unusable: it is broken or silent, Postgres behind it can't write, or its prepared statements are
 * invalid, because a newer version has changed a table.
 */
export function isBroken(thrown: unknown): boolean {
  if (thrown instanceof SheethookError) return false;
  return !(thrown instanceof pg.DatabaseError) || /^(08|57P|25006|53300|0A000)/.test(codeOf(thrown));
}

/** Whether two transactions were in conflict: a retry may succeed at once. */
export function isConflict(thrown: unknown): boolean {
  return /^(40P01|40001)$/.test(codeOf(thrown));
}

/** Whether Postgres refuses a value: the rest of its batch is retried without it. */
export function isAboutValues(thrown: unknown): boolean {
  return /^(22|23|54)/.test(codeOf(thrown));
}

export function codeOf(thrown: unknown): string {
  return String((thrown as { code?: unknown } | undefined)?.code ?? "");
}
