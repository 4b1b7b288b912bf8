import { smartsheetId } from "./setting.ts";

/** One of several ids given as arguments, each once. */
export function collectIds(value: string, before: readonly number[] = []): number[] {
  return [...new Set([...before, smartsheetId(value)])];
}
