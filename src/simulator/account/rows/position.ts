import { invalidAttribute } from "../../api_error.ts";
import { rowById } from "./row_index.ts";
import type { Row, Sheet } from "../sheet.ts";

/** The position of a row, from a request: in the sheet, next to another row, or as its first or last child. */
export type Position =
  | { readonly where: "top" | "bottom" }
  | { readonly where: "above" | "below" | "first" | "last"; readonly anchor: Row };

/** Reads a position; undefined without one, which is the bottom for a new row. @throws {ApiError} 1031 for an unknown row */
export function positionOf(given: Readonly<Record<string, unknown>>, sheet: Sheet): Position | undefined {
  const { toTop, toBottom, parentId, siblingId, above } = given;
  const anchorId = siblingId ?? parentId ?? undefined;
  if (anchorId !== undefined) {
    const isSibling = siblingId !== undefined && siblingId !== null;
    const anchor = rowById(sheet, Number(anchorId));
    if (!anchor) throw invalidAttribute(isSibling ? "row.siblingId" : "row.parentId", anchorId);
    if (isSibling) return { where: above === true ? "above" : "below", anchor };
    return { where: toBottom === true ? "last" : "first", anchor };
  }
  return toTop === true ? { where: "top" } : toBottom === true ? { where: "bottom" } : undefined;
}

/** True for a position next to the row itself or to one of its children, which is impossible. */
export function isUnder(to: Position, row: Row, sheet: Sheet): boolean {
  let above = "anchor" in to ? to.anchor : undefined;
  while (above && above !== row) above = above.parentId === undefined ? undefined : rowById(sheet, above.parentId);
  return above === row;
}

/** Moves a row to a position, with its children. */
export function moveRow(row: Row, to: Position, sheet: Sheet): void {
  const moved = sheet.rows.includes(row) ? withChildren(row, sheet.rows) : [row];
  const isMoved = new Set(moved);
  const others = sheet.rows.filter((other) => !isMoved.has(other));
  row.parentId = parentIdAt(to);
  const index = indexAt(to, others);
  sheet.rows = [...others.slice(0, index), ...moved, ...others.slice(index)];
}

function parentIdAt(to: Position): number | undefined {
  if (!("anchor" in to)) return undefined;
  return to.where === "first" || to.where === "last" ? to.anchor.id : to.anchor.parentId;
}

function indexAt(to: Position, rows: readonly Row[]): number {
  if (!("anchor" in to)) return to.where === "top" ? 0 : rows.length;
  const index = rows.indexOf(to.anchor);
  if (to.where === "above") return index;
  return index + (to.where === "first" ? 1 : withChildren(to.anchor, rows).length);
}

/** A row and all rows below it in the hierarchy, which follow it. */
function withChildren(row: Row, rows: readonly Row[]): readonly Row[] {
  const start = rows.indexOf(row);
  const ids = new Set([row.id]);
  let end = start + 1;
  for (let next = rows[end]; next && ids.has(next.parentId!); next = rows[++end]) ids.add(next.id);
  return rows.slice(start, end);
}
