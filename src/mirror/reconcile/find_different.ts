import { delay } from "../../async/delay.ts";
import type { Mirror, MirroredRow } from "../../inbox/mirror.ts";
import { EXACT } from "../derive/next_state.ts";
import { rowFromJson, type StoredRow, withoutUndefined } from "../stored_row.ts";
import { isSameValue } from "../values/value.ts";
import type { PartWriter } from "./part_writer.ts";
import type { Sweep } from "./sweep.ts";

/** What may differ between a sheet and its mirror. */
export interface Different {
  /** Rows that are to be read. */
  readonly toRead: ReadonlySet<number>;
  /** Rows of the mirror that the sweep lacks. */
  readonly missing: readonly number[];
  /** Whether the sweep tells of each row when it was changed. */
  readonly isDated: boolean;
  /** Whether rows were left to callbacks that wait. */
  readonly hasLeft: boolean;
}

const PAGE = 200;
/** The clocks of Smartsheet's machines may differ by so much. */
const MARGIN_MS = 5000;
/** A row that was added so short a time ago may be missing in answers. */
const NEW_MS = 20_000;
/** A row that was read, and changed again in the same second, has the same time. */
const SAME_MS = 1000;

/** The time from which on rows count as changed, with a margin, ISO 8601 in whole seconds; undefined for all rows. */
export function sinceWithMargin(since: string | undefined): string | undefined {
  const time = since === undefined ? NaN : Date.parse(since);
  return Number.isNaN(time) ? undefined : new Date(time - MARGIN_MS).toISOString().replace(/\.\d+/, "");
}

/**
 * Finds rows that may differ: those that are new, that were changed since, or another time than the mirror knows, or whose
 * primary cell differs (a row that was emptied shows in no list of changed rows). Rows that only moved are stored at once.
 *
 * @param left rows that callbacks in the lane will tell of
 */
export async function findDifferent(
  { mirror, sheetId, sweep, left, since }: {
    readonly mirror: Mirror;
    readonly sheetId: number;
    readonly sweep: Sweep;
    readonly left: ReadonlySet<number>;
    readonly since: string | undefined;
  },
  writer: PartWriter,
): Promise<Different> {
  const { sheet, rows, answeredAt = "" } = sweep;
  const primary = sheet.columns.find(({ primary }) => primary)?.id ?? NaN;
  const from = since === undefined ? -Infinity : Date.parse(since) - SAME_MS;
  const toRead = new Set(rows.keys());
  const missing: number[] = [];
  let isDated = true;
  let hasLeft = false;

  const isDifferent = (known: StoredRow, { modifiedAt, cells }: StoredRow) =>
    (modifiedAt !== undefined && (modifiedAt !== known.modifiedAt || Date.parse(modifiedAt) >= from)) ||
    !isSameValue(known.cells.get(primary)?.value ?? null, cells.get(primary)?.value ?? null);

  /** One that a handler has added is in the mirror before it is in every answer. */
  const isNew = ({ readFor }: MirroredRow, { createdAt = "" }: StoredRow) =>
    readFor === EXACT && Date.parse(answeredAt) - Date.parse(createdAt) < NEW_MS;

  let after = 0;
  for (let isOver = false; !isOver;) {
    const page = await mirror.rowsAfter(sheetId, after, PAGE);
    isOver = page.length < PAGE;
    after = page.at(-1)?.id ?? after;
    const moved: StoredRow[] = [];
    for (const mirrored of page) {
      const { id } = mirrored;
      const known = rowFromJson(mirrored.json);
      const now = rows.get(id);
      if (!now) {
        if (isNew(mirrored, known)) hasLeft = true;
        else if (!left.has(id)) missing.push(id);
        continue;
      }
      if (now.modifiedAt === undefined) {
        isDated = false;
        hasLeft ||= left.has(id);
      }
      if (isDifferent(known, now)) continue;
      toRead.delete(id);
      const row = movedRow(known, now);
      if (row) moved.push(row);
    }
    await writer.move(moved, sheet);
    // Lets others run: the mirror is read at once, where it is a file.
    await delay(0);
  }
  for (const id of left) {
    if (toRead.delete(id) || !rows.has(id)) hasLeft = true;
  }
  return { toRead, missing, isDated, hasLeft };
}

/** The row at its new place; undefined if it is where it was. */
function movedRow(known: StoredRow, { rowNumber = known.rowNumber, parentId }: StoredRow): StoredRow | undefined {
  if (known.rowNumber === rowNumber && known.parentId === parentId) return undefined;
  return withoutUndefined<StoredRow>({ ...known, rowNumber, parentId });
}
