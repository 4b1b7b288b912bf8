import type { NewCell, Row } from "../../api/sheet.ts";

/**
 * A row of the answer to a write, as a read would show it: such an answer has lists of contacts and choices, and predecessors,
 * only as text, so what was written is put beside it.
 */
export function answeredRow(answered: Row, written: readonly NewCell[]): Row {
  const objectValues = new Map(written.map(({ columnId, objectValue }) => [columnId, objectValue]));
  const cells = (answered.cells ?? []).map((cell) => {
    const objectValue = cell.objectValue ?? objectValues.get(cell.columnId);
    return objectValue === undefined ? cell : { ...cell, objectValue };
  });
  return { ...answered, cells };
}
