import { MAX_FAILURES } from "../../limits.ts";

/** One statement: a text that stays the same is prepared once for a connection. */
export interface Statement<Row = unknown> {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Its text is never the same again: it isn't prepared. */
  readonly isOneOff?: boolean;
  /** The type of the rows that come back; never there. */
  readonly row?: Row;
}

/** Makes statements of one text. */
export interface Prepared<Args extends readonly unknown[], Row> {
  (...args: Args): Statement<Row>;
  readonly text: string;
}

/** What all statements of one inbox share. */
export interface StatementContext {
  /** Also the channel that is notified. */
  readonly schema: string;
  /** What this process says in the channel. */
  readonly owner: string;
  /** In whole milliseconds since 1970; null for the database's own clock. */
  readonly now: () => number | null;
}

/** @param values of the parameters, in order */
export function prepared<Args extends readonly unknown[], Row = unknown>(
  text: string,
  values: (...args: Args) => readonly unknown[],
): Prepared<Args, Row> {
  return Object.assign((...args: Args) => ({ text, values: values(...args) }), { text });
}

/** The time of a statement, in milliseconds: the database's own, unless a test gives one as that parameter. */
export const clock = (parameter: number): string =>
  `clock as materialized (select coalesce($${parameter}::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as time)`;

/** Columns are named: a newer version may add others while a statement is prepared, which Postgres then refuses. */
export const CALLBACK = [
  "id",
  "webhook_id",
  "nonce",
  "timestamp",
  "lane",
  "body",
  "digest",
  "accepted_at",
  "traceparent",
].map((column) => `callbacks.${column}`).join(", ");

/** For what may be forgotten if Postgres crashes at once; a later commit that is synced keeps it. */
export const NOT_ON_DISK = "set_config('synchronous_commit', 'off', true)";

/** Whatever the database's own setting is; stricter ones stay, which wait for standbys. */
export const ON_DISK =
  "case when current_setting('synchronous_commit') = 'off' then set_config('synchronous_commit', 'on', true) end";

/**
 * Deletes the oldest failures of callbacks, of which the same statement adds some.
 *
 * @param added what gives the callbacks as `id`, and how many are `added`
 */
export const forgetFailures = (s: string, added: string): string => `
  forgotten_failures as (
    delete from ${s}.failures using ${added} of_callback, lateral (
      select callback, id from ${s}.failures where callback = of_callback.id
      order by id desc offset ${MAX_FAILURES} - least(added, ${MAX_FAILURES})
    ) oldest
    where failures.callback = oldest.callback and failures.id = oldest.id
  )`;

/** The id of the callback that a row of `lanes` is at. */
export const head = (s: string): string => `
  select id from ${s}.progress head where head.lane = lanes.lane and head.state = 'pending' order by place limit 1`;

/** A name as it stands in a statement. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as it stands in a statement. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A text as Postgres can keep it: it knows neither the character 0 nor halves of surrogate pairs. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}
