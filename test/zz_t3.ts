import { startPostgres } from "./postgres.ts";
import pg from "pg";
import { postgresInbox } from "../src/inbox/postgres.ts";
import { postgresStatements } from "../src/inbox/postgres_statements.ts";
import { freshCallback } from "./bench/fresh_callback.ts";
const server = await startPostgres();
const inbox = postgresInbox(server.url);
await inbox.check();
const base = postgresStatements("sheethook").insert;
const c = new pg.Client({ connectionString: server.url, pipeline: true });
await c.connect();
await c.query(
  "set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off; set synchronous_commit = off; create sequence seq start 10000000",
);
const seq = base.replace(/pg_get_serial_sequence\('[^)]*\)/, "'seq'");
await c.query("insert into sheethook.lanes (lane) select generate_series(1, 64)");
const values = () => [
  JSON.stringify(
    Array.from({ length: 64 }, () => freshCallback(64)).map((x, n) => ({
      n,
      webhook_id: x.webhookId,
      nonce: x.nonce,
      timestamp: x.timestamp,
      lane: x.scopeObjectId,
      body: x.body,
      digest: x.digest,
      accepted_at: x.acceptedAt,
    })),
  ),
  null,
  "x",
  "y",
];
for (let i = 0; i < 100; i++) await c.query({ name: "a", text: seq, values: values() });
const { rows } = await c.query("explain (analyze, costs off, buffers off) " + seq, values());
console.log(rows.map((r) => r["QUERY PLAN"]).join("\n"));
await server.end();
process.exit(0);
