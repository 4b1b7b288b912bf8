import { NEVER_ENDED } from "../../attempts.ts";
import type { CallbackRow } from "../../callback_row.ts";
import type { DeadCall } from "../../inbox.ts";
import { CALLBACK, clock, forgetFailures, identifier, NOT_ON_DISK, prepared, type StatementContext } from "./sql.ts";

/** The row numbered `n` was of a lease that holds. */
export interface HeldRow {
  readonly n: number;
}

export type TakenRow = HeldRow & {
  /** The lane has nothing pending, and is released. */
  readonly given_back: boolean;
  readonly steps: Readonly<Record<string, string>> | null;
  readonly dead_calls: readonly DeadCall[] | null;
} & (CallbackRow | { readonly id: null });

export interface LeasedRow {
  readonly lane: number;
  /** Null for a lane that has nothing pending, or that was cut off: it waits now, as after a failure. */
  readonly lease: string | null;
}

/**
 * The statements that process lanes. `rows` are numbered by `n`.
 *
 * Locks are taken lane first, in order of their id, by a statement of its own; the statements behind it see what is
 * committed by then, and so decide on the lane's own row.
 */
export function laneStatements({ schema, owner, now }: StatementContext) {
  const s = identifier(schema);
  // The failures of calls that died are recorded with them.
  const isFailure = (row: string) => `(${row}.kind = 'failed' or ${row}.kind = 'dead' and ${row}.position is not null)`;
  return {
    lockLanes: prepared<[lanes: readonly number[]]>(
      `select from ${s}.lanes where lane = any ($1::bigint[]) order by lane for update`,
      (lanes) => [lanes],
    ),

    saveProgress: prepared<[rows: readonly object[]], HeldRow>(
      `
      update ${s}.progress set position = given.position, attempts = attempt - 1
      from json_to_recordset($1::json) as given (
          n integer, lane bigint, token text, id bigint, position text, attempt integer)
        join ${s}.lanes on lanes.lane = given.lane and lease = token and taken = given.id
      where progress.id = given.id
      returning n`,
      (rows) => [JSON.stringify(rows)],
    ),

    saveStep: prepared<[rows: readonly object[]], HeldRow>(
      `
      with held as (
        select given.*
        from json_to_recordset($1::json) as given (n integer, lane bigint, token text, id bigint, key text, json text)
          join ${s}.lanes on lanes.lane = given.lane and lease = token and taken = given.id
      ),
      saved as (
        insert into ${s}.steps (callback, key, json) select id, key, json from held
        on conflict (callback, key) do update set json = excluded.json
      )
      select n from held`,
      (rows) => [JSON.stringify(rows)],
    ),

    finish: prepared<[rows: readonly object[]], HeldRow>(
      `
      with ${clock(2)},
      held as (
        select given.*, kind in ('done', 'dropped', 'discarded', 'dead') as ends, taken_at, time
        from json_to_recordset($1::json) as given (
          n integer, lane bigint, token text, id bigint, kind text, error text, retry_after_ms bigint, position text,
          attempt integer)
          join ${s}.lanes on lanes.lane = given.lane and lease = token, clock
      ),
      taken as (
        -- If this lease has taken another one, it has recorded this one before, and the answer was lost.
        select held.* from held join ${s}.lanes on lanes.lane = held.lane and lanes.taken = id
      ),
      ended as (
        update ${s}.progress set
          state = case when ends then kind else 'pending' end,
          attempts = coalesce(attempt, attempts + 1) - (kind = 'paused')::integer,
          attempted_at = taken_at,
          unfinished = case kind when 'paused' then unfinished else 0 end,
          failures = failures + (${isFailure("taken")})::integer,
          position = taken.position,
          error = case kind
            when 'paused' then progress.error
            when 'dead' then coalesce(taken.error, (
              select errors.text from ${s}.dead_calls join ${s}.errors
                on errors.callback = dead_calls.callback and errors.digest = dead_calls.error
              where dead_calls.callback = progress.id and dead_calls.state = 'dead' order by died_at desc, number desc limit 1))
            else taken.error
          end,
          failed_at = case kind when 'failed' then coalesce(failed_at, time) else failed_at end,
          ended_at = case when ends then time end
        from taken where progress.id = taken.id and kind <> 'dropped'
        returning progress.id, attempts, attempted_at, kind, progress.position, progress.error, failures, time
      ),
      deleted as (
        delete from ${s}.progress using taken where progress.id = taken.id and kind = 'dropped' returning progress.id
      ),
      forgotten as (
        delete from ${s}.callbacks using deleted where callbacks.id = deleted.id
      ),
      failed as (
        insert into ${s}.failures (callback, attempt, call, began_at, ended_at, error)
        select id, attempts, position, attempted_at, time, error from ended where ${isFailure("ended")}
      ),
      ${forgetFailures(s, `(select id, 1 as added from ended where ${isFailure("ended")} and failures % 20 = 0)`)},
      dropped as (
        -- They are of no more use, but to a dead letter's replay.
        delete from ${s}.steps using taken where callback = taken.id and kind in ('done', 'discarded')
      ),
      freed as (
        update ${s}.lanes set
          pending = pending - ends::integer,
          done = done + (kind in ('done', 'discarded'))::integer,
          dead = dead + (kind = 'dead')::integer,
          retry_at = case kind when 'failed' then time + retry_after_ms else 0 end,
          taken = null,
          taken_at = null
        from taken where lanes.lane = taken.lane
      )
      select n from held`,
      (rows) => [JSON.stringify(rows), now()],
    ),

    /** A lane that has nothing pending is released at once. */
    take: prepared<[rows: readonly object[]], TakenRow>(
      `
      with ${clock(2)},
      held as (
        select n, lanes.lane, pending, retry_at
        from json_to_recordset($1::json) as given (n integer, lane bigint, token text)
          join ${s}.lanes on lanes.lane = given.lane and lease = token
      ),
      head as (
        select n, first.*
        from held, clock, lateral (
          select id, lane, attempts, unfinished, position, calls_dead + calls_owed > 0 as has_dead_calls
          from ${s}.progress where progress.lane = held.lane and state = 'pending' order by place limit 1
        ) first
        where pending > 0 and retry_at <= time
      ),
      freed as (
        update ${s}.lanes set lease = null, lease_until = 0, due_at = null
        from held where lanes.lane = held.lane and held.pending = 0
      ),
      taken as (
        update ${s}.lanes set taken = head.id, taken_at = time from head, clock where lanes.lane = head.lane
      )
      select held.n, pending = 0 as given_back, ${CALLBACK}, attempts + 1 as attempts, unfinished, position,
        (select json_object_agg(key, json) from ${s}.steps where callback = head.id) as steps,
        case when has_dead_calls then (
          select json_agg(json_build_object(
            'number', number, 'call', call::json, 'handler', handler::json, 'isOwed', state = 'owed') order by number)
          from ${s}.dead_calls where callback = head.id and state <> 'skipped'
        ) end as dead_calls
      from held left join head using (n) left join ${s}.callbacks on callbacks.id = head.id`,
      (rows) => [JSON.stringify(rows), now()],
    ),

    renew: prepared<[rows: readonly object[]], HeldRow>(
      `
      with ${clock(2)}
      update ${s}.lanes set lease_until = time + lease_ms, due_at = time + lease_ms
      from json_to_recordset($1::json) as given (n integer, lane bigint, token text, lease_ms bigint), clock
      where lanes.lane = given.lane and lease = token
      returning n`,
      (rows) => [JSON.stringify(rows), now()],
    ),

    /** Notifies if a lane has something pending. */
    release: prepared<[rows: readonly object[]], HeldRow>(
      `
      with ${clock(2)},
      held as (
        select n, lanes.lane, taken, taken_at, pending, time
        from json_to_recordset($1::json) as given (n integer, lane bigint, token text)
          join ${s}.lanes on lanes.lane = given.lane and lease = token, clock
      ),
      broken_off as (
        update ${s}.progress set attempts = attempts + 1, attempted_at = taken_at from held where id = taken
      ),
      freed as (
        update ${s}.lanes set
          lease = null, lease_until = 0, taken = null, taken_at = null,
          due_at = case when lanes.pending > 0 then greatest(retry_at, time) end
        from held where lanes.lane = held.lane
      )
      select n, (select pg_notify($3, $4) from (select from held where pending > 0 limit 1) unfinished) from held`,
      (rows) => [JSON.stringify(rows), now(), schema, owner],
    ),

    /**
     * @param delays the wait after each attempt that never ended
     * @param isAlone whether it is a transaction by itself
     */
    lease: prepared<[limit: number, leaseMs: number, delays: readonly number[], isAlone: boolean], LeasedRow>(
      `
      with ${clock(2)},
      due as (
        select lane, pending, lease_until, taken, taken_at from ${s}.lanes
        where due_at <= (select time from clock) order by due_at limit $1::integer for update skip locked
      ),
      lost as (
        update ${s}.progress set
          attempts = attempts + 1, unfinished = unfinished + 1, failures = failures + 1, attempted_at = taken_at
        from due where id = taken
        returning id, attempts, attempted_at, position
      ),
      failed as (
        insert into ${s}.failures (callback, attempt, call, began_at, ended_at, error)
        select id, attempts, position, attempted_at, time, '${NEVER_ENDED}' from lost, clock
      ),
      leased as (
        update ${s}.lanes set
          lease = case when due.pending > 0 and due.taken is null then gen_random_uuid()::text end,
          lease_until = case when due.pending > 0 and due.taken is null then time + $3::bigint else 0 end,
          due_at = case
            when due.pending = 0 then null
            when due.taken is null then time + $3::bigint
            else due.lease_until + ($4::bigint[])[least(coalesce(lost.attempts, 1), array_length($4::bigint[], 1))]
          end,
          taken = null,
          taken_at = null
        from due left join lost on lost.id = due.taken, clock
        -- By their index: the planner doesn't know how many there are.
        where lanes.lane = any (array(select lane from due)) and lanes.lane = due.lane
        returning lanes.lane, lanes.lease
      )
      -- A handler doesn't begin before its take is on disk, and with it the lease.
      select lane, lease, case when $5::boolean then ${NOT_ON_DISK} end from leased`,
      (limit, leaseMs, delays, isAlone) => [limit, now(), Math.round(leaseMs), delays, isAlone],
    ),

    /** How long until a lane is due, in milliseconds; null if none is. */
    nextDue: prepared<[], { readonly ms: number | null }>(
      `with ${clock(1)} select (select min(due_at) from ${s}.lanes) - time as ms from clock`,
      () => [now()],
    ),
  };
}
