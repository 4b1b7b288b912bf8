import type { ActedOn, CallPick } from "../../inspect.ts";
import { clock, head, identifier, literal, prepared, type StatementContext } from "./sql.ts";

/** The statements of people who act on callbacks; the lanes are locked before. The error of a pick is given as it is stored. */
export function actStatements({ schema, owner, now }: StatementContext) {
  const s = identifier(schema);
  const places = literal(`${s}.places`);
  const isPicked = (calls: string, error: string) => `
    (${calls}::integer[] is null or number = any (${calls}::integer[])) and (${error}::text is null or exists (
      select from ${s}.errors where errors.callback = calls.callback and digest = calls.error and key = ${error}::text))`;
  /** An attempt at a callback that ends, which was lost. */
  const brokenOff = `
    attempts = attempts + coalesce(taken = progress.id, false)::integer,
    attempted_at = case when taken = progress.id then taken_at else attempted_at end`;
  /** Lanes of pending callbacks in `acted` that end: those with a state in `becomes`. */
  const freed = `
    freed as (
      update ${s}.lanes set
        pending = pending - counted.ended,
        done = done + counted.ended - counted.died,
        dead = dead + counted.died,
        retry_at = case when has_head then 0 else retry_at end,
        -- An expired lease ends here.
        taken = case when has_head and lease_until <= time then null else taken end,
        lease = case when has_head and lease_until <= time then null else lease end,
        due_at = case when has_head and lease_until <= time then least(due_at, time) else due_at end
      from (
        select lane, time, count(*) as ended, count(*) filter (where becomes = 'dead') as died, bool_or(is_head) as has_head
        from acted where becomes is not null and state = 'pending' group by lane, time
      ) counted
      where lanes.lane = counted.lane
    )`;

  return {
    /** Locks the lanes of callbacks. */
    lockLanesOf: prepared<[ids: readonly number[]]>(
      `
      select from ${s}.lanes where lane in (select lane from ${s}.callbacks where id = any ($1::bigint[]))
      order by lane for update`,
      (ids) => [ids],
    ),

    replay: prepared<[ids: readonly number[], pick: CallPick | undefined], ActedOn>(
      `
      with ${clock(2)},
      found as (
        select nth, progress.id, lane, state, calls_dead from unnest($1::bigint[]) with ordinality as given (id, nth)
          join ${s}.progress on progress.id = given.id
        -- A row that is being pruned is gone then, or stays.
        for update of progress
      ),
      picked as materialized (
        select callback, digest from ${s}.dead_calls calls
        where callback in (select id from found where state = 'dead') and state = 'dead' and ${isPicked("$6", "$7")}
      ),
      acted as materialized (
        select distinct on (id) *, coalesce(count, 0) as calls,
          state <> 'pending' and (count > 0 or (not $5::boolean and (state <> 'dead' or calls_dead = 0))) as is_changed
        from found left join (select callback as id, count(*) from picked group by callback) counted using (id)
        order by id, nth
      ),
      placed as materialized (
        select nextval(${places}) as place, changed.* from (select * from acted where is_changed order by nth) changed
      ),
      replayed as (
        update ${s}.progress set
          state = 'pending', place = placed.place, attempts = 0, unfinished = 0, failed_at = null, ended_at = null,
          position = case placed.state when 'dead' then position end,
          error = case placed.state when 'dead' then error end,
          calls_dead = case placed.state when 'dead' then progress.calls_dead - calls else 0 end,
          calls_owed = case placed.state when 'dead' then calls_owed + calls else 0 end
        from placed where progress.id = placed.id
      ),
      owed as (
        update ${s}.dead_calls calls set state = 'owed' from picked
        where calls.callback = picked.callback and calls.digest = picked.digest
      ),
      -- What starts afresh has none.
      cleared as (
        delete from ${s}.dead_calls using placed where callback = id and placed.state <> 'dead'
      ),
      forgotten as (
        delete from ${s}.errors using placed where callback = id and placed.state <> 'dead'
      ),
      counted_in as (
        update ${s}.lanes set
          pending = pending + count,
          due_at = case when pending = 0 and lease is null then time else due_at end
        from (select lane, count(*) from placed group by lane) counted, clock
        where lanes.lane = counted.lane
      ),
      notified as (select pg_notify($3, $4))
      select id, state, case when is_changed then 'changed' else 'unchanged' end as outcome, calls::integer
      from acted, notified`,
      (ids, pick) => [ids, now(), schema, owner, pick !== undefined, pick?.calls ?? null, pick?.error ?? null],
    ),

    skip: prepared<[ids: readonly number[], pick: CallPick | undefined], ActedOn>(
      `
      with ${clock(2)},
      found as (
        select progress.id, lane, state, time, calls_dead, calls_owed,
          coalesce(taken = progress.id and lease_until > time, false) as is_running,
          state = 'pending' and progress.id = (${head(s)}) as is_head
        from ${s}.progress join ${s}.lanes using (lane), clock where id = any ($1::bigint[])
      ),
      picked as materialized (
        select callback, digest, state from ${s}.dead_calls calls
        where callback in (select id from found where state in ('pending', 'dead') and not is_running)
          and state <> 'skipped' and ${isPicked("$5", "$6")}
      ),
      acted as materialized (
        select found.*, calls, dead, owed,
          case
            when calls > 0 then 'changed'
            when state in ('pending', 'dead') and is_running then 'running'
            else 'unchanged'
          end as outcome,
          -- A callback that has owed calls has come to its end before.
          case
            when calls is null or (state = 'pending' and (calls_owed = 0 or calls_owed > owed)) then null
            when calls_dead = dead then 'done'
            when state = 'pending' then 'dead'
          end as becomes
        from found left join (
          select callback as id, count(*) as calls, count(*) filter (where state = 'dead') as dead,
            count(*) filter (where state = 'owed') as owed
          from picked group by callback
        ) counted using (id)
      ),
      skipped as (
        update ${s}.dead_calls calls set state = 'skipped' from picked
        where calls.callback = picked.callback and calls.digest = picked.digest
      ),
      changed as (
        update ${s}.progress set
          calls_dead = progress.calls_dead - dead,
          calls_owed = progress.calls_owed - owed
        from acted where progress.id = acted.id and calls > 0 and becomes is null
      ),
      ended as (
        update ${s}.progress set
          calls_dead = progress.calls_dead - acted.dead,
          calls_owed = progress.calls_owed - acted.owed,
          state = becomes, ended_at = time, unfinished = 0,
          ${brokenOff},
          position = case becomes when 'dead' then position end,
          error = case becomes when 'dead' then error end
        from acted join ${s}.lanes using (lane) where progress.id = acted.id and becomes is not null
      ),
      dropped as (delete from ${s}.steps using acted where callback = acted.id and becomes = 'done'),
      ${freed},
      notified as (select pg_notify($3, $4))
      select id, state, outcome, coalesce(calls, 0)::integer as calls from acted, notified`,
      (ids, pick) => [ids, now(), schema, owner, pick?.calls ?? null, pick?.error ?? null],
    ),

    discard: prepared<[ids: readonly number[]], ActedOn>(
      `
      with ${clock(2)},
      found as (
        select progress.id, lane, state, time,
          case
            when state not in ('pending', 'dead') then 'unchanged'
            when taken = progress.id and lease_until > time then 'running'
            else 'changed'
          end as outcome,
          state = 'pending' and progress.id = (${head(s)}) as is_head
        from ${s}.progress join ${s}.lanes using (lane), clock where id = any ($1::bigint[])
      ),
      acted as materialized (select *, case outcome when 'changed' then 'discarded' end as becomes from found),
      discarded as (
        update ${s}.progress set
          state = 'discarded', ended_at = time, unfinished = 0, position = null, calls_dead = 0, calls_owed = 0,
          ${brokenOff},
          error = 'Discarded by hand' || coalesce(', after: ' || error, '')
        from acted join ${s}.lanes using (lane) where progress.id = acted.id and outcome = 'changed'
      ),
      skipped as (
        update ${s}.dead_calls calls set state = 'skipped' from acted
        where callback = acted.id and outcome = 'changed' and calls.state <> 'skipped'
      ),
      dropped as (delete from ${s}.steps using acted where callback = acted.id and outcome = 'changed'),
      ${freed},
      notified as (select pg_notify($3, $4))
      select id, state, outcome, 0 as calls from acted, notified`,
      (ids) => [ids, now(), schema, owner],
    ),
  };
}
