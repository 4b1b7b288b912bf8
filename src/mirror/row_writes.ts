import type { Column, NewCell, Row as ApiRow } from "../api/sheet.ts";
import { SheethookError } from "../errors.ts";
import type { Mirror } from "../inbox/mirror.ts";
import { answeredRow } from "./values/answered_row.ts";
import type { ChangesApi } from "./api_port.ts";
import { columnOf } from "./columns.ts";
import { sheetOf } from "./derive/first_read.ts";
import { READ_QUERY } from "./derive/read_rows.ts";
import { EXACT, writtenRow } from "./derive/next_state.ts";
import { mirroredRows } from "./mirrored_rows.ts";
import type { SheetInfo } from "./row.ts";
import { rowFromJson, rowToJson, type StoredRow, storeRows } from "./stored_row.ts";
import type { RowIdOf } from "./values/predecessor.ts";
import { type NewValue, writeCell } from "./values/write_cell.ts";

/** Cells to write, by column title or, where two columns have one title, by column id. */
export type NewCells = Readonly<Record<string, NewValue>>;

/** Writes rows because of an event. */
export interface RowWrites {
  updateRow(row: RowRef, cells: NewCells): Promise<void>;
  addRows(sheetId: number, rows: readonly NewCells[]): Promise<readonly number[]>;
  deleteRows(sheetId: number, rowIds: readonly number[]): Promise<void>;
}

/** A row, by its id and that of its sheet. */
export interface RowRef {
  /** The row's id. */
  readonly id: number;
  /** The sheet's id. */
  readonly sheetId: number;
}

/** What a write needs of the call that it is made in. */
export interface WriteContext {
  readonly changeAgent: string;
  readonly signal: AbortSignal;
  /** Throws, or rejects, if the lease is lost. */
  readonly confirm: () => void | Promise<void>;
  /** The sheet of the change that is handled. */
  readonly sheet: SheetInfo | undefined;
}

/** In one request: rows in its body, ids in its URL. */
const MOST_ROWS = 500;
const MOST_IDS = 400;
const TRIES = 5;

/** Makes the writes of one call. */
export type RowWritesOf = (context: WriteContext) => RowWrites;

/** Refuses every write: there is no API client. */
export const NO_WRITES: RowWrites = { updateRow: refuse, addRows: refuse, deleteRows: refuse };

function refuse(): Promise<never> {
  return Promise.reject(
    new SheethookError(
      "option_invalid",
      'Rows can\'t be written without api: give createReceiver({ api: createApi({ token }) }), from "sheethook/api"',
      { option: "api" },
    ),
  );
}

/**
 * Writes by column title, with the change agent. What was written is in the mirror when a write resolves, so that neither its echo
 * nor a comparison finds a change.
 */
