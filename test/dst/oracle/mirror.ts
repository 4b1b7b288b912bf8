import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { ShownSheet } from "../smartsheet.ts";

/** After a last comparison the mirror holds what the sheets hold. */
export async function checkMirror(inbox: Inbox, sheets: readonly ShownSheet[]): Promise<string[]> {
  const violations: string[] = [];
  for (const { id: sheet, rows } of sheets) {
    const stored = await inbox.mirror.rowsAfter(sheet, 0, 100_000);
    const mirrored = new Map(stored.map(({ id, json }) => {
      const { cells, rowNumber } = JSON.parse(json) as { cells: [number, unknown][]; rowNumber?: number };
      const filled = cells.map(([columnId, value]) => [columnId, value]).filter(([, value]) => value !== null);
      return [id, JSON.stringify([rowNumber, filled])];
    }));
    const shown = new Map(rows.map(({ id, rowNumber, cells }) => {
      const filled = cells.filter(({ value }) => value !== undefined && value !== null);
      const sorted = filled.map(({ columnId, value }) => [columnId, value] as const).sort(([a], [b]) => a - b);
      return [id, JSON.stringify([rowNumber, sorted])];
    }));
    for (const [id, json] of shown) {
      if (mirrored.get(id) === json) continue;
      violations.push(`Row ${id} of sheet ${sheet} is ${json}, but in the mirror ${mirrored.get(id)}`);
    }
    for (const id of mirrored.keys()) {
      if (!shown.has(id)) violations.push(`Row ${id} of sheet ${sheet} is in the mirror alone`);
    }
  }
  return violations;
}
