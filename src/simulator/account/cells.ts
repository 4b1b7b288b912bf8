import type { Assumptions } from "../assumptions.ts";
import type { Actor, Change } from "../event.ts";
import { type CellContent, type CellVersion, EMPTY, type Row } from "./sheet.ts";
import type { CellInput } from "./values/parse_cells.ts";

/** True if a cell has the same formula before and after: only its result may change. */
export function isResult(row: Row, { columnId, formula }: CellInput): boolean {
  return formula !== undefined && row.cells.get(columnId)?.formula === formula;
}

/**
 * Writes cells into a row, and returns their changes: none for an unchanged value, and none for a formula, because
 * results of formulas fire no events.
 */
export function writeCells(
  row: Row,
  cells: readonly CellInput[],
  isNewRow: boolean,
  { userId }: Actor,
  at: number,
  { newRowCells, clearedCell }: Assumptions,
): Change[] {
  return cells.flatMap(({ columnId, content, formula }) => {
    const before = row.cells.get(columnId);
    if (isSame(before, content, formula)) return [];
    row.cells.set(columnId, { ...content, formula, modifiedAt: at, userId, before });
    if (formula !== undefined) return [];
    const change = (eventType: string) => ({ objectType: "cell", eventType, rowId: row.id, columnId });
    if (isNewRow) return newRowCells === "none" ? [] : [change(newRowCells)];
    if (content.value === undefined) return [change(clearedCell)];
    return [change(before?.value === undefined && before?.formula === undefined ? "created" : "updated")];
  });
}

function isSame(before: CellVersion | undefined, content: CellContent, formula: string | undefined): boolean {
  if (before?.formula !== formula) return false;
  // A formula that is written again keeps its result.
  if (formula !== undefined && content.value === undefined) return true;
  const rest = ({ displayValue, objectValue, hyperlink }: CellContent) =>
    JSON.stringify([displayValue, objectValue, hyperlink]);
  return before?.value === content.value && rest(before ?? EMPTY) === rest(content);
}
