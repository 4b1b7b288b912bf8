import type { ActedOn, Activity, CallbackFilter, CallbackState, Failure, HeldLane } from "../../inspect.ts";
import { LONGEST_HELD, PRUNE_CHUNK } from "../../limits.ts";
import { conditionOf, stateIn } from "../../callback_condition.ts";
import type { CallbackRow } from "../../callback_row.ts";
import { CALLBACK, clock, identifier, literal, prepared, type Statement, type StatementContext } from "./sql.ts";

export interface LaneTotals {
  readonly pending: number;
  readonly totals_done: number;
  readonly totals_dead: number;
  readonly with_pending: number;
  readonly holding: number;
  readonly oldest: number | null;
}

export interface StoredRow extends CallbackRow {
  readonly state: CallbackState;
  readonly is_running: boolean;
  readonly error: string | null;
  readonly failed_at: number | null;
  readonly attempted_at: number | null;
  readonly ended_at: number | null;
  readonly holding_until: number | null;
  readonly steps: readonly string[];
  readonly failures: readonly Failure[];
}

/** The statements of the half that is for people. */
export function inspectStatements({ schema, owner, now }: StatementContext) {
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
    /** Locks the lanes of callbacks. */
    lockLanesOf: prepared<[ids: readonly number[]]>(
      `
      select from ${s}.lanes where lane in (select lane from ${s}.callbacks where id = any ($1::bigint[]))
      order by lane for update`,
      (ids) => [ids],
    ),

    lanes: prepared<[], LaneTotals>(
      `
      with ${clock(1)}
      select coalesce(sum(pending), 0)::bigint as pending, coalesce(sum(done), 0)::bigint as totals_done,
        coalesce(sum(dead), 0)::bigint as totals_dead, count(*) filter (where pending > 0) as with_pending,
        count(*) filter (where pending > 0 and retry_at > (select time from clock)) as holding,
        (select accepted_at from ${s}.callbacks where id = (
          select min(id) from ${s}.progress where state = 'pending')) as oldest
      from ${s}.lanes`,
      () => [now()],
    ),

    kept: prepared<[], { readonly state: CallbackState; readonly count: number }>(
      `select state, count(*) as count from ${s}.progress where state <> 'pending' group by state`,
      () => [],
    ),

    held: prepared<[], HeldLane>(
      `
      with ${clock(1)}
      select lanes.lane, progress.id as callback, attempts + (taken is not distinct from progress.id)::integer as attempts,
        coalesce(failed_at, accepted_at) as since, retry_at as "retryAt", coalesce(error, '') as error
      from clock, ${s}.lanes join ${s}.progress on progress.id = (${head}) join ${s}.callbacks on callbacks.id = progress.id
      where pending > 0 and retry_at > time
      order by since limit $2::integer`,
      () => [now(), LONGEST_HELD],
    ),

    find(filter: CallbackFilter, limit: number | undefined): Statement<{ readonly id: number }> {
      const { where, values } = conditionOf(filter);
      let last = 0;
      const numbered = where.replaceAll("?", () => `$${++last}`);
      return {
        text: `select id from ${both} where ${numbered} order by id desc limit $${last + 1}`,
        values: [...values, limit ?? null],
      };
    },

    show: prepared<[id: number], StoredRow>(
      `
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
      (id) => [id, now()],
    ),

    activity: prepared<[since: number, until: number, stepMs: number], Activity>(
      `
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
      (since, until, stepMs) => [since, until, stepMs],
    ),

    replay: prepared<[ids: readonly number[]], ActedOn>(
      `
      with ${clock(2)},
      found as (
        select number, progress.id, lane, state from unnest($1::bigint[]) with ordinality as given (id, number)
          join ${s}.progress on progress.id = given.id
        -- A row that is being pruned is gone then, or stays.
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
      counted_in as (
        update ${s}.lanes set
          pending = pending + count,
          due_at = case when pending = 0 and lease is null then time else due_at end
        from (select lane, count(*) from placed group by lane) counted, clock
        where lanes.lane = counted.lane
      ),
      notified as (select pg_notify($3, $4))
      select id, state, case when state = 'pending' then 'unchanged' else 'changed' end as outcome
      from found, notified`,
      (ids) => [ids, now(), schema, owner],
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
          -- An expired lease ends here.
          taken = case when has_head and lease_until <= time then null else taken end,
          lease = case when has_head and lease_until <= time then null else lease end,
          due_at = case when has_head and lease_until <= time then least(due_at, time) else due_at end
        from (
          select lane, time, count(*) as ended, bool_or(is_head) as has_head
          from found where outcome = 'changed' and state = 'pending' group by lane, time
        ) counted
        where lanes.lane = counted.lane
      ),
      notified as (select pg_notify($3, $4))
      select id, state, outcome from found, notified`,
      (ids) => [ids, now(), schema, owner],
    ),

    prune: (states: readonly CallbackState[], endedBefore: number): Statement => ({
      text: `with ${prune(stateIn(states), "$1::bigint")}`,
      values: [endedBefore, PRUNE_CHUNK],
    }),

    /** Deletes what has ended well over `keepMs` ago, by the clock that it ended by. */
    forget: prepared<[keepMs: number]>(
      `with ${clock(1)}, ${prune("state in ('done', 'discarded')", "(select time from clock) - $3::bigint")}`,
      (keepMs) => [now(), PRUNE_CHUNK, keepMs],
    ),
  };
}
