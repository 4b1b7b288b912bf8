import type { EventCallback } from "../../callback/callback.ts";
import type { AnyEvent } from "../../callback/event.ts";
import { parseStoredCallback } from "../../callback/parse_callback.ts";
import { type TouchedRow, touchedRows } from "../../callback/touched_rows.ts";
import type { Lease, Work } from "../../inbox/inbox.ts";
import type { Mirror, MirroredRow } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { ChangesApi } from "../api_port.ts";
import { type Change, createChange } from "../change.ts";
import type { Gap } from "../gap.ts";
import { mirroredRows } from "../mirrored_rows.ts";
import { type DerivedRow, deriveRows, type RowStates } from "./derive_changes.ts";
import { infoOf, readWhole, sheetOf } from "./first_read.ts";
import type { ReadAhead, ReadRow } from "./read_ahead.ts";
import { readRows } from "./read_rows.ts";
import type { SheetInfo } from "../row.ts";
import type { StoredChange } from "./stored_change.ts";
import { changesFromJson, changesToJson } from "./stored_changes.ts";
import { EXACT } from "./next_state.ts";
import { rowFromJson, rowToJson, type StoredRow } from "../stored_row.ts";

/** Where the changed rows of one callback come from. */
export interface ChangeSource {
  /** A part of the changes, from 0; undefined until all of them are derived, by this attempt or an earlier one. */
  part(number: number): Promise<DerivedPart | undefined>;
  /** Reads the rows, and derives what changed. Rejects with what the API says, or with `lease_lost`. */
  derive(signal: AbortSignal): Promise<void>;
}

/** Some of the changes of a callback. */
export interface DerivedPart {
  readonly changes: readonly Change[];
  /** Whether no other part follows. */
  readonly isLast: boolean;
  /** With the last part of a reconcile: what it found. */
  readonly gap?: Gap | undefined;
}

interface Options {
  readonly api: ChangesApi;
  readonly isOwn: (event: AnyEvent) => boolean;
  readonly logger: Logger;
  readonly now: () => number;
}

/** Waiting callbacks that are looked at for rows to be read along, and rows in one request. */
const MOST_WAITING = 400;
/** So many are looked at first: few may name enough rows, and be long. */
const FIRST_WAITING = 100;
const MOST_ROWS = 400;
const TRIES = 5;

/** The source for a host without a mirror: changes have no state before, and their columns come from the events. */
export function createPlainSource({ api, isOwn }: Options, callback: EventCallback): ChangeSource {
  let part: DerivedPart | undefined;
  return {
    part: async () => part,
    async derive(signal) {
      const { events, scopeObjectId } = callback;
      const touched = touchedRows(events);
      const created = rowIdsOf("created", callback.events.filter((event) => !isOwn(event)));
      const wanted = touched.map(({ rowId }) => rowId);
      const { sheet, rows } = await readRows(api, scopeObjectId, { wanted, created, along: [], signal });
      const states = new Map(
        wanted.map((id): [number, RowStates] => [id, { before: undefined, after: rows.get(id), isSettled: false }]),
      );
      const stored = changesIn(deriveRows(events, states, sheet.columns, isOwn));
      part = { changes: stored.map((change) => createChange(change, sheet, events)), isLast: true };
    },
  };
}

