import type { DatabaseSync } from "node:sqlite";
import { SheethookError } from "../../errors.ts";
import { rollBack } from "./commit.ts";
import { fillErrorKeys } from "./error_keys.ts";
import { fillNonceKeys } from "./nonce_key.ts";

/**
 * Append only: a file of an earlier version is brought up to date by the migrations that it lacks.
 *
 * Times are milliseconds since 1970. A lane's `due_at` is when a worker may lease it: while it is leased, when the lease
 * expires, and once a callback is taken, the delay of a failed attempt later. So one index
 * answers both "what is due?" and "when is something due?".
 */
const MIGRATIONS: readonly (string | ((database: DatabaseSync) => void))[] = [
  `
  create table callbacks (
    id integer primary key,
    -- The place in its lane: the id, until a replay puts it at the end.
    place integer not null,
    webhook_id integer not null,
    nonce text not null,
    timestamp text not null,
    lane integer not null,
    body text not null,
    digest text not null,
    accepted_at integer not null,
    state text not null default 'pending' check (state in ('pending', 'done', 'discarded', 'dead')),
    attempts integer not null default 0,
    -- When the last of them began.
    attempted_at integer,
    unfinished integer not null default 0,
    position text,
    -- Why the last attempt failed, or the callback was discarded.
    error text,
    -- When its first attempt failed: since when it has held up its lane.
    failed_at integer,
    ended_at integer
  ) strict;
  create unique index callbacks_by_nonce on callbacks (webhook_id, nonce, digest);
  create unique index callbacks_by_timestamp on callbacks (webhook_id, timestamp, digest);
  create index callbacks_pending on callbacks (lane, place) where state = 'pending';
  create index callbacks_accepted on callbacks (accepted_at);
  create index callbacks_ended on callbacks (state, ended_at) where state <> 'pending';

  -- Attempts that failed, or never ended.
  create table failures (
    id integer primary key,
    callback integer not null references callbacks on delete cascade,
    attempt integer not null,
    began_at integer not null,
    ended_at integer not null,
    error text not null
  ) strict;
  create index failures_by_callback on failures (callback);

  create table steps (
    callback integer not null references callbacks on delete cascade,
    key text not null,
    json text not null,
    primary key (callback, key)
  ) strict, without rowid;

  create table lanes (
    lane integer primary key,
    pending integer not null,
    due_at integer not null,
    -- Before that, the callback that failed isn't taken again.
    retry_at integer not null default 0,
    lease text,
    lease_until integer not null default 0,
    -- The callback of which an attempt was begun and hasn't ended.
    taken integer
  ) strict;
  create index lanes_due on lanes (due_at) where pending > 0;

  -- What only ever grows: ids are never used twice, also when the last callback was pruned.
  create table counters (name text primary key, value integer not null) strict, without rowid;
  insert into counters values ('place', 0), ('done', 0), ('dead', 0);
  `,
  `
  -- By how many milliseconds the clock was set back, as far as lanes were moved with it: each process that notices a step
  -- finds out here whether another has followed it.
  insert into counters values ('set_back', 0) on conflict do nothing;
  `,
  (database) => {
    database.exec(`
      alter table callbacks add column nonce_key blob;
      drop index callbacks_by_nonce;
      drop index callbacks_by_timestamp;
      drop index callbacks_accepted`);
    fillNonceKeys(database);
    database.exec(`
      create unique index callbacks_by_nonce on callbacks (nonce_key);
      -- The time first: what comes is added at the end, whosever it is.
      create unique index callbacks_by_timestamp on callbacks (timestamp, webhook_id, digest);
      -- The webhook as well: it finds the callbacks of one without looking into the table.
      create index callbacks_accepted on callbacks (accepted_at, webhook_id)`);
  },
  (database) => {
    database.exec(`
      alter table callbacks add column dead_count integer not null default 0;
      alter table callbacks add column owed_count integer not null default 0;
      -- Of a dead letter that has no dead call: what its error shares with equal ones.
      alter table callbacks add column error_key text;
      create index callbacks_dead on callbacks (dead_count, error_key) where state = 'dead';

      -- The call that failed, as a position; null is the first.
      alter table failures add column call text;

      -- Each text of a callback's errors once: thousands of its calls may die of the same.
      create table errors (
        id integer primary key,
        callback integer not null references callbacks on delete cascade,
        digest blob not null,
        key text not null,
        text text not null,
        unique (callback, digest)
      ) strict;
      create index errors_by_key on errors (key, callback);

      create table dead_calls (
        -- Goes with its errors: a reference to callbacks as well would make each deletion of one take twice as long.
        callback integer not null,
        number integer not null,
        event text not null,
        handler text not null,
        -- The position.
        call text not null,
        state text not null check (state in ('dead', 'owed', 'skipped')),
        attempts integer not null,
        died_at integer not null,
        error integer not null references errors on delete cascade,
        primary key (callback, number),
        unique (callback, event, handler)
      ) strict, without rowid;
      create index dead_calls_by_error on dead_calls (error, state)`);
    fillErrorKeys(database);
  },
  `
  create table mirror_sheets (
    id integer primary key,
    -- Its name and columns, as JSON.
    info text not null,
    version integer not null,
    read_at integer not null,
    is_whole integer not null,
    revision integer not null,
    row_count integer not null
  ) strict;

  -- Not "without rowid": rows of 1 KB and more would take four times the space there, and ten times as long.
  create table mirror_rows (
    sheet integer not null,
    id integer not null,
    json text not null,
    read_for integer not null,
    primary key (sheet, id)
  ) strict;

  -- Of rows, as JSON.
  create table changes (
    callback integer primary key references callbacks on delete cascade,
    json text not null
  ) strict;

  -- The last one of any sheet: one that was dropped doesn't come back with an old one.
  insert into counters values ('revision', 0);
  `,
  `
  alter table mirror_sheets add column reconciled text;

  -- Those of a whole sheet are many: in parts, each stored with the state that it led to.
  create table change_parts (
    callback integer not null references callbacks on delete cascade,
    number integer not null,
    is_last integer not null,
    json text not null,
    primary key (callback, number)
  ) strict;
  insert into change_parts select callback, 0, 1, json from changes;
  drop table changes;
  `,
  `
  -- Their columns, as JSON; why SQLite refused to change one.
  create table mirror_views (name text primary key, sheet integer not null, columns text not null, problem text) strict;
  `,
  "alter table callbacks add column traceparent text",
  `
  -- Those that aren't over.
  create table alerts (
    kind text not null,
    subject text not null,
    raised_at integer not null,
    primary key (kind, subject)
  ) strict, without rowid;
  `,
];

/**
 * Brings the schema up to date, in one transaction; the first process does it.
 *
 * @param onUpdate called before a file that holds callbacks is brought up to date, which may take long
 * @throws {SheethookError} `inbox_unusable` for a file of a newer version
 */
export function migrate(database: DatabaseSync, onUpdate: () => void): void {
  if (versionOf(database) === MIGRATIONS.length) return;
  database.exec("begin immediate");
  try {
    const version = versionOf(database);
    if (version > MIGRATIONS.length) {
      throw new SheethookError(
        "inbox_unusable",
        `Inbox was made by a newer sheethook: its schema is ${version}, but should be at most ${MIGRATIONS.length}`,
      );
    }
    const missing = MIGRATIONS.slice(version);
    if (version > 0 && missing.length) onUpdate();
    for (const migration of missing) {
      if (typeof migration === "string") database.exec(migration);
      else migration(database);
    }
    database.exec(`pragma user_version = ${MIGRATIONS.length}`);
    database.exec("commit");
  } catch (error) {
    rollBack(database);
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return (database.prepare("pragma user_version").get() as { user_version: number }).user_version;
}
