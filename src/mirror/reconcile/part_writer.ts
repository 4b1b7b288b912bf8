import type { Lease, Work } from "../../inbox/inbox.ts";
import type { Mirror, MirroredRow, MirroredSheet, MirrorWrite } from "../../inbox/mirror.ts";
import { type ChangeKind, compareRows } from "../derive/compare.ts";
import { changedBy, storeChange, type StoredChange } from "../derive/stored_change.ts";
import { changesToJson } from "../derive/stored_changes.ts";
import type { Gap } from "../gap.ts";
import { mirroredRows } from "../mirrored_rows.ts";
import type { SheetInfo } from "../row.ts";
import { rowFromJson, rowToJson, type StoredRow } from "../stored_row.ts";

/** Somebody else has written the mirror: what was read is to be compared anew. */
export class MirrorMoved extends Error {}

/** Rows that one transaction stores. */
const CHUNK = 500;

/** Stores what a reconcile finds, part by part. Its functions throw {@linkcode MirrorMoved}. */
export interface PartWriter {
  /** What was found, with what a killed attempt has stored. */
  readonly counts: Readonly<Record<ChangeKind, number>>;
  /** Whether a row was left that had a change already: it has one call, and the next comparison finds the rest. */
  readonly hasLeft: boolean;
  /** Compares rows that were read with the mirror, and stores those that differ. */
  compare(rows: readonly StoredRow[], sheet: SheetInfo): Promise<void>;
  /** Stores rows in which nothing changed that is told of. */
  move(rows: readonly StoredRow[], sheet: SheetInfo): Promise<void>;
  /** Deletes rows, with their last state. */
  delete(rowIds: readonly number[], sheet: SheetInfo): Promise<void>;
  /** Stores the last part, and the sheet itself. @param revision of the mirror @default that of the last write */
  end(written: MirrorWrite["sheet"], sheet: SheetInfo, gap: Gap | undefined, revision?: number): Promise<void>;
}

/** A change that is stored. */
export interface Told {
  readonly kind: ChangeKind;
  readonly rowId: number;
}

export function createPartWriter(
  { mirror, lease, work, sheetId, stored }: {
    readonly mirror: Mirror;
    readonly lease: Lease;
    readonly work: Work;
    readonly sheetId: number;
    /** The changes of each part that an earlier attempt has stored. */
    readonly stored: readonly (readonly Told[])[];
  },
  known: MirroredSheet | undefined,
): PartWriter {
  const counts = { created: 0, updated: 0, deleted: 0 };
  const told = new Set<number>();
  let hasLeft = false;
  note(stored.flat());
  let number = stored.length;
  let revision = known?.revision;

  function note(changes: readonly Told[]): void {
    for (const { kind, rowId } of changes) {
      counts[kind]++;
      told.add(rowId);
    }
  }

  /** Undefined for a row that has a change already. */
  function changeOf(...args: Parameters<typeof newChange>): { readonly change: StoredChange | undefined } | undefined {
    const change = newChange(...args);
    const isLeft = change !== undefined && told.has(change.rowId);
    hasLeft ||= isLeft;
    return isLeft ? undefined : { change };
  }

  async function store(
    rows: readonly MirroredRow[],
    deleted: readonly number[],
    changes: readonly StoredChange[],
    sheet: SheetInfo,
    last?: { readonly written: MirrorWrite["sheet"]; readonly gap: Gap | undefined },
  ): Promise<void> {
    if (!last && !rows.length && !deleted.length) return;
    const write = { sheet: last?.written ?? known!, revision, rows, deleted };
    const part = { number, json: changesToJson(sheet, changes, last?.gap), isLast: last !== undefined };
    const next = await mirror.derive(lease, work, write, part);
    if (next === undefined) throw new MirrorMoved();
    revision = next;
    number++;
    note(changes);
  }

  const knownRows = (rowIds: readonly number[]) => mirroredRows(mirror, sheetId, rowIds);

  return {
    counts,
    get hasLeft() {
      return hasLeft;
    },

    async compare(rows, sheet) {
      for (let index = 0; index < rows.length; index += CHUNK) {
        const chunk = rows.slice(index, index + CHUNK);
        const before = await knownRows(chunk.map(({ id }) => id));
        const changes: StoredChange[] = [];
        const written: MirroredRow[] = [];
        for (const row of chunk) {
          const json = rowToJson(row);
          const old = before.get(row.id);
          if (old?.json === json) continue;
          const found = changeOf(row.id, old && rowFromJson(old.json), row, sheet);
          if (!found) continue;
          written.push({ id: row.id, json, readFor: Math.max(work.id, old?.readFor ?? 0) });
          if (found.change) changes.push(found.change);
        }
        await store(written, [], changes, sheet);
      }
    },

    async move(rows, sheet) {
      const before = await knownRows(rows.map(({ id }) => id));
      const written = rows.map((row) => ({
        id: row.id,
        json: rowToJson(row),
        readFor: before.get(row.id)?.readFor ?? 0,
      }));
      await store(written, [], [], sheet);
    },

    async delete(rowIds, sheet) {
      for (let index = 0; index < rowIds.length; index += CHUNK) {
        const before = await knownRows(rowIds.slice(index, index + CHUNK));
        const changes = [...before].flatMap(([id, { json }]) =>
          changeOf(id, rowFromJson(json), undefined, sheet)?.change ?? []
        );
        await store([], changes.map(({ rowId }) => rowId), changes, sheet);
      }
    },

    async end(written, sheet, gap, newRevision = revision) {
      revision = newRevision;
      await store([], [], [], sheet, { written, gap });
    },
  };
}

function newChange(
  rowId: number,
  before: StoredRow | undefined,
  after: StoredRow | undefined,
  { columns }: SheetInfo,
): StoredChange | undefined {
  const difference = compareRows(before, after, columns);
  if (!difference) return undefined;
  // Who changed it last: more can't be known.
  return storeChange(difference, { rowId, before, after, by: changedBy(after), source: "reconcile", events: [] });
}
