import { ApiError } from "../../api_error.ts";
import type { CellContent, CellValue } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

/** Longer text is cut, without a word. */
const MAX_LENGTH = 4000;

/** Smartsheet's largest number. */
const MAX_NUMBER = 2 ** 53;

/** Numbers as people write them, with a currency, thousands, a percent sign. */
const FORMATTED_NUMBER = /^-?\$?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?%?$/;

/** Any text and number. Leniently, text that shows a number is one. @throws {ApiError} 1148 for a number that is too large */
export function parseText({ value, isStrict }: GivenValue): CellContent | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Math.abs(value) > MAX_NUMBER) {
    if (!isStrict) return freeText(value);
    throw new ApiError(
      400,
      1148,
      `The value ${value} is outside of the range of numbers: -${MAX_NUMBER} to ${MAX_NUMBER}.`,
    );
  }
  if (isStrict || typeof value !== "string") return { value: cut(value) };
  const text = value.trim();
  const digits = text.replace(/[$,%]/g, "");
  const number = FORMATTED_NUMBER.test(text) && /\d/.test(digits)
    ? Number(digits) / (text.endsWith("%") ? 100 : 1)
    : NaN;
  if (Number.isNaN(number) || Math.abs(number) > MAX_NUMBER) return freeText(value);
  return { value: number, ...(/[$%,]/.test(text) ? { displayValue: text } : {}) };
}

/** Text that the type of the column doesn't know. */
export function freeText(value: CellValue): CellContent {
  return { value: cut(String(value)) };
}

function cut(value: CellValue): CellValue {
  return typeof value === "string" ? value.slice(0, MAX_LENGTH) : value;
}
