import type { DatabaseSync } from "node:sqlite";
import type { RaisedAlert, RaisedAlerts } from "../../alerts.ts";
import type { Commit } from "../commit.ts";
import type { Read } from "../read.ts";

/** The alerts of a SQLite inbox. */
export function createSqliteAlerts(
  { database, commit, read }: {
    readonly database: DatabaseSync;
    readonly commit: Commit;
    readonly read: Read;
  },
): RaisedAlerts {
  const list = database.prepare("select kind, subject, raised_at as raisedAt from alerts order by raised_at");
  const raise = database.prepare(
    "insert into alerts (kind, subject, raised_at) values (?, ?, ?) on conflict do nothing",
  );
  const end = database.prepare("delete from alerts where kind = ? and subject = ? and raised_at = ?");
  return {
    list: () => read(() => (list.all() as unknown as RaisedAlert[]).map((alert) => ({ ...alert }))),
    raise: ({ kind, subject, raisedAt }) => commit(() => Number(raise.run(kind, subject, raisedAt).changes) > 0),
    end: ({ kind, subject, raisedAt }) => commit(() => Number(end.run(kind, subject, raisedAt).changes) > 0),
  };
}
