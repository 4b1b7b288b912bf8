import { NO_WEBHOOK } from "../../../callback/reconcile.ts";
import type { Activity, CallbackState, Failure, HeldLane, StoredDeadCall } from "../../inspect.ts";
import { LONGEST_HELD, MAX_FAILURES, PRUNE_CHUNK } from "../../limits.ts";
import { stateIn } from "../../callback_condition.ts";
import type { Position } from "../../inbox.ts";
import type { CallbackRow } from "../../callback_row.ts";
import { CALLBACK, clock, head, identifier, prepared, type Statement, type StatementContext } from "./sql.ts";

export interface LaneTotals {
  readonly pending: number;
  readonly totals_done: number;
  readonly totals_dead: number;
  readonly with_pending: number;
  readonly holding: number;
  readonly oldest: number | null;
  readonly dead_calls: number;
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
  readonly failures: readonly (Omit<Failure, "call"> & { readonly call: Position | null })[];
  /** With the digests of their errors. */
  readonly dead_calls: readonly StoredDeadCall[];
  /** By their digests. */
  readonly texts: Readonly<Record<string, string>> | null;
}

/** The statements of the half that is for people. */
export function inspectStatements({ schema, now }: StatementContext) {
  const s = identifier(schema);
  const both = `${s}.callbacks join ${s}.progress using (id, lane)`;
  const first = head(s);
  const prune = (states: string, endedBefore: string) => `
    ended as (
      delete from ${s}.progress where id in (
        select id from ${s}.progress where ${states} and state <> 'pending' and ended_at < ${endedBefore}
        limit $2::integer for update skip locked)
      returning id
    ),
    calls as (delete from ${s}.dead_calls using ended where callback = ended.id),
    texts as (delete from ${s}.errors using ended where callback = ended.id)
    delete from ${s}.callbacks using ended where callbacks.id = ended.id returning ended.id`;

  return {
    lanes: prepared<[], LaneTotals>(
      `
      with ${clock(1)}
      select coalesce(sum(pending), 0)::bigint as pending, coalesce(sum(done), 0)::bigint as totals_done,
        coalesce(sum(dead), 0)::bigint as totals_dead, count(*) filter (where pending > 0) as with_pending,
        count(*) filter (where pending > 0 and retry_at > (select time from clock)) as holding,
        (select accepted_at from ${s}.callbacks where id = (
          select min(id) from ${s}.progress where state = 'pending')) as oldest,
        (select coalesce(sum(calls_dead), 0)::bigint
          from ${s}.progress where ${stateIn(["dead"])}) as dead_calls
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
      from clock, ${s}.lanes join ${s}.progress on progress.id = (${first}) join ${s}.callbacks on callbacks.id = progress.id
      where pending > 0 and retry_at > time
      order by since limit $2::integer`,
      () => [now(), LONGEST_HELD],
    ),

    show: prepared<[id: number], StoredRow>(
      `
      with ${clock(2)}
      select ${CALLBACK}, state, unfinished, position, error, failed_at, ended_at, attempts + coalesce(taken = id, false)::integer as attempts,
        coalesce(taken = id and lease_until > time, false) as is_running,
        case when taken = id then taken_at else attempted_at end as attempted_at,
        case when state = 'pending' and retry_at > time and id = (${first}) then retry_at end as holding_until,
        coalesce((select json_agg(key order by key) from ${s}.steps where callback = id), '[]') as steps,
        coalesce((
          select json_agg(json_build_object(
            'attempt', attempt, 'call', call::json, 'beganAt', began_at, 'endedAt', ended_at, 'error', last.error
          ) order by last.id)
          from (
            select * from ${s}.failures where callback = progress.id order by failures.id desc limit ${MAX_FAILURES}
          ) last
        ), '[]') as failures,
        coalesce((
          select json_agg(json_build_object('number', number, 'call', call::json, 'handler', handler::json, 'state', calls.state,
            'attempts', calls.attempts, 'diedAt', died_at, 'error', calls.error) order by number)
          from ${s}.dead_calls calls where callback = progress.id
        ), '[]') as dead_calls,
        (select json_object_agg(digest, text) from ${s}.errors where callback = progress.id) as texts
      from clock, ${both} join ${s}.lanes using (lane) where id = $1::bigint`,
      (id) => [id, now()],
    ),

    activity: prepared<[since: number, until: number, stepMs: number], Activity>(
      `
      with happened as (
        select (accepted_at - $1::bigint) / $3::bigint as step, 'accepted' as kind, count(*) as count
        from ${s}.callbacks
        where accepted_at >= $1::bigint and accepted_at < $2::bigint and webhook_id <> ${NO_WEBHOOK} group by 1
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
