import type { ScannedSheet } from "../../api/sheet.ts";
import type { Mirror, MirroredRow, MirroredSheet } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { READ_QUERY, requireList } from "./read_rows.ts";
import { plural } from "../../text.ts";
import type { SheetInfo } from "../row.ts";
import { later, reconciledToJson } from "../reconciled.ts";
import { rowToJson, type StoredRow, storeRows } from "../stored_row.ts";

/** So much is written at once. */
const MOST_ROWS = 100;
const MOST_CHARACTERS = 4_000_000;
/** How often a sheet is read again because it changed between two pages: rows may have slid over the boundary. */
const TRIES = 3;

/**
 * Reads all of a sheet into the mirror, some rows at a time. It isn't whole before the changes of the callback that asked for it
 * are stored with it. @returns the sheet's revision
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
    const writer = createWriter(mirror, sheetId, now, signal);
    const seen = new Set<string>();
    let modifiedAt: string | undefined;
    let sheet: ScannedSheet;
    try {
      await writer.begin();
      // Whether a deletion moves the version is unknown.
      const see = ({ version, totalRowCount }: ScannedSheet) => void seen.add(`${version} ${totalRowCount}`);
      sheet = await api.sheets.scan(sheetId, { ...READ_QUERY, signal }, async (rows, sheet) => {
        see(sheet);
        const stored = storeRows(rows, sheet.columns);
        for (const row of stored) modifiedAt = later(modifiedAt, row.modifiedAt);
        await writer.add(stored, sheet);
      });
      see(sheet);
      await writer.end(sheet);
    } catch (error) {
      if (error instanceof Moved && tries < TRIES) continue;
      throw error;
    }
    const { version, answeredAt } = sheet;
    const isTorn = seen.size > 1;
    if (isTorn && tries < TRIES) continue;
    const { revision } = writer;
    const { rowCount: count = 0 } = await mirror.sheet(sheetId) ?? {};
    logger.info(`Read sheet {sheetId}: {rows} row${plural(count)}`, { sheetId, rows: count });
    const reconciled = reconciledToJson({
      version: isTorn ? undefined : version,
      rowCount: count,
      since: answeredAt ?? modifiedAt,
      at: now(),
    });
    return { revision, sheet: sheetIn(sheetId, sheet), version, reconciled };
  }
}

/** A handler of another sheet has written rows of the sheet, or another worker reads it as well. */
class Moved extends Error {
  override name = "Moved";
}

/** Writes rows of a sheet that isn't whole yet, many at once. @throws {Moved} */
function createWriter(mirror: Mirror, sheetId: number, now: () => number, signal: AbortSignal) {
  let revision: number | undefined;
  let waiting: MirroredRow[] = [];
  let characters = 0;

  async function write(info: SheetInfo, version: number): Promise<void> {
    signal.throwIfAborted();
    const rows = waiting;
    waiting = [];
    characters = 0;
    const sheet = { id: sheetId, info: infoOf(info), version, readAt: now(), isWhole: false, reconciled: null };
    revision = await mirror.write({ sheet, revision, rows, deleted: [] });
    if (revision === undefined) throw moved(sheetId);
  }

  return {
    get revision() {
      return revision;
    },
    /** Begins with no rows, unless another worker has read all of the sheet. */
    async begin(): Promise<void> {
      revision = await emptySheet(mirror, sheetId, now());
      if (revision === undefined) throw moved(sheetId);
    },
    async add(rows: readonly StoredRow[], sheet: ScannedSheet): Promise<void> {
      for (const row of rows) {
        const json = rowToJson(row);
        waiting.push({ id: row.id, json, readFor: 0 });
        characters += json.length;
      }
      if (waiting.length >= MOST_ROWS || characters >= MOST_CHARACTERS) {
        await write(sheetIn(sheetId, sheet), sheet.version);
      }
    },
    async end(sheet: ScannedSheet): Promise<void> {
      if (waiting.length) await write(sheetIn(sheetId, sheet), sheet.version);
    },
  };
}

function moved(sheetId: number): Moved {
  return new Moved(`Rows of sheet ${sheetId} were written by others while it was read`);
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
    const deleted = (await mirror.rowsAfter(sheetId, 0, MOST_ROWS)).map(({ id }) => id);
    if (!deleted.length) break;
    revision = await mirror.write({ sheet, revision, rows: [], deleted });
  }
  return revision;
}

/** The sheet in an answer. */
function sheetIn(id: number, { name, columns }: ScannedSheet): SheetInfo {
  return { id, name: name ?? "", columns: requireList(id, "columns", columns) };
}

/** What the mirror keeps of a sheet besides its rows. */
export function infoOf({ name, columns }: Pick<SheetInfo, "name" | "columns">): string {
  return JSON.stringify({ name, columns });
}

/** The sheet that `infoOf` made a text of. */
export function sheetOf({ id, info }: Pick<MirroredSheet, "id" | "info">): SheetInfo {
  return { id, ...JSON.parse(info) };
}
