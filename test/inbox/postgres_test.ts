import { after, before } from "node:test";
import { postgresInbox } from "../../src/inbox/postgres.ts";
import { type PostgresServer, startPostgres } from "../postgres.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

let schemas = 0;
const newSchema = () => `s${++schemas}`;

inboxSuite("Postgres inbox", (clock) => postgresInbox(server.url, { schema: newSchema(), now: () => clock.now }));
