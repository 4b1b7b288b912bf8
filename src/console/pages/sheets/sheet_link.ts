import { printable } from "../../../text.ts";
import type { KnownSheets } from "./known_sheets.ts";
import { type Markup, markup } from "../markup.ts";

/** Links to the callbacks of a sheet, by its name where that is known; its id is in the title then. */
export function sheetLink(id: number, sheets: KnownSheets): Markup {
  // The lane of a target, of which nothing but its callbacks tells the sheet.
  if (id < 0) return markup`the lane of a target`;
  const path = `/console/callbacks?sheet=${id}`;
  const name = sheetName(id, sheets);
  return name
    ? markup`<a href="${path}" title="Sheet ${id}">${name}</a>`
    : markup`<a class="id" href="${path}">${id}</a>`;
}

/** A sheet's name; undefined if none is known. */
export function sheetName(id: number, sheets: KnownSheets): string | undefined {
  return printable(sheets.get(id)?.name ?? "") || undefined;
}
