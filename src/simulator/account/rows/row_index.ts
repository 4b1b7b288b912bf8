import type { Row, Sheet } from "../sheet.ts";

/** Where a row stands. */
export interface RowPlace {
  readonly row: Row;
  readonly rowNumber: number;
  /** The row above it, with the same parent. */
  readonly siblingId: number | undefined;
}

/** The rows of a sheet, by their ids. */
export interface RowIndex {
  readonly places: ReadonlyMap<number, RowPlace>;
  /** When all rows can be read, in milliseconds since 1970. */
  readonly visibleFrom: number;
}

const indexes = new WeakMap<readonly Row[], RowIndex>();

/** Indexes the rows once per change: a page of a large sheet is read without looking at the other rows. */
export function indexOf({ rows }: Pick<Sheet, "rows">): RowIndex {
  const known = indexes.get(rows);
  if (known) return known;
  const places = new Map<number, RowPlace>();
  const lastOf = new Map<number | undefined, number>();
  let visibleFrom = -Infinity;
  for (const [index, row] of rows.entries()) {
    places.set(row.id, { row, rowNumber: index + 1, siblingId: lastOf.get(row.parentId) });
    lastOf.set(row.parentId, row.id);
    visibleFrom = Math.max(visibleFrom, row.visibleFrom);
  }
  const made = { places, visibleFrom };
  indexes.set(rows, made);
  return made;
}

/** The row of this id. */
export function rowById(sheet: Pick<Sheet, "rows">, id: number): Row | undefined {
  return indexOf(sheet).places.get(id)?.row;
}

/** The rows that reads show; the fault `late-row` hides new ones. */
export function visibleRows(sheet: Sheet, at: number): readonly Row[] {
  return indexOf(sheet).visibleFrom <= at ? sheet.rows : sheet.rows.filter(({ visibleFrom }) => visibleFrom <= at);
}
