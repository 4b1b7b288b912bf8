import { MAX_FAILURES } from "../../limits.ts";
import type { HeldRow } from "./lanes.ts";
import { clock, forgetFailures, identifier, prepared, type StatementContext } from "./sql.ts";

/**
 * The statements about dead calls of a batch of lanes, whose callbacks need them; the lanes are locked. `rows` are numbered
 * by `n`.
 */
export function deadCallStatements({ schema, now }: StatementContext) {
  const s = identifier(schema);
  const held = `join ${s}.lanes on lanes.lane = given.lane and lease = token and taken = given.id`;
  return {
    /** What is recorded already is left as it is: an answer may have been lost. */
    endCalls: prepared<[rows: readonly object[]], HeldRow>(
      `
      with ${clock(2)},
      held as (
        select n, id, calls, errors, taken_at, time,
          (select coalesce(max(number), 0) from ${s}.dead_calls where callback = id) as last
        from json_to_recordset($1::json) as given (n integer, lane bigint, token text, id bigint, calls json, errors json)
          ${held}, clock
      ),
      texts as materialized (
        select id, text.* from held, json_to_recordset(errors) as text (digest text, key text, text text)
      ),
      ended as materialized (
        select id, last, taken_at, time, ended.*, known.number, known.state
        from held cross join lateral json_to_recordset(calls) as ended (
            nth integer, digest text, call text, handler text, attempt integer, error text)
          left join ${s}.dead_calls known on known.callback = id and known.digest = ended.digest
        where case
          when ended.error is null then known.state is not null
          else (known.state, known.attempts, known.error) is distinct from ('dead', attempt, ended.error)
        end
      ),
      died as (
        insert into ${s}.dead_calls (callback, number, digest, call, handler, state, attempts, died_at, error)
        select id, coalesce(number, last + row_number() over (partition by id, number is null order by nth)),
          digest, call, handler, 'dead', attempt, time, error
        from ended where error is not null
        on conflict (callback, digest) do update
        set call = excluded.call, state = 'dead', attempts = excluded.attempts, died_at = excluded.died_at, error = excluded.error
      ),
      kept as (
        insert into ${s}.errors (callback, digest, key, text) select id, digest, key, text from texts
        on conflict do nothing
      ),
      revived as (
        delete from ${s}.dead_calls using ended
        where callback = id and dead_calls.digest = ended.digest and ended.error is null
      ),
      counted as (
        update ${s}.progress set calls_dead = calls_dead + more_dead, calls_owed = calls_owed - less_owed
        from (
          select id, count(*) filter (where state = 'owed') as less_owed,
            count(error) - count(*) filter (where state = 'dead') as more_dead
          from ended group by id
        ) of_callback
        where progress.id = of_callback.id
      ),
      failed as (
        insert into ${s}.failures (callback, attempt, call, began_at, ended_at, error)
        select id, attempt, call, taken_at, time, text
        from (
          select *, row_number() over (partition by id order by nth desc) as newest from ended where error is not null
        ) failed join texts using (id)
        where newest <= ${MAX_FAILURES} and texts.digest = error
        order by id, nth
      ),
      ${forgetFailures(s, "(select id, count(error) as added from ended group by id)")}
      select n from held`,
      (rows) => [JSON.stringify(rows), now()],
    ),

    /** Forgets the errors that no dead call has any more. */
    forgetErrors: prepared<[rows: readonly object[]]>(
      `
      with held as (
        select id from json_to_recordset($1::json) as given (n integer, lane bigint, token text, id bigint) ${held}
      )
      delete from ${s}.errors using (
        select callback, digest from held join ${s}.errors on callback = id
        except
        select callback, error from held join ${s}.dead_calls on callback = id
      ) unused
      where errors.callback = unused.callback and errors.digest = unused.digest`,
      (rows) => [JSON.stringify(rows)],
    ),

    /** Of callbacks that are deleted. */
    dropCalls: prepared<[rows: readonly object[]]>(
      `
      with held as (
        select id from json_to_recordset($1::json) as given (n integer, lane bigint, token text, id bigint) ${held}
      ),
      dropped as (delete from ${s}.dead_calls using held where callback = held.id)
      delete from ${s}.errors using held where callback = held.id`,
      (rows) => [JSON.stringify(rows)],
    ),

    /** Of callbacks that are discarded. */
    skipCalls: prepared<[rows: readonly object[]]>(
      `
      with held as (
        select id from json_to_recordset($1::json) as given (n integer, lane bigint, token text, id bigint) ${held}
      ),
      counted as (
        update ${s}.progress set calls_dead = 0, calls_owed = 0 from held
        where progress.id = held.id and calls_dead + calls_owed > 0
      )
      update ${s}.dead_calls set state = 'skipped' from held where callback = held.id and state <> 'skipped'`,
      (rows) => [JSON.stringify(rows)],
    ),
  };
}
