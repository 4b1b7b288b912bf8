import { clock, identifier, literal, prepared, type StatementContext } from "./sql.ts";

/** The statement that stores callbacks of another inbox; `rows` are numbered by `n`. */
export function adoptStatement({ schema, owner, now }: StatementContext) {
  const s = identifier(schema);
  return prepared<[rows: readonly object[]], { readonly count: number }>(
    `
    with ${clock(2)},
    given as materialized (
      select nextval(${literal(`${s}.places`)}) as id, * from json_to_recordset($1::json) as given (
        n integer, webhook_id bigint, nonce text, timestamp text, lane bigint, body text, digest text, accepted_at bigint,
        traceparent text, place bigint, state text, attempts integer, attempted_at bigint, unfinished integer,
        position text, error text, failed_at bigint, ended_at bigint, retry_at bigint, steps json, failures json,
        calls_dead integer, calls_owed integer, calls json, errors json, changes json)
    ),
    inserted as (
      insert into ${s}.callbacks (id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent)
      select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent from given order by id
      on conflict do nothing
      returning id
    ),
    adopted as materialized (select given.* from given join inserted using (id)),
    begun as (
      insert into ${s}.progress (
        id, lane, place, state, attempts, attempted_at, unfinished, position, error, failed_at, ended_at,
        calls_dead, calls_owed)
      select id, lane, place, state, attempts, attempted_at, unfinished, position, error, failed_at, ended_at,
        calls_dead, calls_owed
      from adopted
    ),
    stepped as (
      insert into ${s}.steps (callback, key, json)
      select id, step.key, step.json from adopted, json_to_recordset(steps) as step (key text, json text)
    ),
    failed as (
      insert into ${s}.failures (callback, attempt, call, began_at, ended_at, error)
      select id, failure.* from adopted, json_to_recordset(failures) as failure (
        attempt integer, call text, began_at bigint, ended_at bigint, error text)
    ),
    died as (
      insert into ${s}.dead_calls (callback, number, digest, call, handler, state, attempts, died_at, error)
      select id, dead_call.* from adopted, json_to_recordset(calls) as dead_call (
        number integer, digest text, call text, handler text, state text, attempts integer, died_at bigint, error text)
    ),
    kept as (
      insert into ${s}.errors (callback, digest, key, text)
      select id, text.* from adopted, json_to_recordset(errors) as text (digest text, key text, text text)
    ),
    changed as (
      insert into ${s}.change_parts (callback, number, is_last, json)
      select id, part.* from adopted, json_to_recordset(changes) as part (number integer, is_last boolean, json text)
    ),
    counted_in as (
      update ${s}.lanes set
        pending = pending + count,
        retry_at = case when pending = 0 then held_until else lanes.retry_at end,
        due_at = case when pending = 0 and lease is null then greatest(time, held_until) else due_at end
      from (
        select lane, count(*), max(retry_at) as held_until from adopted where state = 'pending' group by lane
      ) counted, clock
      where lanes.lane = counted.lane
    )
    select count(*)::integer, pg_notify($3, $4) from adopted`,
    (rows) => [JSON.stringify(rows), now(), schema, owner],
  );
}
