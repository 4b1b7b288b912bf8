// The oldest Postgres that the README names, and the newest: what is new in one isn't known by the other.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { findStatements } from "../../../src/inbox/postgres/statements/find.ts";
import { inspectStatements } from "../../../src/inbox/postgres/statements/inspect.ts";
import type { StatementContext } from "../../../src/inbox/postgres/statements/sql.ts";
import { type PostgresServer, type PostgresVersion, startPostgres, whyNotPostgres } from "../../support/postgres.ts";
import { deadCallsSuite } from "../../suites/dead_calls_suite.ts";
import { inboxSuite } from "../../suites/inbox_suite.ts";
import { inspectSuite } from "../../suites/inspect_suite.ts";
import { mirrorSuite } from "../../suites/mirror_suite.ts";

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

/** The texts of all statements in src/inbox/postgres/statements/, by name. */
async function everyStatement(context: StatementContext): Promise<Record<string, string>> {
  const folder = new URL("../../../src/inbox/postgres/statements/", import.meta.url);
  const texts: Record<string, string> = {};
  for (const file of readdirSync(folder)) {
    type Made = Record<string, { text?: string }>;
    const exported: Record<string, (context: StatementContext) => Made> = await import(new URL(file, folder).href);
    for (const [maker, make] of Object.entries(exported).filter(([name]) => /Statements?$/.test(name))) {
      const made = make(context);
      const prepared = Object.entries(typeof made === "function" ? { made } as Made : made);
      for (const [name, { text }] of prepared) if (text) texts[`${maker} ${name}`] = text;
    }
  }
  // Made of their arguments.
  const { prune } = inspectStatements(context);
  const { find, findDead, deadErrors, uncalled } = findStatements(context);
  const filter = { states: ["done"], scopeObjectId: 1, webhookId: 1, since: 1, until: 1 } as const;
  return {
    ...texts,
    prune: prune(["done"], 0).text,
    find: find(filter, 1).text,
    findDead: findDead(filter, "", [], 1).text,
    deadErrors: deadErrors(filter, [1]).text,
    uncalled: uncalled(filter, [1]).text,
  };
}

for (const version of ["13", "18"] as const) {
  versionSuite(version, (server) => {
    test(`every statement can be prepared on Postgres ${version}`, async () => {
      const schema = "prepared";
      const inbox = postgresInbox(server().url, { schema });
      await inbox.check();
      await inbox.close();
      const statements = await everyStatement({ schema, owner: "", now: () => null });
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
        assert.ok(Object.keys(statements).length > 30, "none is forgotten");
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
  deadCallsSuite("Postgres 13 inbox, its dead calls", open);
  mirrorSuite("Postgres 13 inbox, its mirror", open);
});
