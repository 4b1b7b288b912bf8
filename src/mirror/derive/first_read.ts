import type { Mirror, MirroredSheet } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { READ_QUERY, requireList } from "./read_rows.ts";
import type { SheetInfo } from "../row.ts";
import { later, reconciledToJson } from "../reconciled.ts";
import { rowToJson, storeRows } from "../stored_row.ts";

const PAGE_SIZE = 2000;
const CHUNK = 500;
/** How often a sheet is read again because it changed between two pages: rows may have slid over the boundary. */
const TRIES = 3;

/**
 * Reads all of a sheet into the mirror, page by page. It isn't whole before the changes of the callback that asked for it are
 * stored with it. @returns the sheet's revision
 */
export async function readWhole(
  { api, mirror, logger, now }: {
    readonly api: ChangesApi;
    readonly mirror: Mirror;
    readonly logger: Logger;
    readonly now: () => number;
  },
  sheetId: number,
  signal: AbortSignal,
): Promise<{
  readonly revision: number | undefined;
  readonly sheet: SheetInfo;
  readonly version: number;
  /** See {@linkcode MirroredSheet.reconciled}. */
  readonly reconciled: string;
}> {
  logger.info("Reading sheet {sheetId} for the first time", { sheetId });
  for (let tries = 1;; tries++) {
    let revision = await emptySheet(mirror, sheetId, now());
    let isMoved = revision === undefined;
    const seen = new Set<string>();
    let count = 0;
    let sheet: SheetInfo | undefined;
    let version = 0;
    let answeredAt: string | undefined;
    let modifiedAt: string | undefined;
    for await (const page of api.sheets.pages(sheetId, { ...READ_QUERY, pageSize: PAGE_SIZE, signal })) {
      if (isMoved) break;
      sheet = { id: sheetId, name: page.name ?? "", columns: requireList(sheetId, "columns", page.columns) };
      version = page.version ?? 0;
      answeredAt ??= page.answeredAt;
      // Whether a deletion moves the version is unknown.
      seen.add(`${version} ${page.totalRowCount}`);
      const rows = storeRows(requireList(sheetId, "rows", page.rows), sheet.columns);
      const written = { id: sheetId, info: infoOf(sheet), version, readAt: now(), isWhole: false, reconciled: null };
      for (const row of rows) modifiedAt = later(modifiedAt, row.modifiedAt);
      for (let index = 0; index < rows.length; index += CHUNK) {
        const chunk = rows.slice(index, index + CHUNK).map((row) => ({
          id: row.id,
          json: rowToJson(row),
          readFor: 0,
        }));
        signal.throwIfAborted();
        const next = await mirror.write({ sheet: written, revision, rows: chunk, deleted: [] });
        isMoved = next === undefined;
        if (isMoved) break;
        revision = next;
      }
      count += rows.length;
    }
    const isTorn = seen.size > 1;
    if ((isTorn || isMoved) && tries < TRIES) continue;
    // A handler of another sheet writes its rows, or another worker reads it as well.
    if (isMoved) throw new Error(`Rows of sheet ${sheetId} were written by others while it was read`);
    logger.info("Read sheet {sheetId}: {rows} rows", { sheetId, rows: count });
    const reconciled = reconciledToJson({
      version: isTorn ? undefined : version,
      rowCount: count,
      since: answeredAt ?? modifiedAt,
      at: now(),
    });
    return { revision, sheet: sheet!, version, reconciled };
  }
}

/**
 * Begins with no rows. From then on, whoever else writes the sheet moves its revision: a handler of another sheet, whose write
 * isn't in what was read before it; or another worker that reads it.
 *
 * @returns the revision; undefined if it was moved, or if another worker has read all of the sheet
 */
async function emptySheet(mirror: Mirror, sheetId: number, readAt: number): Promise<number | undefined> {
  const known = await mirror.sheet(sheetId);
  if (known?.isWhole) return undefined;
  const info = known?.info ?? infoOf({ name: "", columns: [] });
  const sheet = { id: sheetId, info, version: 0, readAt, isWhole: false, reconciled: null };
  let revision = await mirror.write({ sheet, revision: known?.revision, rows: [], deleted: [] });
  while (revision !== undefined) {
    const deleted = (await mirror.rowsAfter(sheetId, 0, CHUNK)).map(({ id }) => id);
    if (!deleted.length) break;
    revision = await mirror.write({ sheet, revision, rows: [], deleted });
  }
  return revision;
}

/** What the mirror keeps of a sheet besides its rows. */
export function infoOf({ name, columns }: Pick<SheetInfo, "name" | "columns">): string {
  return JSON.stringify({ name, columns });
}

/** The sheet that `infoOf` made a text of. */
export function sheetOf({ id, info }: Pick<MirroredSheet, "id" | "info">): SheetInfo {
  return { id, ...JSON.parse(info) };
}
