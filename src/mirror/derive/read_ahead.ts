import type { MirroredRow } from "../../inbox/mirror.ts";
import type { StoredRow } from "../stored_row.ts";

/** A row that was read when this callback was in the inbox. */
export interface ReadRow {
  readonly row: StoredRow;
  readonly readFor: number;
  /** In milliseconds since 1970. */
  readonly readAt: number;
  /** Columns of it that others have changed, as the callbacks tell that were waiting then. */
  readonly along?: ReadonlySet<number> | undefined;
}

/** Rows that were read along for callbacks that wait in a lane. */
export interface ReadAhead {
  /**
   * Undefined if the row wasn't read for this callback, or `known`, what the mirror has of it, is another than then. A row that
   * the mirror lacks may have come and gone there since, if something was read at `mirroredAt`, which is later.
   */
  find(id: number, callback: number, known: MirroredRow | undefined, mirroredAt: number): ReadRow | undefined;
  /** @param known what the mirror had of it before it was read */
  add(row: ReadRow, known: MirroredRow | undefined): void;
  delete(ids: Iterable<number>): void;
  /** Forgets what was read before this callback came. */
  expire(callback: number): void;
}

/** What was read ahead, by lane. */
export type ReadAheads = (lane: number) => ReadAhead;

/** Memory holds what was read for this many lanes; of others, it is read again. */
const MOST_LANES = 50;

/** A lane is worked in turns with others: what was read ahead is kept meanwhile. */
export function createReadAheads(): ReadAheads {
  /** The one that was used last is behind. */
  const lanes = new Map<number, ReadAhead>();
  return (lane) => {
    const ahead = lanes.get(lane) ?? createReadAhead(() => lanes.delete(lane));
    lanes.delete(lane);
    lanes.set(lane, ahead);
    for (const other of lanes.keys()) if (lanes.size > MOST_LANES) lanes.delete(other);
    return ahead;
  };
}

function createReadAhead(onEmpty: () => void): ReadAhead {
  const rows = new Map<number, ReadRow & { readonly known: string | undefined }>();
  return {
    find(id, callback, known, mirroredAt) {
      const found = rows.get(id);
      if (!found || found.readFor < callback || found.known !== known?.json) return undefined;
      return known || found.readAt >= mirroredAt ? found : undefined;
    },
    add: (read, known) => void rows.set(read.row.id, { ...read, known: known?.json }),
    delete(ids) {
      for (const id of ids) rows.delete(id);
      if (!rows.size) onEmpty();
    },
    expire(callback) {
      for (const [id, { readFor }] of rows) if (readFor < callback) rows.delete(id);
    },
  };
}
