import type { DatabaseSync } from "node:sqlite";
import { NO_WEBHOOK } from "../../callback/reconcile.ts";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import type { Mirror, MirroredRow, MirroredSheet, MirrorWrite, StoredPart } from "../mirror.ts";
import type { Commit } from "./commit.ts";
import { requireTaken } from "./lanes.ts";
import type { Read } from "./read.ts";
import type { SqliteStatements } from "./statements.ts";
import { createSqliteViews } from "./views/views.ts";

/** Rows that one transaction of `drop` deletes. */
const DROP_CHUNK = 500;

/** The mirror of a SQLite inbox. */
export function createSqliteMirror(
  { database, commit, read, sql }: {
    readonly database: DatabaseSync;
    readonly commit: Commit;
    readonly read: Read;
    readonly sql: SqliteStatements;
  },
): Mirror {
  const mirror = prepareStatements(database);
  /** The write that runs: with many in one transaction, the event loop would stand still for too long. */
  let last: Promise<unknown> = Promise.resolve();

  function commitAlone<Result>(work: () => Result): Promise<Result> {
    const result = last.then(() => commit(work));
    last = result.catch(() => {});
    return result;
  }

  const { views, renew } = createSqliteViews(database, commitAlone, read);

  const revisionOf = (sheetId: number) => (mirror.revision.get(sheetId) as { revision: number } | undefined)?.revision;

  function nextRevision(): number {
    return (mirror.nextRevision.get() as { value: number }).value;
  }

  function write({ sheet, revision, rows, deleted }: MirrorWrite): number | undefined {
    if (revisionOf(sheet.id) !== revision) return undefined;
    let added = 0;
    for (const id of deleted) added -= Number(mirror.deleteRow.run(sheet.id, id).changes);
    for (const { id, json, readFor } of rows) {
      if (mirror.addRow.run(sheet.id, id, json, readFor).changes) added++;
      else mirror.changeRow.run(json, readFor, sheet.id, id);
    }
    const next = nextRevision();
    const { info, version, readAt, isWhole, reconciled } = sheet;
    mirror.storeSheet.run(sheet.id, info, version, Math.round(readAt), Number(isWhole), reconciled, next, added);
    renew(sheet.id, info);
    return next;
  }

  return {
    sheet: (sheetId) =>
      read(() => {
        const row = mirror.sheet.get(sheetId) as SheetRow | undefined;
        return row && sheetOf(row);
      }),

    rows: (sheetId, rowIds) =>
      read(() =>
        rowIds.flatMap((id) => {
          const row = mirror.row.get(sheetId, id) as unknown as MirroredRow | undefined;
          return row ? [{ ...row }] : [];
        })
      ),

    rowsAfter: (sheetId, after, limit) =>
      read(() => (mirror.rowsAfter.all(sheetId, after, limit) as unknown as MirroredRow[]).map((row) => ({ ...row }))),

    write: (given) => commitAlone(() => write(given)),

    derive: (lease, work, given, { number, isLast, json }) =>
      commitAlone(() => {
        requireTaken(sql, lease, work);
        if ((mirror.countParts.get(work.id) as { count: number }).count !== number) return undefined;
        const revision = write(given);
        if (revision !== undefined) mirror.storePart.run(work.id, number, Number(isLast), json);
        return revision;
      }),

    changesOf: (callback, number) =>
      read(() => {
        const part = mirror.part.get(callback, number) as PartRow | undefined;
        return part && { ...part, isLast: part.isLast === 1, isComplete: part.isComplete === 1 };
      }),

    waiting: ({ lane }, limit) =>
      read(() => {
        const rows = mirror.waiting.all(lane, lane, limit) as unknown as CallbackRow[];
        return rows.map((row) => ({ id: row.id, callback: callbackOf(row) }));
      }),

    toldSince: (sheetId, since) => read(() => mirror.told.get(since, NO_WEBHOOK, sheetId) !== undefined),

    sheets: () => read(() => (mirror.sheets.all() as unknown as SheetRow[]).map(sheetOf)),

    /** Chunk by chunk. From the first on the sheet isn't whole, and nobody else writes it. */
    async drop(sheetId) {
      let own: number | undefined;
      for (let isOver = false; !isOver;) {
        isOver = await commitAlone(() => {
          const revision = revisionOf(sheetId);
          if (revision === undefined || (own !== undefined && revision !== own)) return true;
          const deleted = Number(mirror.deleteRows.run(sheetId, DROP_CHUNK).changes);
          own = nextRevision();
          if (deleted === DROP_CHUNK) mirror.beginDrop.run(own, deleted, sheetId);
          else mirror.dropSheet.run(sheetId);
          return deleted < DROP_CHUNK;
        });
      }
      return own !== undefined;
    },

    views,
  };
}

interface SheetRow extends Omit<MirroredSheet, "isWhole"> {
  readonly isWhole: number;
}

interface PartRow extends Omit<StoredPart, "isLast" | "isComplete"> {
  readonly isLast: number;
  readonly isComplete: number;
}

function sheetOf(row: SheetRow): MirroredSheet {
  return { ...row, isWhole: row.isWhole === 1 };
}

const SHEET = `
  select id, info, version, read_at as readAt, is_whole as isWhole, reconciled, revision, row_count as rowCount
  from mirror_sheets`;
const ROW = "select id, json, read_for as readFor from mirror_rows where sheet = ?";

function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string) => database.prepare(text);
  return {
    sheet: prepare(`${SHEET} where id = ?`),
    sheets: prepare(`${SHEET} order by id`),
    row: prepare(`${ROW} and id = ?`),
    rowsAfter: prepare(`${ROW} and id > ? order by id limit ?`),
    revision: prepare("select revision from mirror_sheets where id = ?"),
    nextRevision: prepare("update counters set value = value + 1 where name = 'revision' returning value"),
    addRow: prepare("insert into mirror_rows (sheet, id, json, read_for) values (?, ?, ?, ?) on conflict do nothing"),
    changeRow: prepare("update mirror_rows set json = ?, read_for = ? where sheet = ? and id = ?"),
    deleteRow: prepare("delete from mirror_rows where sheet = ? and id = ?"),
    /** Its last value is how many more rows there are. */
    storeSheet: prepare(`
      insert into mirror_sheets (id, info, version, read_at, is_whole, reconciled, revision, row_count)
      values (?, ?, ?, ?, ?, ?, ?, ?)
      on conflict do update set
        info = excluded.info, version = excluded.version, read_at = excluded.read_at, is_whole = excluded.is_whole,
        reconciled = excluded.reconciled, revision = excluded.revision, row_count = row_count + excluded.row_count`),
    deleteRows: prepare(`
      delete from mirror_rows where rowid in (select rowid from mirror_rows where sheet = ? limit ?)`),
    beginDrop: prepare("update mirror_sheets set is_whole = 0, revision = ?, row_count = row_count - ? where id = ?"),
    dropSheet: prepare("delete from mirror_sheets where id = ?"),
    countParts: prepare("select count(*) as count from change_parts where callback = ?"),
    part: prepare(`
      select number, json, is_last as isLast,
        exists (select * from change_parts where callback = part.callback and is_last = 1) as isComplete
      from change_parts as part where callback = ? and number = ?`),
    storePart: prepare("insert into change_parts values (?, ?, ?, ?)"),
    waiting: prepare(`
      select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent from callbacks
      where lane = ? and state = 'pending' and id is not (select taken from lanes where lane = ?)
      order by place limit ?`),
    told: prepare(`
      select 1 from callbacks indexed by callbacks_accepted
      where accepted_at >= ? and webhook_id <> ? and lane = ? limit 1`),
  };
}
