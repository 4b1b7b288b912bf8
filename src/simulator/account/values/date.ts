import { ApiError } from "../../api_error.ts";
import type { CellContent } from "../sheet.ts";
import type { GivenValue } from "./given_value.ts";

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/;
/** 1/31/2026, as people write it in the United States. */
const AMERICAN = /^(\d{1,2})\/(\d{1,2})\/(\d{4}|\d\d)$/;

/** `2026-01-31`. The time of a date with time is cut off. Leniently also 1/31/2026. */
export function parseDate(given: GivenValue): CellContent | undefined {
  const text = textOf(given, ["DATE", "ABSTRACT_DATETIME"]);
  const [, year, month, day] = ISO.exec(text) ?? (given.isStrict ? [] : fromAmerican(text)) ?? [];
  return isDay(year, month, day) ? dated("DATE", `${year}-${month}-${day}`) : undefined;
}

/** `2026-01-31T13:00:00`, of no time zone; a date alone is its midnight. @throws {ApiError} 5536 for a time zone */
export function parseDatetime(given: GivenValue): CellContent | undefined {
  const text = textOf(given, ["DATE", "ABSTRACT_DATETIME"]);
  const [, year, month, day, hour = "00", minute = "00", second = "00", zone] = ISO.exec(text) ??
    (given.isStrict ? [] : fromAmerican(text)) ?? [];
  if (!isDay(year, month, day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (zone && given.isStrict) {
    const message = `VALIDATION: ${text} has a time zone, but the column "${given.column.title}" takes none.`;
    throw new ApiError(400, 5536, message);
  }
  return zone ? undefined : dated("ABSTRACT_DATETIME", `${year}-${month}-${day}T${hour}:${minute}:${second}`);
}

function dated(objectType: string, value: string): CellContent {
  return { value, objectValue: { objectType, value } };
}

function textOf({ value, object }: GivenValue, types: readonly string[]): string {
  if (!object) return typeof value === "string" ? value.trim() : "";
  return types.includes(object.objectType) && typeof object.value === "string" ? object.value : "";
}

function fromAmerican(text: string): (string | undefined)[] | undefined {
  const [, month, day, year] = AMERICAN.exec(text) ?? [];
  if (!year) return undefined;
  return [text, year.length === 2 ? `20${year}` : year, month!.padStart(2, "0"), day!.padStart(2, "0")];
}

function isDay(year: string | undefined, month: string | undefined, day: string | undefined): boolean {
  if (!year || !month || !day) return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(day);
}
