import { invalidAttribute } from "../api_error.ts";
import type { Row, Sheet } from "./sheet.ts";

/** Where a row goes, as a request says it. */
export type Place = { where: "top" | "bottom" } | { where: "above" | "below" | "into"; anchor: Row };

/** Undefined if it doesn't say, which is the bottom for a new row. @throws {ApiError} 1031 for a row that isn't there */
export function placeOf(given: Readonly<Record<string, unknown>>, sheet: Sheet): Place | undefined {
  const { toTop, toBottom, parentId, siblingId, above } = given;
  const anchorId = siblingId ?? parentId;
  if (anchorId !== undefined && anchorId !== null) {
    const anchor = sheet.rows.find(({ id }) => id === Number(anchorId));
    if (!anchor) throw invalidAttribute(siblingId === undefined ? "row.parentId" : "row.siblingId", anchorId);
    return { where: siblingId === undefined ? "into" : above === true ? "above" : "below", anchor };
  }
  return toTop === true ? { where: "top" } : toBottom === true ? { where: "bottom" } : undefined;
}

/** True for a place at the row itself, or below one of its children: no row can go there. */
export function isUnder(to: Place, row: Row, byId: ReadonlyMap<number, Row>): boolean {
  let above = "anchor" in to ? to.anchor : undefined;
  // Two rows of one request may have been put below each other: no end of that.
  for (let steps = byId.size; above && steps > 0; steps--) {
    if (above === row) return true;
    above = above.parentId === undefined ? undefined : byId.get(above.parentId);
  }
  return false;
}

/** Puts a row there, from wherever it was. */
export function place(row: Row, to: Place, sheet: Sheet): void {
  const others = sheet.rows.filter((other) => other !== row);
  let index = to.where === "top" ? 0 : others.length;
  row.parentId = undefined;
  if ("anchor" in to) {
    row.parentId = to.where === "into" ? to.anchor.id : to.anchor.parentId;
    index = others.indexOf(to.anchor) + (to.where === "above" ? 0 : 1);
  }
  sheet.rows = others.toSpliced(index, 0, row);
}
