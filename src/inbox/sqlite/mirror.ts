import type { DatabaseSync } from "node:sqlite";
import { callbackOf, type CallbackRow } from "../callback_row.ts";
import type { Mirror, MirroredRow, MirroredSheet, MirrorWrite } from "../mirror.ts";
import type { Commit } from "./commit.ts";
import { requireTaken } from "./lanes.ts";
import type { Read } from "./read.ts";
import type { SqliteStatements } from "./statements.ts";

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
    const { info, version, readAt, isWhole } = sheet;
    mirror.storeSheet.run(sheet.id, info, version, readAt, Number(isWhole), next, added);
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

    derive: (lease, work, given, changes) =>
      commitAlone(() => {
        requireTaken(sql, lease, work);
        if (mirror.changes.get(work.id)) return undefined;
        const revision = write(given);
        if (revision !== undefined) mirror.storeChanges.run(work.id, changes);
        return revision;
      }),

    changesOf: (callback) => read(() => (mirror.changes.get(callback) as { json: string } | undefined)?.json),

    waiting: ({ lane }, limit) =>
      read(() => {
        const rows = mirror.waiting.all(lane, lane, limit) as unknown as CallbackRow[];
        return rows.map((row) => ({ id: row.id, callback: callbackOf(row) }));
      }),

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
  };
}

interface SheetRow extends Omit<MirroredSheet, "isWhole"> {
  readonly isWhole: number;
}

function sheetOf(row: SheetRow): MirroredSheet {
  return { ...row, isWhole: row.isWhole === 1 };
}

const SHEET = `
  select id, info, version, read_at as readAt, is_whole as isWhole, revision, row_count as rowCount from mirror_sheets`;
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
      insert into mirror_sheets (id, info, version, read_at, is_whole, revision, row_count) values (?, ?, ?, ?, ?, ?, ?)
      on conflict do update set
        info = excluded.info, version = excluded.version, read_at = excluded.read_at, is_whole = excluded.is_whole,
        revision = excluded.revision, row_count = row_count + excluded.row_count`),
    deleteRows: prepare(`
      delete from mirror_rows where rowid in (select rowid from mirror_rows where sheet = ? limit ?)`),
    beginDrop: prepare("update mirror_sheets set is_whole = 0, revision = ?, row_count = row_count - ? where id = ?"),
    dropSheet: prepare("delete from mirror_sheets where id = ?"),
    changes: prepare("select json from changes where callback = ?"),
    storeChanges: prepare("insert into changes values (?, ?)"),
    waiting: prepare(`
      select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at from callbacks
      where lane = ? and state = 'pending' and id is not (select taken from lanes where lane = ?)
      order by place limit ?`),
  };
}