export function createRowWrites(
  { api, mirror, isTold }: {
    readonly api: ChangesApi;
    readonly mirror: Mirror | undefined;
    /** Whether handlers get own changes: then the mirror isn't ahead of their events. */
    readonly isTold: boolean;
  },
): RowWritesOf {
  async function columnsOf(sheetId: number, { sheet, signal }: WriteContext): Promise<readonly Column[]> {
    if (sheet?.id === sheetId) return sheet.columns;
    const mirrored = await mirror?.sheet(sheetId);
    return mirrored ? sheetOf(mirrored).columns : await api.sheets.columns(sheetId, { signal });
  }

  /** A column may have been renamed, or added, since the sheet was read. */
  async function toCells(
    sheetId: number,
    context: WriteContext,
    rows: readonly NewCells[],
  ): Promise<{ readonly columns: readonly Column[]; readonly cells: readonly NewCell[][] }> {
    const use = async (columns: readonly Column[]) => {
      const needsNumbers = rows.some((row) => namesRows(columns, row));
      const rowIdOf = needsNumbers ? await rowNumbers(sheetId, columns, context) : undefined;
      return { columns, cells: rows.map((row) => newCells(columns, row, rowIdOf)) };
    };
    try {
      return await use(await columnsOf(sheetId, context));
    } catch (error) {
      if (!(error instanceof SheethookError) || error.code !== "column_unknown") throw error;
      return await use(await api.sheets.columns(sheetId, { signal: context.signal }));
    }
  }

  /** Row numbers change with each row that is added above: the mirror's may be old. */
  async function rowNumbers(sheetId: number, columns: readonly Column[], { signal }: WriteContext): Promise<RowIdOf> {
    const ids = new Map<number, number>();
    const columnIds = columns.filter(({ primary }) => primary).map(({ id }) => id);
    await api.sheets.scan(sheetId, { ...READ_QUERY, columnIds, signal }, async (rows) => {
      for (const { id, rowNumber } of rows) if (rowNumber !== undefined) ids.set(rowNumber, id);
    });
    return (rowNumber) => ids.get(rowNumber);
  }

  /** Puts rows into the mirror, if it has their sheet. @param merge makes the new state of a row of the known one */
  async function mirrorRows(
    sheetId: number,
    ids: readonly number[],
    merge: (id: number, known: StoredRow | undefined) => StoredRow | undefined,
  ): Promise<void> {
    if (!mirror || isTold) return;
    for (let tries = 0; tries < TRIES; tries++) {
      const sheet = await mirror.sheet(sheetId);
      // While it is read for the first time, this makes who reads it read it again.
      if (!sheet) return;
      const { revision, rowCount: _, ...state } = sheet;
      const known = await mirroredRows(mirror, sheetId, ids);
      const rows = ids.flatMap((id) => {
        const before = known.get(id);
        const row = merge(id, before && rowFromJson(before.json));
        return row ? [{ id, json: rowToJson(row), readFor: before?.readFor ?? EXACT }] : [];
      });
      const deleted = ids.filter((id) => known.has(id) && !rows.some((row) => row.id === id));
      if (await mirror.write({ sheet: state, revision, rows, deleted }) !== undefined) return;
    }
  }

  return (context) => {
    const { changeAgent, signal, confirm } = context;
    const options = { changeAgent, signal };

    return {
      async updateRow({ id, sheetId }, given) {
        const { columns, cells: [cells = []] } = await toCells(sheetId, context, [given]);
        if (!cells.length) return;
        await confirm();
        const [answered] = await api.rows.update(sheetId, [{ id, cells }], options);
        if (!answered) return;
        const written = stored(answered, cells, columns);
        await mirrorRows(
          sheetId,
          [id],
          (_, known) => known && writtenRow(known, written, cells.map(({ columnId }) => columnId)),
        );
      },

      async addRows(sheetId, given) {
        if (!given.length) return [];
        const { columns, cells: all } = await toCells(sheetId, context, given);
        const ids: number[] = [];
        for (const cells of chunksOf(all, MOST_ROWS)) {
          await confirm();
          const added = await api.rows.add(sheetId, cells.map((cells) => ({ cells, toBottom: true })), options);
          const rows = new Map(added.map((row, index) => {
            const written = stored(row, cells[index] ?? [], columns);
            return [row.id, writtenRow({ ...written, cells: new Map() }, written, [...written.cells.keys()])];
          }));
          await mirrorRows(sheetId, [...rows.keys()], (id, known) => known ?? rows.get(id));
          ids.push(...rows.keys());
        }
        return ids;
      },

      async deleteRows(sheetId, rowIds) {
        for (const ids of chunksOf(rowIds, MOST_IDS)) {
          await confirm();
          const deleted = await api.rows.delete(sheetId, ids, options);
          if (deleted.length) await mirrorRows(sheetId, deleted, () => undefined);
        }
      },
    };
  };
}

function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

function newCells(columns: readonly Column[], cells: NewCells, rowIdOf: RowIdOf | undefined): NewCell[] {
  return Object.entries(cells).map(([title, value]) => writeCell(columnNamed(columns, title), value, rowIdOf));
}

function columnNamed(columns: readonly Column[], title: string): Column {
  if (columns.some((column) => column.title === title)) return columnOf(columns, title);
  return columns.find(({ id }) => String(id) === title) ?? columnOf(columns, title);
}

/** True for predecessors that are given as text, with row numbers. */
function namesRows(columns: readonly Column[], cells: NewCells): boolean {
  return Object.entries(cells).some(([title, value]) => {
    return typeof value === "string" && value !== "" && columnNamed(columns, title).type === "PREDECESSOR";
  });
}

function stored(answered: ApiRow, written: readonly NewCell[], columns: readonly Column[]): StoredRow {
  const [row] = storeRows([answeredRow(answered, written)], columns);
  return row!;
}
