import { requireList } from "../derive/read_rows.ts";
import { READ_QUERY } from "../derive/read_rows.ts";
import type { ChangesApi } from "../api_port.ts";
import type { SheetInfo } from "../row.ts";
import { type StoredRow, storeRows } from "../stored_row.ts";
import type { Column, Row } from "../../api/sheet.ts";

/** All rows of a sheet, with the cell of the primary column alone. */
export interface Sweep {
  readonly sheet: SheetInfo;
  readonly version: number;
  /** When it began, by Smartsheet's clock, ISO 8601; undefined if it doesn't tell. */
  readonly answeredAt: string | undefined;
  readonly rows: ReadonlyMap<number, StoredRow>;
  readonly rowCount: number;
  /** Whether the sheet changed between two pages: a row may have slid over the boundary, and be missing here. */
  readonly isTorn: boolean;
}

/** What one small request tells of a sheet. */
export interface Probe {
  readonly sheet: SheetInfo;
  readonly version: number;
  readonly answeredAt: string | undefined;
  /** How many rows there are; undefined if Smartsheet doesn't tell. */
  readonly rowCount: number | undefined;
}

const PAGE_SIZE = 10_000;

/** Asks for the version, the number of rows and the columns of a sheet: one request. */
export async function probeSheet(
  api: Pick<ChangesApi, "sheets">,
  sheetId: number,
  signal?: AbortSignal,
): Promise<Probe> {
  const query = { ...READ_QUERY, page: 1, pageSize: 1, priority: "low", signal } as const;
  const { name, columns, version, totalRowCount, answeredAt } = await api.sheets.get(sheetId, query);
  const list = requireList<Column>(sheetId, "columns", columns);
  return {
    sheet: { id: sheetId, name: name ?? "", columns: list },
    version: version ?? 0,
    answeredAt,
    rowCount: totalRowCount,
  };
}

/** Reads the ids of all rows, when each was changed, and its primary cell. */
export async function sweepSheet(
  api: ChangesApi,
  { sheet, version: probed }: Probe,
  signal: AbortSignal,
): Promise<Sweep> {
  const columnIds = sheet.columns.filter(({ primary }) => primary).map(({ id }) => id);
  const query = { ...READ_QUERY, columnIds, pageSize: PAGE_SIZE, priority: "low", signal } as const;
  const rows = new Map<number, StoredRow>();
  const seen = new Set<string>();
  // Columns are known as of the probe.
  let version = probed;
  let answeredAt: string | undefined;
  let rowCount: number | undefined;
  for await (const page of api.sheets.pages(sheet.id, query)) {
    version = Math.min(version, page.version ?? 0);
    answeredAt ??= page.answeredAt;
    rowCount = page.totalRowCount;
    seen.add(`${page.version} ${rowCount}`);
    for (const row of storeRows(requireList<Row>(sheet.id, "rows", page.rows), sheet.columns)) rows.set(row.id, row);
  }
  const isTorn = seen.size > 1 || (rowCount !== undefined && rowCount !== rows.size);
  return { sheet, version, answeredAt, rows, rowCount: rows.size, isTorn };
}
