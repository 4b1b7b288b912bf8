import type { DatabaseSync } from "node:sqlite";
import { MAX_FAILURES } from "../limits.ts";
import { COUNT_CALLS, SKIP_CALLS } from "./dead_calls.ts";

/** Adds a pending callback to a lane; a lane that had none, and isn't leased, becomes due. */
export const ADD_PENDING: string = `
  insert into lanes (lane, pending, due_at) values (?, 1, ?)
  on conflict do update set
    due_at = case when pending = 0 and lease is null then excluded.due_at else due_at end,
    pending = pending + 1`;

/** The statements that every callback needs, prepared once. */
export type SqliteStatements = ReturnType<typeof prepareStatements>;

export function prepareStatements(database: DatabaseSync) {
  const prepare = (text: string) => database.prepare(text);
  return {
    dataVersion: prepare("pragma data_version"),
    place: prepare("select value from counters where name = 'place'"),
    touch: prepare("update counters set value = value where name = 'place'"),
    setPlace: prepare("update counters set value = ? where name = 'place'"),
    count: prepare("update counters set value = value + 1 where name = ?"),
    insert: prepare(`
      insert into callbacks (
        id, place, webhook_id, nonce, nonce_key, timestamp, lane, body, digest, accepted_at, traceparent)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      -- Not any conflict: one of the id would lose the callback.
      on conflict (nonce_key) do nothing
      on conflict (timestamp, webhook_id, digest) do nothing`),
    addPending: prepare(ADD_PENDING),
    lane: prepare("select lane, lease, lease_until, retry_at, taken from lanes where lane = ?"),
    due: prepare("select lane, taken from lanes where pending > 0 and due_at <= ? order by due_at limit ?"),
    dueUnleased: prepare(`
      select lane, taken from lanes where pending > 0 and due_at <= ? and lease is null order by due_at limit ?`),
    setBack: prepare("select value from counters where name = 'set_back'"),
    setSetBack: prepare("update counters set value = ? where name = 'set_back'"),
    moveBack: prepare(`
      update lanes set due_at = due_at + :step, retry_at = retry_at + :step, lease_until = lease_until + :step
      where pending > 0 and due_at > :time and (lease is null or lease_until > :leased)`),
    nextDue: prepare("select min(due_at) as due_at from lanes where pending > 0"),
    lease: prepare("update lanes set lease = ?, lease_until = ?, due_at = ?, taken = null where lane = ?"),
    renew: prepare(`
      update lanes set due_at = due_at - lease_until + ?, lease_until = ?
      where lane = ? and lease = ?`),
    release: prepare(`
      update lanes set lease = null, lease_until = 0, taken = null, due_at = max(retry_at, ?)
      where lane = ? and lease = ?`),
    next: prepare(`
      select id, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, traceparent, attempts, unfinished, position,
        dead_count + owed_count as dead_calls
      from callbacks where lane = ? and state = 'pending' order by place limit 1`),
    attempt: prepare("update callbacks set attempts = ?, attempted_at = ? where id = ?"),
    failure: prepare(`
      insert into failures (callback, attempt, call, began_at, ended_at, error)
      select id, attempts, position, coalesce(attempted_at, accepted_at), ?, ? from callbacks where id = ?`),
    failureOf: prepare(`
      insert into failures (callback, attempt, call, began_at, ended_at, error)
      select id, ?, ?, coalesce(attempted_at, accepted_at), ?, ? from callbacks where id = ?`),
    trimFailures: prepare(`
      delete from failures where callback = ?1 and id < (
        select id from failures where callback = ?1 order by id desc limit 1 offset ${MAX_FAILURES - 1})`),
    text: prepare("select id from errors where callback = ? and digest = ?"),
    addText: prepare("insert into errors (callback, digest, key, text) values (?, ?, ?, ?) returning id"),
    dropTexts: prepare(`
      delete from errors where callback = ? and not exists (select 1 from dead_calls where error = errors.id)`),
    die: prepare(`
      insert into dead_calls (callback, number, event, handler, call, state, attempts, died_at, error)
      values (?, ?, ?, ?, ?, 'dead', ?, ?, ?)
      on conflict (callback, event, handler) do update set
        call = excluded.call, state = 'dead', attempts = excluded.attempts, died_at = excluded.died_at,
        error = excluded.error
      -- Not if it was saved already.
      where state <> 'dead' or attempts <> excluded.attempts or error <> excluded.error
      returning number`),
    lastNumber: prepare("select coalesce(max(number), 0) as number from dead_calls where callback = ?"),
    revive: prepare("delete from dead_calls where callback = ? and event = ? and handler = ?"),
    deadCalls: prepare(`
      select number, call, handler, state from dead_calls where callback = ? and state <> 'skipped' order by number`),
    countCalls: prepare(COUNT_CALLS),
    skipCalls: prepare(SKIP_CALLS),
    lastError: prepare(`
      select coalesce((
        select text from dead_calls join errors on errors.id = error where dead_calls.callback = callbacks.id and state = 'dead'
        order by died_at desc, number desc limit 1), error) as error
      from callbacks where id = ?`),
    take: prepare("update lanes set taken = ?, due_at = lease_until + ? where lane = ?"),
    unfinished: prepare("update callbacks set unfinished = unfinished + 1 where id = ?"),
    progress: prepare("update callbacks set position = ?, attempts = ? where id = ?"),
    steps: prepare("select key, json from steps where callback = ?"),
    step: prepare("insert into steps values (?, ?, ?) on conflict do update set json = excluded.json"),
    drop: prepare("delete from callbacks where id = ?"),
    dropSteps: prepare("delete from steps where callback = ?"),
    fail: prepare("update callbacks set unfinished = 0, error = ?, failed_at = coalesce(failed_at, ?) where id = ?"),
    end: prepare("update callbacks set state = ?, error = ?, ended_at = ?, position = ?, unfinished = 0 where id = ?"),
    errorKey: prepare("update callbacks set error_key = ? where id = ?"),
    retry: prepare("update lanes set retry_at = ?, taken = null, due_at = lease_until where lane = ?"),
    settle: prepare(`
      update lanes set pending = pending - 1, retry_at = 0, taken = null, due_at = lease_until where lane = ?`),
    prune: prepare(`
      delete from callbacks where id in (
        -- Without the second condition the partial index isn't used.
        select id from callbacks where state in ('done', 'discarded') and state <> 'pending' and ended_at < ? limit ?)`),
  };
}
