import type { DatabaseSync } from "node:sqlite";

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
      insert into callbacks (id, place, webhook_id, nonce, nonce_key, timestamp, lane, body, digest, accepted_at)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
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
    next: prepare("select * from callbacks where lane = ? and state = 'pending' order by place limit 1"),
    attempt: prepare("update callbacks set attempts = ?, attempted_at = ? where id = ?"),
    failure: prepare(`
      insert into failures (callback, attempt, began_at, ended_at, error)
      select id, attempts, coalesce(attempted_at, accepted_at), ?, ? from callbacks where id = ?`),
    take: prepare("update lanes set taken = ?, due_at = lease_until + ? where lane = ?"),
    unfinished: prepare("update callbacks set unfinished = unfinished + 1 where id = ?"),
    position: prepare("update callbacks set position = ? where id = ?"),
    steps: prepare("select key, json from steps where callback = ?"),
    step: prepare("insert into steps values (?, ?, ?) on conflict do update set json = excluded.json"),
    drop: prepare("delete from callbacks where id = ?"),
    dropSteps: prepare("delete from steps where callback = ?"),
    pause: prepare("update callbacks set attempts = attempts - 1, position = ? where id = ?"),
    fail: prepare(`
      update callbacks set unfinished = 0, position = ?, error = ?, failed_at = coalesce(failed_at, ?) where id = ?`),
    end: prepare("update callbacks set state = ?, error = ?, ended_at = ?, position = ?, unfinished = 0 where id = ?"),
    retry: prepare("update lanes set retry_at = ?, taken = null, due_at = lease_until where lane = ?"),
    settle: prepare(`
      update lanes set pending = pending - 1, retry_at = 0, taken = null, due_at = lease_until where lane = ?`),
    prune: prepare(`
      delete from callbacks where id in (
        -- Without the second condition the partial index isn't used.
        select id from callbacks where state in ('done', 'discarded') and state <> 'pending' and ended_at < ? limit ?)`),
  };
}
