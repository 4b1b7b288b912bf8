import type { Mirror, MirroredRow, MirroredSheet } from "./mirror.ts";

/** Rows may be large. */
const PAGE = 100;
/** Of a row that was read for a callback of another inbox: callbacks have other numbers here. */
const READ_FOR_NONE = -1;

/** What was copied in one step. */
export interface MirrorPage {
  /** How many rows. */
  readonly rows: number;
  /** Whether these were the last ones of a sheet. */
  readonly isSheetCopied: boolean;
}

/**
 * Copies sheets from one mirror to another, page by page. One that was read later there, or that somebody else writes there
 * meanwhile, stays as it is. A sheet of which only a part was copied isn't whole there: a repetition copies it again.
 */
export async function* copyMirror(
  source: Pick<Mirror, "rowsAfter">,
  target: Pick<Mirror, "sheet" | "write" | "drop">,
  sheets: readonly MirroredSheet[],
): AsyncGenerator<MirrorPage, undefined> {
  for (const { revision: _, rowCount: __, ...sheet } of sheets) {
    const there = await target.sheet(sheet.id);
    if (there?.isWhole && there.readAt >= sheet.readAt) continue;
    await target.drop(sheet.id);
    let revision: number | undefined;
    let after = 0;
    for (let isSheetCopied = false; !isSheetCopied;) {
      const rows = await source.rowsAfter(sheet.id, after, PAGE);
      isSheetCopied = rows.length < PAGE;
      const written = { ...sheet, isWhole: isSheetCopied };
      revision = await target.write({ sheet: written, revision, rows: rows.map(adopted), deleted: [] });
      if (revision === undefined) break;
      after = rows.at(-1)?.id ?? after;
      yield { rows: rows.length, isSheetCopied };
    }
  }
  return undefined;
}

function adopted(row: MirroredRow): MirroredRow {
  return row.readFor > 0 ? { ...row, readFor: READ_FOR_NONE } : row;
}
