import type { Cell, NewCell, Row } from "../../api/sheet.ts";

/**
 * A row of the answer to a write, as a read would show it: such an answer has lists of contacts and choices, and predecessors,
 * only as text, so what was written is put beside it. A cell that it doesn't show is what was written.
 */
export function answeredRow(answered: Row, written: readonly NewCell[]): Row {
  const objectValues = new Map(written.map(({ columnId, objectValue }) => [columnId, objectValue]));
  const cells = (answered.cells ?? []).map((cell): Cell => {
    const objectValue = cell.objectValue ?? objectValues.get(cell.columnId);
    return objectValue === undefined ? cell : { ...cell, objectValue };
  });
  const shown = new Set(cells.map(({ columnId }) => columnId));
  const unshown = written.filter(({ columnId }) => !shown.has(columnId)).map(({ strict: _, ...cell }): Cell => cell);
  return { ...answered, cells: [...cells, ...unshown] };
}
