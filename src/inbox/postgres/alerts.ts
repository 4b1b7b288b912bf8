import type { RaisedAlerts } from "../alerts.ts";
import type { PostgresConnection } from "./connection.ts";
import { alertStatements } from "./statements/alerts.ts";
import type { StatementContext } from "./statements/sql.ts";

/** The alerts of a Postgres inbox. */
export function createPostgresAlerts(connection: PostgresConnection, context: StatementContext): RaisedAlerts {
  const statements = alertStatements(context);
  return {
    list: async () => (await connection.transaction(statements.list()))[0],
    raise: async (alert) => (await connection.transaction(statements.raise(alert, crypto.randomUUID())))[0].length > 0,
    end: async (alert) => (await connection.transaction(statements.end(alert)))[0].length > 0,
  };
}
