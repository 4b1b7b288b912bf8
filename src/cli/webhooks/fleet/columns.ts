import type { Api, CallOptions } from "../../../api/api.ts";
import { SheethookError } from "../../../errors.ts";
import { columnIdOf } from "../../../mirror/columns.ts";
import type { DeclaredSheet } from "./fleet.ts";

/** Finds the ids of a sheet's columns; needs no request if all of them are given by id. @throws {SheethookError} */
export async function findColumnIds(
  api: Api,
  { sheetId, columns }: DeclaredSheet,
  call: CallOptions,
): Promise<readonly number[]> {
  if (columns.every((column) => typeof column === "number")) return columns;
  const found = await api.sheets.columns(sheetId, call);
  const ids = new Set(columns.map((column) => columnIdOf(found, column)));
  return [...ids];
}

/** Whether an error is about one sheet alone, so that the others go on. */
export function isAboutOneSheet(error: unknown): error is SheethookError {
  return error instanceof SheethookError && (error as { status?: number }).status !== 401;
}
