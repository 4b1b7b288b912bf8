import type pg from "pg";
import { SheethookError } from "../../errors.ts";
import { identifier, literal } from "./statements/sql.ts";

/**
 * Append only: a schema of an earlier version is brought up to date by the migrations that it lacks.
 *
 * Times are milliseconds since 1970, by the database's clock. A lane's `due_at` is when a worker may lease it: null while it
 * has nothing pending, and while it is leased, when the lease expires. It is the only column of a lane that has an index, and
 * taking and finishing don't change it: so they cost no index update.
 */
const MIGRATIONS: readonly ((schema: string) => string)[] = [
  (schema) => `
  create sequence ${schema}.places;

  create table ${schema}.callbacks (
    id bigint primary key,
    webhook_id bigint not null,
    nonce text collate "C" not null,
    timestamp text collate "C" not null,
    lane bigint not null,
    body text not null,
    digest text collate "C" not null,
    accepted_at bigint not null
  );
  create unique index callbacks_by_nonce on ${schema}.callbacks (webhook_id, nonce, digest);
  create unique index callbacks_by_timestamp on ${schema}.callbacks (webhook_id, timestamp, digest);
  -- Of blocks of rows: they stand in the order of their acceptance.
  create index callbacks_accepted on ${schema}.callbacks using brin (accepted_at);

  -- What became of a callback. Apart from it, because an update writes a row anew, and all that its indexes say of it.
  create table ${schema}.progress (
    id bigint primary key,
    lane bigint not null,
    -- The place in its lane: the id, until a replay puts it at the end.
    place bigint not null,
    state text not null default 'pending' check (state in ('pending', 'done', 'discarded', 'dead')),
    -- Those that have ended; the one that runs is told by its lane.
    attempts integer not null default 0,
    attempted_at bigint,
    unfinished integer not null default 0,
    position text,
    error text,
    failed_at bigint,
    ended_at bigint
  );
  create index progress_pending on ${schema}.progress (lane, place) where state = 'pending';
  create index progress_ended on ${schema}.progress (state, ended_at) where state <> 'pending';

  create table ${schema}.failures (
    id bigint generated always as identity primary key,
    callback bigint not null references ${schema}.callbacks on delete cascade,
    attempt integer not null,
    began_at bigint not null,
    ended_at bigint not null,
    error text not null
  );
  create index failures_by_callback on ${schema}.failures (callback);

  create table ${schema}.steps (
    callback bigint not null references ${schema}.callbacks on delete cascade,
    -- As JSON: a name may hold what a text can't.
    key text not null,
    json text not null,
    primary key (callback, key)
  );

  create table ${schema}.lanes (
    lane bigint primary key,
    pending bigint not null default 0,
    due_at bigint,
    -- Before that, the callback that failed isn't taken again.
    retry_at bigint not null default 0,
    lease text,
    lease_until bigint not null default 0,
    -- The callback of which an attempt was begun and hasn't ended, and when it was begun.
    taken bigint,
    taken_at bigint,
    -- How often a callback of it has ended. Not one counter for all: everybody would wait for its lock.
    done bigint not null default 0,
    dead bigint not null default 0
  ) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);
  create index lanes_due on ${schema}.lanes (due_at);

  create table ${schema}.checks (id integer primary key, checked_at bigint not null) with (fillfactor = 10);
  insert into ${schema}.checks values (1, 0);
  `,
  (schema) => `
  -- One text, encrypted by who has the key: the secrets of all webhooks.
  create table ${schema}.secrets (id integer primary key check (id = 1), version text not null, sealed text not null);
  `,
  (schema) => `
  alter table ${schema}.progress
    -- How many of its dead calls are dead, and owed.
    add column calls_dead integer not null default 0,
    add column calls_owed integer not null default 0,
    -- How many there have been: every 20th time, old ones are deleted.
    add column failures integer not null default 0;

  -- As JSON; null for the first call, and for what an earlier version has written.
  alter table ${schema}.failures add column call text;
  -- One index, so that no plan can take another one.
  alter table ${schema}.failures drop constraint failures_pkey, add primary key (callback, id);
  drop index ${schema}.failures_by_callback;

  -- What dead calls died of: a text is kept once for a callback. Neither this nor dead_calls has a foreign key: it would cost
  -- each callback that is pruned, and most have no dead call.
  create table ${schema}.errors (
    callback bigint not null,
    digest text collate "C" not null,
    -- What equal errors share.
    key text collate "C" not null,
    text text not null,
    primary key (callback, digest)
  );
  create index errors_by_key on ${schema}.errors (key);

  create table ${schema}.dead_calls (
    callback bigint not null,
    -- Of its event and its handler.
    digest text collate "C" not null,
    number integer not null,
    -- Both as JSON: names may hold what a text can't.
    call text not null,
    handler text not null,
    state text not null check (state in ('dead', 'owed', 'skipped')),
    attempts integer not null,
    died_at bigint not null,
    -- The digest of its text.
    error text collate "C" not null,
    primary key (callback, digest)
  );
  `,
  (schema) => `
  create sequence ${schema}.revisions;

  create table ${schema}.mirror_sheets (
    id bigint primary key,
    -- Its name and columns, as JSON.
    info text not null,
    version bigint not null,
    read_at bigint not null,
    is_whole boolean not null,
    -- Of the sequence: a sheet that was dropped doesn't come back with an old one.
    revision bigint not null,
    -- Differs for each write, so that one whose answer was lost is known when it comes again.
    written_by text not null,
    row_count bigint not null default 0
  );

  create table ${schema}.mirror_rows (
    sheet bigint not null,
    id bigint not null,
    json text not null,
    read_for bigint not null,
    primary key (sheet, id)
  );

  -- Of rows, as JSON.
  create table ${schema}.changes (
    callback bigint primary key references ${schema}.callbacks on delete cascade,
    json text not null
  );
  `,
  (schema) => `
  alter table ${schema}.mirror_sheets add column reconciled text;

  -- Those of a whole sheet are many: in parts, each stored with the state that it led to.
  create table ${schema}.change_parts (
    callback bigint not null references ${schema}.callbacks on delete cascade,
    number integer not null,
    is_last boolean not null,
    json text not null,
    primary key (callback, number)
  );
  insert into ${schema}.change_parts select callback, 0, true, json from ${schema}.changes;
  drop table ${schema}.changes;
  `,
  (schema) => `
  create table ${schema}.mirror_views (
    name text collate "C" primary key,
    -- Where it is: the schema.
    place text not null,
    sheet bigint not null,
    -- As JSON.
    columns text not null,
    -- Differs for each definition.
    version text not null,
    -- Why Postgres refused to change it.
    problem text
  );
  `,
  (schema) => `alter table ${schema}.callbacks add column traceparent text`,
  (schema) => `
  -- Those that aren't over.
  create table ${schema}.alerts (
    kind text collate "C" not null,
    subject text collate "C" not null,
    raised_at bigint not null,
    -- Differs for each time, so that one whose answer was lost is known when it comes again.
    raised_by text not null,
    primary key (kind, subject)
  );
  `,
];