/** The source for a callback that is taken from an inbox. */
export function createMirrorSource(
  options: Options & { readonly mirror: Mirror },
  callback: EventCallback,
  { lease, work, ahead }: { readonly lease: Lease; readonly work: Work; readonly ahead: ReadAhead },
): ChangeSource {
  const { api, mirror, isOwn, logger, now } = options;
  const { events, scopeObjectId: sheetId } = callback;
  const touched = touchedRows(events);
  const ids = touched.map(({ rowId }) => rowId);

  interface Derived {
    readonly sheet: SheetInfo;
    readonly version: number;
    readonly reconciled: string | null;
    readonly revision: number | undefined;
    readonly states: ReadonlyMap<number, RowStates>;
    readonly known: ReadonlyMap<number, MirroredRow>;
    readonly readAt: number;
    /** The rows that are newer than the mirror. */
    readonly read: ReadonlyMap<number, ReadRow>;
  }

  /** The first time, the rows that the callback names are changes, whatever the sheet held before. */
  async function deriveFirst(signal: AbortSignal): Promise<Derived> {
    const { readFor, columnIds } = await readWaiting();
    const readAt = now();
    const { revision, sheet, version, reconciled } = await readWhole({ api, mirror, logger, now }, sheetId, signal);
    const known = await mirroredRows(mirror, sheetId, ids);
    const read = new Map([...known.values()].map(({ id, json }): [number, ReadRow] => {
      return [id, { row: rowFromJson(json), readFor, readAt, along: columnIds.get(id) }];
    }));
    const states = new Map(ids.map((id): [number, RowStates] => {
      const { row: after, along } = read.get(id) ?? {};
      return [id, { before: undefined, after, isSettled: false, along }];
    }));
    return { sheet, version, reconciled, revision, states, known, readAt, read };
  }

  async function deriveNext(signal: AbortSignal): Promise<Derived> {
    const mirrored = await mirror.sheet(sheetId);
    if (!mirrored?.isWhole) return await deriveFirst(signal);
    const known = await mirroredRows(mirror, sheetId, ids);
    const isRead = (id: number) => (known.get(id)?.readFor ?? 0) >= work.id;
    const read = new Map<number, ReadRow>();
    for (const id of ids) {
      const found = isRead(id) ? undefined : ahead.find(id, work.id, known.get(id), mirrored.readAt);
      if (found) read.set(id, found);
    }
    const wanted = ids.filter((id) => !isRead(id) && !read.has(id));
    const { sheet, version, readAt } = wanted.length
      ? await readWanted(wanted, read, signal)
      : { ...mirrored, sheet: sheetOf(mirrored) };
    const states = new Map(ids.map((id): [number, RowStates] => {
      const before = storedRow(known.get(id));
      const { row: after, along } = read.get(id) ?? { row: isRead(id) ? before : undefined };
      return [id, { before, after, isSettled: known.get(id)?.readFor !== 0, along }];
    }));
    const { revision, reconciled } = mirrored;
    return { sheet, version, reconciled, revision, states, known, readAt, read };
  }

  /** What the callbacks that wait tell. */
  async function readWaiting(most = FIRST_WAITING) {
    const waiting = await mirror.waiting(lease, most);
    const readFor = Math.max(work.id, ...waiting.map(({ id }) => id));
    const waitingEvents = waiting.flatMap(({ callback }) => parseStoredCallback(callback.body).events ?? []);
    const waitingIds = new Set(touchedRows(waitingEvents).map(({ rowId }) => rowId));
    const isEnough = waiting.length < most || most === MOST_WAITING || waitingIds.size >= MOST_ROWS;
    if (!isEnough) return await readWaiting(MOST_WAITING);
    const byOthers = touchedRows(waitingEvents.filter((event) => !isOwn(event)));
    const columnIds = new Map(byOthers.map(({ rowId, columnIds }) => [rowId, new Set(columnIds)]));
    return { readFor, waitingEvents, waitingIds, columnIds };
  }

  /** Reads rows into `read`, and along with them those of the callbacks that wait. */
  async function readWanted(wanted: readonly number[], read: Map<number, ReadRow>, signal: AbortSignal) {
    const { readFor, waitingEvents, waitingIds, columnIds } = await readWaiting();
    for (const id of wanted) waitingIds.delete(id);
    const along = [...waitingIds].slice(0, Math.max(MOST_ROWS - wanted.length, 0));
    ahead.expire(work.id);
    const knownAlong = await mirroredRows(mirror, sheetId, along);
    const created = rowIdsOf("created", events.filter((event) => !isOwn(event)));
    // Nobody waits for a row that a later callback calls deleted.
    for (const id of rowIdsOf("deleted", waitingEvents)) created.delete(id);
    const readAt = now();
    const { sheet, version, rows } = await readRows(api, sheetId, { wanted, created, along, signal });
    for (const row of rows.values()) {
      const found = { row, readFor, readAt, along: columnIds.get(row.id) };
      if (waitingIds.has(row.id)) ahead.add(found, knownAlong.get(row.id));
      else read.set(row.id, found);
    }
    return { sheet, version, readAt };
  }

  async function store(derived: Derived): Promise<StoredChange[] | undefined> {
    const { sheet, version, reconciled, revision, states, known, readAt, read } = derived;
    const derivedRows = deriveRows(events, states, sheet.columns, isOwn);
    const changes = changesIn(derivedRows);
    const rows: MirroredRow[] = [];
    const deleted: number[] = [];
    const untold: [ReadRow, MirroredRow | undefined][] = [];
    for (const { rowId: id, next: { row, isAll }, isOwn } of derivedRows) {
      const before = known.get(id);
      const found = read.get(id);
      const isSettled = isAll && !(isOwn && before?.readFor === 0);
      const readFor = isSettled ? Math.max(found?.readFor ?? 0, before?.readFor ?? 0) : before?.readFor ?? EXACT;
      const now = row && { id, json: rowToJson(row), readFor };
      if (now && (now.json !== before?.json || now.readFor !== before.readFor)) rows.push(now);
      if (!now && isAll && before) deleted.push(id);
      if (!isAll && found) untold.push([found, now]);
    }
    const written = { id: sheetId, info: infoOf(sheet), version, readAt, isWhole: true, reconciled };
    const part = { number: 0, json: changesToJson(sheet, changes), isLast: true };
    const next = await mirror.derive(lease, work, { sheet: written, revision, rows, deleted }, part);
    if (next === undefined) return undefined;
    // Also of rows that are gone since: the mirror lacks them now, as it may have when they were read ahead.
    ahead.delete(ids);
    for (const [row, now] of untold) ahead.add(row, now);
    return changes;
  }

  let derivedHere: DerivedPart | undefined;

  return {
    part: async (number) => (number === 0 && derivedHere) || await readPart(mirror, work.id, number, events),

    async derive(signal) {
      for (let tries = 1;; tries++) {
        const derived = await deriveNext(signal);
        const stored = await store(derived);
        if (stored) {
          const changes = stored.map((change) => createChange(change, derived.sheet, events));
          derivedHere = { changes, isLast: true };
          return;
        }
        // They were stored, and the answer was lost.
        if (await mirror.changesOf(work.id, 0)) return;
        // A handler of another sheet has written rows of this one meanwhile.
        if (tries === TRIES) throw new Error(`Rows of sheet ${sheetId} were written by others while they were read`);
      }
    },
  };
}

/** A part of the changes that were stored with a callback; undefined if not all of them are. */
export async function readPart(
  mirror: Pick<Mirror, "changesOf">,
  callback: number,
  number: number,
  events: readonly AnyEvent[],
): Promise<DerivedPart | undefined> {
  const part = await mirror.changesOf(callback, number);
  if (!part?.isComplete) return undefined;
  const { changes, gap } = changesFromJson(part.json, events);
  return { changes, gap, isLast: part.isLast };
}

function changesIn(rows: readonly DerivedRow[]): StoredChange[] {
  return rows.flatMap(({ change }) => change ?? []);
}

function storedRow(row: MirroredRow | undefined): StoredRow | undefined {
  return row && rowFromJson(row.json);
}

function rowIdsOf(wanted: TouchedRow["change"], events: readonly AnyEvent[]): Set<number> {
  return new Set(touchedRows(events).filter(({ change }) => change === wanted).map(({ rowId }) => rowId));
}
