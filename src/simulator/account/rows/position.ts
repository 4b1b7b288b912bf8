import { invalidAttribute } from "../../api_error.ts";
import { rowById } from "./row_index.ts";
import type { Row, Sheet } from "../sheet.ts";

/** The position of a row, from a request. */
export type Position = { where: "top" | "bottom" } | { where: "above" | "below" | "into"; anchor: Row };

/** Reads a position; undefined without one, which is the bottom for a new row. @throws {ApiError} 1031 for an unknown row */
export function positionOf(given: Readonly<Record<string, unknown>>, sheet: Sheet): Position | undefined {
  const { toTop, toBottom, parentId, siblingId, above } = given;
  const anchorId = siblingId ?? parentId;
  if (anchorId !== undefined && anchorId !== null) {
    const anchor = rowById(sheet, Number(anchorId));
    if (!anchor) throw invalidAttribute(siblingId === undefined ? "row.parentId" : "row.siblingId", anchorId);
    return { where: siblingId === undefined ? "into" : above === true ? "above" : "below", anchor };
  }
  return toTop === true ? { where: "top" } : toBottom === true ? { where: "bottom" } : undefined;
}

/** True for a position next to the row itself or below one of its children, which is impossible. */
export function isUnder(to: Position, row: Row, sheet: Sheet): boolean {
  let above = "anchor" in to ? to.anchor : undefined;
  // Limited, because one request may put two rows below each other.
  for (let steps = sheet.rows.length; above && steps > 0; steps--) {
    if (above === row) return true;
    above = above.parentId === undefined ? undefined : rowById(sheet, above.parentId);
  }
  return false;
}

/** Moves a row to a position. */
export function moveRow(row: Row, to: Position, sheet: Sheet): void {
  const others = sheet.rows.filter((other) => other !== row);
  let index = to.where === "top" ? 0 : others.length;
  row.parentId = undefined;
  if ("anchor" in to) {
    row.parentId = to.where === "into" ? to.anchor.id : to.anchor.parentId;
    index = others.indexOf(to.anchor) + (to.where === "above" ? 0 : 1);
  }
  sheet.rows = others.toSpliced(index, 0, row);
}
