import type { Column } from "../../api/sheet.ts";
import type { AnyEvent } from "../../callback/event.ts";
import { type ChangedColumn, compareRows, type Difference, differenceOfEvents } from "./compare.ts";
import { type NextState, ownColumns, stateOfChange, stateOfOwnChanges, unechoed } from "./next_state.ts";
import { changedBy, storeChange, type StoredChange } from "./stored_change.ts";
import { type RowEvents, rowEvents } from "./row_events.ts";
import type { StoredRow } from "../stored_row.ts";

/** A row that a callback touched, before and after. */
export interface RowStates {
  readonly before: StoredRow | undefined;
  readonly after: StoredRow | undefined;
  /**
   * False if `before` may already hold what the callback tells of, so that its events count as well. So it is with the rows of a
   * sheet that was read as a whole, until a callback has named them.
   */
  readonly isSettled: boolean;
  /** Columns that others have changed, as callbacks tell that were waiting when the row was read: `after` holds that, too. */
  readonly along?: ReadonlySet<number> | undefined;
}

/** What becomes of a row that a callback touched. */
export interface DerivedRow {
  readonly rowId: number;
  /** Undefined if handlers aren't called. */
  readonly change: StoredChange | undefined;
  /** What the mirror gets. */
  readonly next: NextState;
  /** Whether only own changes touched it. */
  readonly isOwn: boolean;
}

/**
 * Derives the rows of a callback: what the state of each row that others have touched differs in. Columns that only we have
 * changed are left out. @param isOwn true for an own change that handlers don't get
 */
export function deriveRows(
  events: readonly AnyEvent[],
  states: ReadonlyMap<number, RowStates>,
  columns: readonly Column[],
  isOwn: (event: AnyEvent) => boolean,
): DerivedRow[] {
  return rowEvents(events, isOwn).flatMap((row): DerivedRow[] => {
    const state = states.get(row.rowId);
    if (!state) return [];
    const { rowId } = row;
    const { before, after, along } = state;
    const own = { kind: row.ownKind, columnIds: row.ownColumnIds, others: along };
    if (!row.events.length) {
      return [{ rowId, change: undefined, next: stateOfOwnChanges(before, after, own, columns), isOwn: true }];
    }
    return [{ rowId, change: changeOf(row, state, columns), next: stateOfChange(before, after, own), isOwn: false }];
  });
}

function changeOf(row: RowEvents, state: RowStates, columns: readonly Column[]): StoredChange | undefined {
  const difference = differenceOf(row, state, columns);
  if (!difference) return undefined;
  const { before, after } = state;
  // What the row held already when it was read is known from events alone, and so how it was before isn't.
  const isSeen = difference.columns.every(({ from }) => from !== undefined);
  return storeChange(difference, {
    rowId: row.rowId,
    before: difference.kind === "created" || !isSeen ? undefined : before,
    after,
    by: changedBy(wroteLast(row, state) ? after : undefined, row.userId),
    source: "callback",
    events: row.events,
  });
}

/** The row has the name of who wrote last: another one may have, since the events. */
function wroteLast(row: RowEvents, { before, after }: RowStates): boolean {
  const { userId, writerId, writtenAt, ownKind, ownColumnIds } = row;
  if (unechoed(before, { kind: ownKind, columnIds: ownColumnIds }).length) return false;
  return userId === writerId && !(Date.parse(after?.modifiedAt ?? "") > writtenAt + SAME_WRITE_MS);
}

function differenceOf(
  { kind, ownKind, columnIds, ownColumnIds, isNew }: RowEvents,
  { before, after, isSettled, along = NONE }: RowStates,
  columns: readonly Column[],
): Difference | undefined {
  // We have deleted it: that calls nobody.
  if (!after && ownKind === "deleted" && kind !== "deleted") return undefined;
  const others = new Set([...columnIds, ...along]);
  const own = ownColumns(before, after, [...ownColumnIds].filter((id) => !others.has(id)));
  if (isSettled && before) return compareRows(before, after, columns, own);
  if (!after) {
    const isDeleted = before || (!isSettled && kind === "deleted" && !isNew);
    return isDeleted ? { kind: "deleted", columns: filled(before, columns) } : undefined;
  }
  const told = differenceOfEvents("updated", [...others], after, columns).columns;
  if (kind !== "created" && ownKind === "created" && !before) return updated(told);
  if (isSettled || kind === "created") return compareRows(undefined, after, columns, own);
  const compared = compareRows(before ?? after, after, columns, own)?.columns ?? [];
  const all = columns.flatMap(({ id }) => {
    const column = compared.find(({ columnId }) => columnId === id) ?? told.find(({ columnId }) => columnId === id);
    return column ?? [];
  });
  // Nothing is known of a row before the first read: then the callback alone says that it was changed.
  return before || ownColumnIds.size ? updated(all) : { kind: "updated", columns: all };
}

function updated(columns: readonly ChangedColumn[]): Difference | undefined {
  return columns.length ? { kind: "updated", columns } : undefined;
}

function filled(before: StoredRow | undefined, columns: readonly Column[]) {
  return before ? compareRows(before, undefined, columns)!.columns : [];
}

const NONE: ReadonlySet<number> = new Set();
/** Events and rows tell the time of a write in seconds, and may not round alike. */
const SAME_WRITE_MS = 2000;
