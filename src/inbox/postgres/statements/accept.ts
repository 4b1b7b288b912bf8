import { clock, identifier, literal, ON_DISK, prepared, type StatementContext } from "./sql.ts";

/** The result of a batch. */
export interface Inserted {
  /** 0 if a lane isn't there: then nothing was inserted. */
  readonly count: number;
  /** The ids in the order given; null if all are new. */
  readonly given: readonly unknown[] | null;
  /** Those that are new; null if all are. To join the two would cost as much as to insert them. */
  readonly inserted: readonly unknown[] | null;
}

/** The statements of `put` and `check`. */
export function acceptStatements({ schema, owner, now }: StatementContext) {
  const s = identifier(schema);
  const places = literal(`${s}.places`);
  return {
    makeLanes: prepared<[lanes: readonly number[]]>(
      `insert into ${s}.lanes (lane) select distinct unnest($1::bigint[]) order by 1 on conflict do nothing`,
      (lanes) => [lanes],
    ),

    /**
     * A transaction by itself: ids are drawn when all lanes are locked, and an update reads a lane again that another
     * transaction has changed meanwhile. The bodies are bytes: as a part of the JSON they would be escaped here and parsed
     * twice there.
     */
    insert: prepared<[rows: readonly object[], lanes: readonly number[], bodies: Uint8Array], Inserted>(
      `
      with ${clock(2)},
      locked as materialized (select lane from ${s}.lanes where lane = any ($5::bigint[]) order by lane for update),
      given as materialized (
        select nextval(${places}) as id, given.*, convert_from(substr($6::bytea, start, length), 'UTF8') as body
        from (select count(*) from locked) all_locked join json_to_recordset($1::json) as given (
          n integer, webhook_id bigint, nonce text, timestamp text, lane bigint, start integer, length integer, digest text,
          accepted_at bigint, traceparent text)
          on count = cardinality($5::bigint[])
      ),
      inserted as (
        insert into ${s}.callbacks (id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent)
        select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent from given order by id
        on conflict do nothing
        returning id, lane
      ),
      begun as (insert into ${s}.progress (id, lane, place) select id, lane, id from inserted),
      counted_in as (
        update ${s}.lanes set
          pending = pending + count,
          due_at = case when pending = 0 and lease is null then time else due_at end
        from (select lane, count(*) from inserted group by lane) counted, clock
        -- By their index: the planner doesn't know how many there are.
        where lanes.lane = any (array(select lane from inserted)) and lanes.lane = counted.lane
        returning pending = count and lease is null as woken
      )
      select count, case when count > stored then array(select id from given order by n) end as given,
        case when count > stored then array(select id from inserted) end as inserted,
        (select pg_notify($3, $4) from (select from counted_in where woken limit 1) woken_once) as notified, ${ON_DISK}
      from (select count(*) from given) given_count, (select count(*) as stored from inserted) inserted_count`,
      (rows, lanes, bodies) => [JSON.stringify(rows), now(), schema, owner, lanes, bodies],
    ),

    check: prepared<[]>(
      `with ${clock(1)} update ${s}.checks set checked_at = time from clock`,
      () => [now()],
    ),
  };
}
