import { NO_WEBHOOK } from "../../../callback/reconcile.ts";
import type { CallbackRow } from "../../callback_row.ts";
import type { Lease } from "../../inbox.ts";
import type { ChangesPart, MirroredRow, MirroredSheet, MirrorWrite, StoredPart } from "../../mirror.ts";
import { CALLBACK, identifier, literal, prepared, type StatementContext, storable } from "./sql.ts";

/** The callback that changes are derived for, and which part of them. */
export interface DerivedFor {
  readonly lease: Lease;
  readonly id: number;
  readonly number: number;
}

/**
 * The statements of the mirror. A write is one transaction of several: the first locks the sheet and draws a revision. Those
 * behind it know by `currval` whether the sheet was written, and do nothing if it wasn't.
 */
export function mirrorStatements({ schema }: Pick<StatementContext, "schema">) {
  const s = identifier(schema);
  const revisions = literal(`${s}.revisions`);
  const sheet = `
    select id, info, version, read_at as "readAt", is_whole as "isWhole", reconciled, revision,
      row_count as "rowCount"
    from ${s}.mirror_sheets`;
  const row = `select id, json, read_for as "readFor" from ${s}.mirror_rows where sheet = $1::bigint`;
  const versionsOf = (sheetId: string) =>
    `(select coalesce(string_agg(version, ' ' order by name), '') from ${s}.mirror_views where sheet = ${sheetId})`;
  const isWritten = (sheetId: string) =>
    `exists (select from ${s}.mirror_sheets where id = ${sheetId} and revision = currval(${revisions}))`;

  return {
    sheet: prepared<[id: number], MirroredSheet>(`${sheet} where id = $1::bigint`, (id) => [id]),

    sheets: prepared<[], MirroredSheet>(`${sheet} order by id`, () => []),

    rows: prepared<[sheetId: number, ids: readonly number[]], MirroredRow>(
      `${row} and id = any ($2::bigint[])`,
      (sheetId, ids) => [sheetId, ids],
    ),

    rowsAfter: prepared<[sheetId: number, after: number, limit: number], MirroredRow>(
      `${row} and id > $2::bigint order by id limit $3::integer`,
      (sheetId, after, limit) => [sheetId, after, limit],
    ),

    part: prepared<[callback: number, number: number], StoredPart>(
      `
      select number, json, is_last as "isLast",
        exists (select from ${s}.change_parts where callback = $1::bigint and is_last) as "isComplete"
      from ${s}.change_parts where callback = $1::bigint and number = $2::integer`,
      (callback, number) => [callback, number],
    ),

    waiting: prepared<[lane: number, limit: number], CallbackRow>(
      `
      select ${CALLBACK}
      from (
        select id, place from ${s}.progress
        where lane = $1::bigint and state = 'pending'
          and id is distinct from (select taken from ${s}.lanes where lane = $1::bigint)
        order by place limit $2::integer
      ) waiting join ${s}.callbacks using (id)
      order by place`,
      (lane, limit) => [lane, limit],
    ),

    /** Gives a row if a callback of Smartsheet's was accepted since. */
    told: prepared<[sheetId: number, since: number]>(
      `
      select from ${s}.callbacks
      where lane = $1::bigint and accepted_at >= $2::bigint and webhook_id <> ${NO_WEBHOOK} limit 1`,
      (sheetId, since) => [sheetId, Math.floor(since)],
    ),

    /** Gives a row if the callback is the one that the lane is at. The lane is locked before. */
    isTaken: prepared<[derivedFor: DerivedFor]>(
      `select from ${s}.lanes where lane = $1::bigint and lease = $2::text and taken = $3::bigint`,
      ({ lease, id }) => [lease.lane, lease.token, id],
    ),

    lockSheet: prepared<[id: number]>(
      `
      with locked as materialized (select id from ${s}.mirror_sheets where id = $1::bigint for update)
      select nextval(${revisions}), (select id from locked)`,
      (id) => [id],
    ),

    /**
     * Gives a row if the sheet was written; also if the same write is repeated, because its answer was lost. It isn't written if
     * its views aren't those of `versions`.
     */
    writeSheet: prepared<
      [write: MirrorWrite, writer: string, derivedFor: DerivedFor | undefined, versions: string],
      Pick<MirroredSheet, "revision">
    >(
      `
      insert into ${s}.mirror_sheets as stored (id, info, version, read_at, is_whole, revision, written_by, reconciled)
      select $1::bigint, $2::text, $3::bigint, $4::bigint, $5::boolean, currval(${revisions}), $7::text, $11::text
      where case when $8::bigint is null then true else
          exists (select from ${s}.lanes where lane = $8::bigint and lease = $9::text and taken = $10::bigint)
          and ((select count(*) from ${s}.change_parts where callback = $10::bigint) = $12::integer
            or exists (select from ${s}.mirror_sheets where id = $1::bigint and written_by = $7::text))
        end
        and ($6::bigint is null or exists (
          select from ${s}.mirror_sheets where id = $1::bigint and (revision = $6::bigint or written_by = $7::text)))
        and (${versionsOf("$1::bigint")} = $13::text
          or exists (select from ${s}.mirror_sheets where id = $1::bigint and written_by = $7::text))
      on conflict (id) do update set
        info = excluded.info, version = excluded.version, read_at = excluded.read_at, is_whole = excluded.is_whole,
        revision = excluded.revision, written_by = excluded.written_by, reconciled = excluded.reconciled
      where stored.revision = $6::bigint or stored.written_by = $7::text
      returning revision`,
      ({ sheet, revision }, writer, derivedFor, versions) => [
        sheet.id,
        storable(sheet.info),
        sheet.version,
        Math.round(sheet.readAt),
        sheet.isWhole,
        revision ?? null,
        writer,
        derivedFor?.lease.lane ?? null,
        derivedFor?.lease.token ?? null,
        derivedFor?.id ?? null,
        sheet.reconciled === null ? null : storable(sheet.reconciled),
        derivedFor?.number ?? null,
        versions,
      ],
    ),

    /** Of each row one. */
    writeRows: prepared<[sheetId: number, rows: readonly MirroredRow[]]>(
      `
      with given as (
        select * from unnest($2::bigint[], $3::text[], $4::bigint[]) as given (id, json, read_for)
        where ${isWritten("$1::bigint")}
      ),
      known as (
        select count(*) as count from ${s}.mirror_rows where sheet = $1::bigint and id = any ($2::bigint[])
      ),
      counted as (
        update ${s}.mirror_sheets set row_count = row_count + (select count(*) from given) - known.count
        from known where id = $1::bigint and ${isWritten("$1::bigint")}
      )
      insert into ${s}.mirror_rows (sheet, id, json, read_for) select $1::bigint, id, json, read_for from given
      on conflict (sheet, id) do update set json = excluded.json, read_for = excluded.read_for`,
      (sheetId, rows) => [
        sheetId,
        rows.map(({ id }) => id),
        rows.map(({ json }) => storable(json)),
        rows.map(({ readFor }) => readFor),
      ],
    ),

    deleteRows: prepared<[sheetId: number, ids: readonly number[]]>(
      `
      with deleted as (
        delete from ${s}.mirror_rows
        where sheet = $1::bigint and id = any ($2::bigint[]) and ${isWritten("$1::bigint")}
        returning id
      )
      update ${s}.mirror_sheets set row_count = row_count - (select count(*) from deleted)
      where id = $1::bigint and ${isWritten("$1::bigint")}`,
      (sheetId, ids) => [sheetId, ids],
    ),

    storePart: prepared<[sheetId: number, callback: number, part: ChangesPart]>(
      `
      insert into ${s}.change_parts (callback, number, is_last, json)
      select $2::bigint, $3::integer, $4::boolean, $5::text where ${isWritten("$1::bigint")}
      on conflict (callback, number) do nothing`,
      (sheetId, callback, { number, isLast, json }) => [sheetId, callback, number, isLast, storable(json)],
    ),

    dropRows: prepared<[sheetId: number]>(
      `
      delete from ${s}.mirror_rows
      where sheet = $1::bigint and exists (select from ${s}.mirror_sheets where id = $1::bigint)`,
      (sheetId) => [sheetId],
    ),

    dropSheet: prepared<[sheetId: number]>(
      `delete from ${s}.mirror_sheets where id = $1::bigint returning id`,
      (sheetId) => [sheetId],
    ),
  };
}
