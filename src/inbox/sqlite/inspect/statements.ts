import { NO_WEBHOOK } from "../../../callback/reconcile.ts";
export const FOUND: string = "id, state, lane, taken, lease_until, retry_at, dead_count, owed_count";
export const NEXT_PLACE: string = "update counters set value = value + 1 where name = 'place' returning value as place";
export const GO_ON: string = `
  update callbacks set state = 'pending', place = ?, attempts = 0, unfinished = 0, failed_at = null, ended_at = null
  where id = ?`;
export const START_AFRESH: string = `
  update callbacks set state = 'pending', place = ?, attempts = 0, unfinished = 0, failed_at = null, ended_at = null,
    position = null, error = null, dead_count = 0, owed_count = 0
  where id = ?`;
/** Dead calls go with their errors. */
export const DROP_CALLS: string = "delete from errors where callback = ?";
export const HEAD: string = "select id from callbacks where lane = ? and state = 'pending' order by place limit 1";
/** For a lane whose head is discarded: due at once, or when it is released. An expired lease ends here. */
export const RELEASE_HOLD: string = `
  update lanes set
    retry_at = 0,
    due_at = case when lease_until > :now then due_at else min(due_at, :now) end,
    taken = case when lease_until > :now then taken end,
    lease = case when lease_until > :now then lease end
  where lane = :lane`;
export const DISCARD: string = `
  update callbacks set state = 'discarded', ended_at = ?, unfinished = 0, position = null,
    error = 'Discarded by hand' || coalesce(', after: ' || error, '')
  where id = ?`;
/** The dead calls that a `CallPick` picks. */
const PICKED = `
  callback = :id
  and (:calls is null or number in (select value from json_each(:calls)))
  and (:key is null or error in (select id from errors where callback = :id and key = :key))`;
export const REPLAY_CALLS: string = `update dead_calls set state = 'owed' where state = 'dead' and ${PICKED}`;
export const SKIP_PICKED: string = `
  update dead_calls set state = 'skipped' where state in ('dead', 'owed') and ${PICKED}`;
/** Without its error: a dead letter whose dead calls were skipped. */
export const END_DONE: string = `
  update callbacks set state = 'done', ended_at = ?, unfinished = 0, position = null, error = null where id = ?`;
/** With its error: a replay whose owed calls were skipped, while others are dead. */
export const END_DEAD: string = `
  update callbacks set state = 'dead', ended_at = ?, unfinished = 0 where id = ?`;
export const DEAD_CALLS: string = `
  select coalesce(sum(dead_count), 0) as count from callbacks indexed by callbacks_dead where state = 'dead'`;
/** A condition on callbacks, for the key of an error, twice. */
export const HAS_ERROR: string = `id in (
  select id from callbacks indexed by callbacks_dead where state = 'dead' and dead_count = 0 and error_key = ?
  union all
  select callback from errors where key = ? and exists (
    select 1 from dead_calls where error = errors.id and state = 'dead'))`;
/** @param where a condition on callbacks; its parameters are given twice */
export function deadErrors(where: string): string {
  return `
    select error, count(*) as callbacks, sum(calls) as calls, max(callback) as last from (
      select key as error, callback, sum(calls) as calls from (
        select key, callback, (
          select count(*) from dead_calls where error = errors.id and state = 'dead') as calls
        from errors where callback in (select id from callbacks where ${where})
      ) group by key, callback having sum(calls) > 0
      union all
      select error_key, id, 0 from callbacks where ${where} and dead_count = 0 and error_key is not null
    ) group by error order by calls desc, callbacks desc, last desc limit ?`;
}
export const KEPT: string = "select state, count(*) as count from callbacks where state <> 'pending' group by state";
export const LANES: string = `
  select coalesce(sum(pending), 0) as pending, count(*) as lanes, count(*) filter (where retry_at > ?) as held
  from lanes where pending > 0`;
export const OLDEST: string = `
  select accepted_at from callbacks
  where id = (select min(id) from callbacks indexed by callbacks_pending where state = 'pending')`;
export const HELD: string = `
  select lane, callbacks.id as callback, attempts, coalesce(failed_at, accepted_at) as since, retry_at as retryAt,
    coalesce(error, '') as error
  from lanes join callbacks using (lane)
  where pending > 0 and retry_at > ? and callbacks.id = (
    select id from callbacks as others where others.lane = lanes.lane and state = 'pending' order by place limit 1)
  order by since limit ?`;
/** Counts step by step along the indexes: grouping by a computed step would sort all rows, six times as slow. */
export const ACTIVITY: string = `
  with recursive
    starts (at) as (select :since union all select at + :stepMs from starts where at + :stepMs < :until),
    steps as (select at, min(at + :stepMs, :until) as before from starts)
  select at,
    (select count(*) from callbacks where accepted_at >= at and accepted_at < before and webhook_id <> ${NO_WEBHOOK}) as accepted,
    (select count(*) from callbacks where state in ('done', 'discarded') and state <> 'pending'
      and ended_at >= at and ended_at < before) as done,
    (select count(*) from callbacks where state = 'dead' and state <> 'pending'
      and ended_at >= at and ended_at < before) as dead
  from steps`;
