import type { CellContent } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

/** One of the options. A symbol whose options aren't known takes any text. */
export function parseChoice({ value, column }: GivenValue): CellContent | undefined {
  if (typeof value !== "string") return undefined;
  const isOpen = column.symbol !== undefined && !column.options;
  return isOpen || column.options?.includes(value) ? { value } : undefined;
}

/** A `MULTI_PICKLIST` of options; leniently, of other texts, too. */
export function parseChoices({ object, column, isStrict }: GivenValue): CellContent | undefined {
  const values = object?.objectType === "MULTI_PICKLIST" ? object.values : undefined;
  if (!Array.isArray(values)) return undefined;
  const isChoice = (choice: unknown) =>
    typeof choice === "string" && choice !== "" && (!isStrict || column.options?.includes(choice));
  return values.every(isChoice)
    ? { value: values.join(", "), objectValue: { objectType: "MULTI_PICKLIST", values } }
    : undefined;
}

/** True if all choices of a value are options. */
export function isListed({ value, objectValue }: CellContent, options: readonly string[] = []): boolean {
  const choices = objectValue ? objectValue.values as unknown[] : [value];
  return choices.every((choice) => options.includes(String(choice)));
}