/** A first start waits for others that start. */
const MIGRATE_MS = 60_000;

/**
 * Brings the schema up to date, in one transaction; the first process does it. A current schema is only read.
 *
 * @param create whether a schema that isn't there is made
 * @throws {SheethookError} `inbox_unusable` for a schema of a newer version, or that isn't there
 */
export async function migrate(client: pg.Client, schema: string, create: boolean): Promise<void> {
  const run = (text: string) => client.query({ text, query_timeout: MIGRATE_MS } as pg.QueryConfig);
  const before = await versionOf(client, schema);
  if (before === MIGRATIONS.length) return;
  if (before === undefined && !create) {
    throw new SheethookError(
      "inbox_unusable",
      `Postgres holds no inbox in the schema "${schema}": its URL should be the one that serve uses`,
    );
  }
  await run("begin");
  try {
    await run(`select pg_advisory_xact_lock(hashtextextended('sheethook ' || ${literal(schema)}, 0))`);
    const version = await versionOf(client, schema);
    if (version === undefined) {
      const { rows: [{ server_encoding: encoding }] } = await run("show server_encoding");
      if (encoding !== "UTF8") {
        throw new SheethookError(
          "inbox_unusable",
          `Postgres' database is encoded in ${encoding}, but should be in UTF8, to hold every character that may come`,
        );
      }
      // Not "if not exists", for which one must be allowed to create schemas although it is there.
      const { rowCount } = await run(`select from pg_namespace where nspname = ${literal(schema)}`);
      if (!rowCount) await run(`create schema ${identifier(schema)}`);
      await run(`create table ${identifier(schema)}.migrations (version integer primary key, at timestamptz not null)`);
    }
    for (const [index, migration] of MIGRATIONS.entries()) {
      if (index < (version ?? 0)) continue;
      await run(migration(identifier(schema)));
      await run(`insert into ${identifier(schema)}.migrations values (${index + 1}, now())`);
    }
    await run("commit");
  } catch (error) {
    await run("rollback").catch(() => {});
    throw error;
  }
}

/** Undefined for a schema that doesn't exist, or isn't ours. */
async function versionOf(client: pg.Client, schema: string): Promise<number | undefined> {
  const table = `${identifier(schema)}.migrations`;
  // Not by to_regclass, which may still believe what it saw before another had the lock.
  const { rowCount } = await client.query(`
    select from pg_class join pg_namespace on pg_namespace.oid = relnamespace
    where nspname = ${literal(schema)} and relname = 'migrations'`);
  if (!rowCount) return undefined;
  const { rows: [row] } = await client.query(`select coalesce(max(version), 0)::int as version from ${table}`);
  const version: number = row.version;
  if (version <= MIGRATIONS.length) return version;
  throw new SheethookError(
    "inbox_unusable",
    `Inbox was made by a newer sheethook: the schema "${schema}" is ${version}, but should be at most ${MIGRATIONS.length}`,
  );
}
