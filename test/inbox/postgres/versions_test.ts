// The oldest Postgres that the README names, and the newest: what is new in one isn't known by the other.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { inspectStatements } from "../../../src/inbox/postgres/inspect_sql.ts";
import { postgresStatements } from "../../../src/inbox/postgres/statements.ts";
import { adoptStatement } from "../../../src/inbox/postgres/target.ts";
import { type PostgresServer, type PostgresVersion, startPostgres, whyNotPostgres } from "../../support/postgres.ts";
import { inboxSuite } from "../../suites/inbox_suite.ts";
import { inspectSuite } from "../../suites/inspect_suite.ts";

function versionSuite(version: PostgresVersion, define: (server: () => PostgresServer) => void): void {
  const skip = whyNotPostgres(version);
  describe(`Postgres ${version}`, { skip }, () => {
    let server: PostgresServer;
    before(async () => {
      server = await startPostgres({ version });
    });
    after(() => server.end());
    define(() => server);
  });
}

for (const version of ["13", "18"] as const) {
  versionSuite(version, (server) => {
    test(`every statement can be prepared on Postgres ${version}`, async () => {
      const schema = "prepared";
      const inbox = postgresInbox(server().url, { schema });
      await inbox.check();
      await inbox.close();
      const { both: _, prune, ...inspected } = inspectStatements(schema);
      const statements = {
        ...postgresStatements(schema),
        ...inspected,
        prune: prune("state = 'done'"),
        adopt: adoptStatement(schema),
      };
      const client = new pg.Client(server().url);
      await client.connect();
      try {
        const { rows: [{ server_version: found }] } = await client.query("show server_version");
        assert.ok(found.startsWith(`${version}.`), found);
        const refused: string[] = [];
        for (const [name, text] of Object.entries(statements)) {
          await client.query(`prepare "${name}" as ${text}`).catch((error) =>
            refused.push(`${name}: ${error.message}`)
          );
        }
        assert.deepEqual(refused, []);
      } finally {
        await client.end();
      }
    });
  });
}

versionSuite("13", (server) => {
  let schemas = 0;
  const open = (clock: { now: number }) =>
    postgresInbox(server().url, { schema: `s${++schemas}`, now: () => clock.now });
  inboxSuite("Postgres 13 inbox", open);
  inspectSuite("Postgres 13 inbox, inspected", open);
});
