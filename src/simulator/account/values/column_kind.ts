import { ApiError, invalidAttribute } from "../../api_error.ts";
import { type Column, COLUMN_TYPES, type ColumnType, SYSTEM_COLUMN_TYPES, type SystemColumnType } from "../column.ts";
import { SYMBOL_OPTIONS, SYMBOLS } from "./symbols.ts";

/** What makes the kind of a column. */
export type ColumnKind = Pick<Column, "type" | "options" | "contactOptions" | "symbol" | "systemColumnType">;

/** Reads the kind of a column from a request. @throws {ApiError} 1031, 1058, 1059, 1060, 1079, 1089 */
export function parseColumnKind(given: Readonly<Record<string, unknown>>): ColumnKind {
  const systemColumnType = systemColumnTypeOf(given.systemColumnType);
  const { type = systemColumnType ? SYSTEM_COLUMN_TYPES[systemColumnType] : "TEXT_NUMBER", symbol = undefined } = given;
  if (!isColumnType(type)) throw invalidAttribute("column.type", type);
  if (systemColumnType && SYSTEM_COLUMN_TYPES[systemColumnType] !== type) {
    const message = `Column type ${type} is not supported for system column type ${systemColumnType}.`;
    throw new ApiError(400, 1079, message);
  }
  if (type === "DATETIME" && !systemColumnType) {
    throw new ApiError(400, 1089, "The type specified is only used with System Columns.");
  }
  if (symbol !== undefined && !SYMBOLS[type]?.includes(symbol as string)) {
    throw new ApiError(400, 1058, `Column type of ${type} does not support symbol of type ${symbol}.`);
  }
  const options = listOf(given.options, "column.options");
  if (options?.length && symbol !== undefined) {
    throw new ApiError(400, 1059, "Column options are not allowed when a symbol is specified.");
  }
  if (options?.length && !/PICKLIST$/.test(type)) {
    throw new ApiError(400, 1060, `Column options are not allowed for column type ${type}.`);
  }
  return {
    type,
    options: symbol === undefined ? options?.map(String) : SYMBOL_OPTIONS[symbol as string],
    contactOptions: listOf(given.contactOptions, "column.contactOptions"),
    symbol: symbol as string | undefined,
    systemColumnType,
  };
}

function isColumnType(type: unknown): type is ColumnType {
  return COLUMN_TYPES.includes(type as ColumnType);
}

function systemColumnTypeOf(given: unknown): SystemColumnType | undefined {
  if (given === undefined || given === null) return undefined;
  if (Object.hasOwn(SYSTEM_COLUMN_TYPES, String(given))) return given as SystemColumnType;
  throw invalidAttribute("column.systemColumnType", given);
}

function listOf(given: unknown, name: string): unknown[] | undefined {
  if (given === undefined || given === null) return undefined;
  if (!Array.isArray(given)) throw invalidAttribute(name, given);
  return given;
}
