import type { Column, Row, Sheet } from "../../api/sheet.ts";
import type { ChangesApi } from "../api_port.ts";
import { READ_QUERY, requireList } from "../derive/read_rows.ts";
import type { SheetInfo } from "../row.ts";
import { type StoredRow, storeRows } from "../stored_row.ts";
import { type Different, sinceWithMargin } from "./find_different.ts";
import type { PartWriter } from "./part_writer.ts";
import type { Sweep } from "./sweep.ts";

/** Ids that fit into one request, where its URL is the limit. */
const IDS_IN_REQUEST = 400;
/** Ids that are looked for in one call, and most likely gone. */
const MOST_MISSING = 4000;
/** More cells in one answer would hold the memory and the event loop for too long; those of a scan come some at a time. */
const MOST_CELLS = 50_000;
/** Of a scan: pages come first, and the filter second. */
const PAGE_SIZE = 10_000;
/** Rows that are stored at once. */
const CHUNK = 100;

/**
 * Reads rows that may differ, compares them, and confirms what is missing.
 *
 * @returns whether nothing is left to be read, and the sheet as it was then
 */
export async function readDifferent(
  { api, sheetId, sweep, different, since, left }: {
    readonly api: ChangesApi;
    readonly sheetId: number;
    readonly sweep: Sweep;
    readonly different: Different;
    readonly since: string | undefined;
    /** Rows that callbacks in the lane will tell of. */
    readonly left: ReadonlySet<number>;
  },
  writer: PartWriter,
  signal: AbortSignal,
): Promise<{ readonly isComplete: boolean; readonly sheet: SheetInfo }> {
  let { sheet } = sweep;
  const toRead = new Set(different.toRead);
  const most = Math.max(Math.floor(MOST_CELLS / sheet.columns.length), 1);
  const pages = Math.ceil(sweep.rowCount / PAGE_SIZE);
  let isComplete = true;

  /** Rows, and the columns that came with them: one that is newer than the sweep may hold values, which are changes. */
  function rowsOf({ name, columns, rows }: Partial<Sheet>): StoredRow[] {
    sheet = { id: sheetId, name: name ?? "", columns: requireList<Column>(sheetId, "columns", columns) };
    return storeRows(requireList<Row>(sheetId, "rows", rows), sheet.columns);
  }

  async function readByTime(): Promise<void> {
    const rowsModifiedSince = sinceWithMargin(since);
    const query = { ...READ_QUERY, rowsModifiedSince, pageSize: PAGE_SIZE, priority: "low", signal } as const;
    let waiting: StoredRow[] = [];
    const compare = async () => {
      const rows = waiting;
      waiting = [];
      await writer.compare(rows, sheet);
    };
    // Without the time of each row, a row that slid over the boundary can't be known.
    const see = ({ version }: { readonly version: number }) => {
      if (version !== sweep.version && !different.isDated) isComplete = false;
    };
    see(
      await api.sheets.scan(sheetId, query, async (rows, page) => {
        see(page);
        for (const row of rowsOf({ ...page, rows })) {
          toRead.delete(row.id);
          if (!left.has(row.id)) waiting.push(row);
        }
        if (waiting.length >= CHUNK) await compare();
      }),
    );
    await compare();
  }

  async function readByIds(
    ids: readonly number[],
    atOnce: number,
    onAbsent: (ids: readonly number[]) => void | Promise<void>,
  ): Promise<void> {
    for (let index = 0; index < ids.length; index += atOnce) {
      const rowIds = ids.slice(index, index + atOnce);
      const answer = await api.sheets.get(sheetId, { ...READ_QUERY, rowIds, priority: "low", signal });
      const wanted = new Set(rowIds);
      const rows = rowsOf(answer).filter(({ id }) => wanted.delete(id));
      await writer.compare(rows, sheet);
      await onAbsent([...wanted]);
    }
  }

  if (toRead.size > IDS_IN_REQUEST * pages || !different.isDated) await readByTime();
  // A row that has gone since is left to the next comparison.
  await readByIds([...toRead], most, (absent) => void (isComplete &&= !absent.length));
  // Apart: one that is missing may make Smartsheet refuse all.
  await readByIds(different.missing, MOST_MISSING, async (absent) => {
    if (sweep.isTorn) isComplete = false;
    else await writer.delete(absent, sheet);
  });
  return { isComplete, sheet };
}
