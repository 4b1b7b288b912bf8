import type { CellContent } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

/** A box without a check, as an emptied one is. */
export const UNCHECKED: CellContent = { value: false };

/** True or false; leniently also as text. */
export function parseCheckbox({ value, isStrict }: GivenValue): CellContent | undefined {
  if (typeof value === "boolean") return { value };
  if (isStrict || typeof value !== "string" || !/^(true|false)$/i.test(value)) return undefined;
  return { value: value.toLowerCase() === "true" };
}
