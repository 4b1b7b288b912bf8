import { SheethookError } from "../../errors.ts";
import { isThenable } from "../../thenable.ts";
import type { Change } from "../change.ts";
import { replaceCells } from "../row.ts";
import type { SchemaIssue, SchemaResult, StandardSchema } from "./standard_schema.ts";

const MOST_ISSUES = 5;

/** True for what follows https://standardschema.dev: an object, or a function as arktype has them. */
export function isSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return false;
  const standard = (value as Partial<StandardSchema>)["~standard"];
  return typeof standard === "object" && standard !== null && typeof standard.validate === "function";
}

/**
 * The change with the cells that the schema makes of its row's.
 *
 * @throws {SheethookError} `value_invalid`, with the column's title, for a row that it refuses
 */
export function checkRow(change: Change, schema: StandardSchema): Change | Promise<Change> {
  const result = schema["~standard"].validate(change.row.cells);
  return isThenable(result) ? result.then((result) => withResult(change, result)) : withResult(change, result);
}

function withResult(change: Change, result: SchemaResult<unknown>): Change {
  if (result.issues) throw refusal(change, result.issues);
  return { ...change, row: replaceCells(change.row, result.value) } as Change;
}

function refusal({ row, sheet }: Change, issues: readonly SchemaIssue[]): SheethookError {
  const place = row.rowNumber === undefined ? `Row with id ${row.id}` : `Row ${row.rowNumber} (id ${row.id})`;
  const texts = issues.slice(0, MOST_ISSUES).map(({ message, path = [] }) => {
    const keys = path.map((part) => typeof part === "object" ? part.key : part);
    return keys.length ? `column "${keys.map(String).join(".")}": ${message}` : message;
  });
  const more = issues.length > MOST_ISSUES ? `; and ${issues.length - MOST_ISSUES} more` : "";
  return new SheethookError(
    "value_invalid",
    `${place} of sheet "${sheet.name}" doesn't fit the schema: ${texts.join("; ")}${more}`,
  );
}
