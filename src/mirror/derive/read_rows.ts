import type { Column, Row } from "../../api/sheet.ts";
import { delay } from "../../async/delay.ts";
import { SheethookError } from "../../errors.ts";
import type { ChangesApi } from "../api_port.ts";
import type { SheetInfo } from "../row.ts";
import { type StoredRow, storeRows } from "../stored_row.ts";

/** What every read asks for: typed values, lists as such, and who wrote the rows. */
export const READ_QUERY = {
  include: ["objectValue", "columnType", "writerInfo"],
  exclude: ["nonexistentCells"],
  level: 2,
} as const;

/** A row that was just created may be missing for some seconds. */
const CREATED_WAIT_MS = 5000;
const CREATED_TRIES = 3;

/** Some rows of a sheet, as they are now. */
export interface RowsRead {
  readonly sheet: SheetInfo;
  readonly version: number;
  readonly rows: Map<number, StoredRow>;
}

/**
 * Reads rows. One that is missing is looked for again: one answer that lacks it doesn't mean that it is gone.
 *
 * @param wanted rows that must be looked for again
 * @param created those of them that were just created: they are waited for
 * @param along rows that are read in the same request
 */
export async function readRows(
  api: ChangesApi,
  sheetId: number,
  { wanted, created, along, signal }: {
    readonly wanted: readonly number[];
    readonly created: ReadonlySet<number>;
    readonly along: readonly number[];
    readonly signal: AbortSignal;
  },
): Promise<RowsRead> {
  let last = await readOnce(api, sheetId, [...wanted, ...along], signal);
  const { rows } = last;
  const missing = () => wanted.filter((id) => !rows.has(id));
  for (let tries = 0; missing().length && tries < CREATED_TRIES; tries++) {
    const isAwaited = missing().some((id) => created.has(id));
    if (tries > 0 && !isAwaited) break;
    if (isAwaited) await delay(CREATED_WAIT_MS, signal);
    signal.throwIfAborted();
    last = await readOnce(api, sheetId, missing(), signal);
    for (const [id, row] of last.rows) rows.set(id, row);
  }
  return { ...last, rows };
}

async function readOnce(
  api: ChangesApi,
  sheetId: number,
  rowIds: readonly number[],
  signal: AbortSignal,
): Promise<RowsRead> {
  const { name, columns, version, totalRowCount, ...answer } = await api.sheets.get(sheetId, {
    ...READ_QUERY,
    rowIds,
    signal,
  });
  const rows = answer.rows ?? (totalRowCount === 0 ? [] : undefined);
  const stored = storeRows(requireList<Row>(sheetId, "rows", rows), requireList<Column>(sheetId, "columns", columns));
  return {
    sheet: { id: sheetId, name: name ?? "", columns: columns! },
    version: version ?? 0,
    // What wasn't asked for is no answer.
    rows: new Map(stored.filter(({ id }) => rowIds.includes(id)).map((row) => [row.id, row])),
  };
}

export function requireList<Item>(sheetId: number, name: string, list: unknown): readonly Item[] {
  if (Array.isArray(list)) return list;
  throw new SheethookError(
    "api_unanswered",
    `The answer to GET /sheets/${sheetId} has no ${name}, but should be a sheet`,
  );
}
