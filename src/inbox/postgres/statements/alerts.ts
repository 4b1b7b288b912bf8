import type { RaisedAlert } from "../../alerts.ts";
import { identifier, prepared, type StatementContext } from "./sql.ts";

/** The statements of alerts. */
export function alertStatements({ schema }: Pick<StatementContext, "schema">) {
  const table = `${identifier(schema)}.alerts`;
  return {
    list: prepared<[], RaisedAlert>(
      `select kind, subject, raised_at as "raisedAt" from ${table} order by raised_at`,
      () => [],
    ),

    /** Gives a row if it was raised by this; also if this is repeated, because the answer was lost. */
    raise: prepared<[alert: RaisedAlert, raisedBy: string]>(
      `
      insert into ${table} as stored (kind, subject, raised_at, raised_by)
      values ($1::text, $2::text, $3::bigint, $4::text)
      on conflict (kind, subject) do update set raised_by = excluded.raised_by
      where stored.raised_by = excluded.raised_by
      returning kind`,
      ({ kind, subject, raisedAt }, raisedBy) => [kind, subject, raisedAt, raisedBy],
    ),

    /** Gives a row if it was there. */
    end: prepared<[alert: RaisedAlert]>(
      `
      delete from ${table} where kind = $1::text and subject = $2::text and raised_at = $3::bigint
      returning kind`,
      ({ kind, subject, raisedAt }) => [kind, subject, raisedAt],
    ),
  };
}
