import { identifier, literal } from "./schema.ts";
import { CALLBACK, clock } from "./statements.ts";

/** The statements of the half that is for people. */
export function inspectStatements(schema: string) {
  const s = identifier(schema);
  const places = literal(`${s}.places`);
  const both = `${s}.callbacks join ${s}.progress using (id, lane)`;
  const head = `select id from ${s}.progress head
    where head.lane = lanes.lane and head.state = 'pending' order by place limit 1`;
  const prune = (states: string, endedBefore: string) => `
    ended as (
      delete from ${s}.progress where id in (
        select id from ${s}.progress where ${states} and state <> 'pending' and ended_at < ${endedBefore}
        limit $2::integer for update skip locked)
      returning id
    )
    delete from ${s}.callbacks using ended where callbacks.id = ended.id returning ended.id`;
  return {
    both,

    /** `$1`: callbacks, of which the lanes are locked. */
    lockLanes: `
      select from ${s}.lanes where lane in (select lane from ${s}.callbacks where id = any ($1::bigint[]))
      order by lane for update`,

    lanes: `
      with ${clock(1)}
      select coalesce(sum(pending), 0)::bigint as pending, coalesce(sum(done), 0)::bigint as totals_done,
        coalesce(sum(dead), 0)::bigint as totals_dead, count(*) filter (where pending > 0) as owing,
        count(*) filter (where pending > 0 and retry_at > (select time from clock)) as holding,
        (select accepted_at from ${s}.callbacks where id = (
          select min(id) from ${s}.progress where state = 'pending')) as oldest
      from ${s}.lanes`,

    kept: `select state, count(*) as count from ${s}.progress where state <> 'pending' group by state`,

    /** `$2`: how many. */
    held: `
      with ${clock(1)}
      select lanes.lane, progress.id as callback, attempts + (taken is not distinct from progress.id)::integer as attempts,
        coalesce(failed_at, accepted_at) as since, retry_at as "retryAt", coalesce(error, '') as error
      from clock, ${s}.lanes join ${s}.progress on progress.id = (${head}) join ${s}.callbacks on callbacks.id = progress.id
      where pending > 0 and retry_at > time
      order by since limit $2::integer`,

    /** `$1`: a callback. */
    show: `
      with ${clock(2)}
      select ${CALLBACK}, state, unfinished, position, error, failed_at, ended_at, attempts + coalesce(taken = id, false)::integer as attempts,
        coalesce(taken = id and lease_until > time, false) as is_running,
        case when taken = id then taken_at else attempted_at end as attempted_at,
        case when state = 'pending' and retry_at > time and id = (${head}) then retry_at end as holding_until,
        coalesce((select json_agg(key order by key) from ${s}.steps where callback = id), '[]') as steps,
        coalesce((
          select json_agg(json_build_object(
            'attempt', attempt, 'beganAt', began_at, 'endedAt', ended_at, 'error', last.error) order by last.id)
          from (select * from ${s}.failures where callback = progress.id order by failures.id desc limit 100) last
        ), '[]') as failures
      from clock, ${both} join ${s}.lanes using (lane) where id = $1::bigint`,

    /** `$1` since, `$2` until, `$3` the length of a step. */
    activity: `
      with happened as (
        select (accepted_at - $1::bigint) / $3::bigint as step, 'accepted' as kind, count(*) as count
        from ${s}.callbacks where accepted_at >= $1::bigint and accepted_at < $2::bigint group by 1
        union all
        select (ended_at - $1::bigint) / $3::bigint, case state when 'dead' then 'dead' else 'done' end, count(*)
        from ${s}.progress where state in ('done', 'discarded', 'dead') and state <> 'pending'
          and ended_at >= $1::bigint and ended_at < $2::bigint group by 1, 2
      )
      select $1::bigint + step * $3::bigint as at,
        coalesce(sum(count) filter (where kind = 'accepted'), 0)::bigint as accepted,
        coalesce(sum(count) filter (where kind = 'done'), 0)::bigint as done,
        coalesce(sum(count) filter (where kind = 'dead'), 0)::bigint as dead
      from happened group by step order by step`,

    /** `$1`: callbacks; `$3`, `$4`: the channel and what is said in it. */
    replay: `
      with ${clock(2)},
      found as (
        select number, progress.id, lane, state from unnest($1::bigint[]) with ordinality as given (id, number)
          join ${s}.progress on progress.id = given.id
        -- What is being pruned is gone then, or stays.
        for update of progress
      ),
      placed as materialized (
        select nextval(${places}) as place, * from (
          select distinct on (id) number, id, lane, state from found where state <> 'pending' order by id, number
        ) ended order by number
      ),
      replayed as (
        update ${s}.progress set
          state = 'pending', place = placed.place, attempts = 0, unfinished = 0, failed_at = null, ended_at = null,
          position = case placed.state when 'dead' then position end,
          error = case placed.state when 'dead' then error end
        from placed where progress.id = placed.id
      ),
      owed as (
        update ${s}.lanes set
          pending = pending + count,
          due_at = case when pending = 0 and lease is null then time else due_at end
        from (select lane, count(*) from placed group by lane) counted, clock
        where lanes.lane = counted.lane
      ),
      told as (select pg_notify($3, $4))
      select id, state, case when state = 'pending' then 'unchanged' else 'changed' end as outcome
      from found, told`,

    /** `$1`: callbacks; `$3`, `$4`: the channel and what is said in it. */
    discard: `
      with ${clock(2)},
      found as (
        select progress.id, lane, state, time,
          case
            when state not in ('pending', 'dead') then 'unchanged'
            when taken = progress.id and lease_until > time then 'running'
            else 'changed'
          end as outcome,
          state = 'pending' and progress.id = (${head}) as is_head
        from ${s}.progress join ${s}.lanes using (lane), clock where id = any ($1::bigint[])
      ),
      discarded as (
        update ${s}.progress set
          state = 'discarded', ended_at = time, unfinished = 0, position = null,
          attempts = attempts + coalesce(taken = progress.id, false)::integer,
          error = 'Discarded by hand' || coalesce(', after: ' || error, '')
        from found join ${s}.lanes using (lane) where progress.id = found.id and outcome = 'changed'
      ),
      dropped as (delete from ${s}.steps using found where callback = found.id and outcome = 'changed'),
      freed as (
        update ${s}.lanes set
          pending = pending - counted.ended,
          done = done + counted.ended,
          retry_at = case when has_head then 0 else retry_at end,
          -- A lease that has run out ends here.
          taken = case when has_head and lease_until <= time then null else taken end,
          lease = case when has_head and lease_until <= time then null else lease end,
          due_at = case when has_head and lease_until <= time then least(due_at, time) else due_at end
        from (
          select lane, time, count(*) as ended, bool_or(is_head) as has_head
          from found where outcome = 'changed' and state = 'pending' group by lane, time
        ) counted
        where lanes.lane = counted.lane
      ),
      told as (select pg_notify($3, $4))
      select id, state, outcome from found, told`,

    /** `$1`: ended before, `$2`: how many. */
    prune: (states: string) => `with ${prune(states, "$1::bigint")}`,

    /** `$2`: how many, `$3`: how long what has ended well is kept, by the clock that it ended by. */
    forget: `with ${clock(1)}, ${prune("state in ('done', 'discarded')", "(select time from clock) - $3::bigint")}`,
  };
}
