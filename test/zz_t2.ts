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
const arrays = seq.replace(
  /from json_to_recordset[\s\S]*?accepted_at bigint\)/,
  `from unnest($1::integer[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::bigint[]) as given (n, webhook_id, nonce, timestamp, lane, body, digest, accepted_at)`,
);
const bodies = seq.replace(
  /from json_to_recordset[\s\S]*?accepted_at bigint\)/,
  `from rows from (json_to_recordset($1::json) as (n integer, webhook_id bigint, nonce text, timestamp text, lane bigint, digest text, accepted_at bigint), unnest($5::text[])) as given (n, webhook_id, nonce, timestamp, lane, digest, accepted_at, body)`,
);
const noProgress = seq.replace(/begun as \(.*?\),\n/, "");
const nothing =
  "select count(*) from json_to_recordset($1::json) as given (n integer, webhook_id bigint, nonce text, timestamp text, lane bigint, body text, digest text, accepted_at bigint) where $2::bigint is null and $3::text = 'x' and $4::text = 'y'";
type V = (b: ReturnType<typeof freshCallback>[]) => unknown[];
const json: V = (
  b,
) => [
  JSON.stringify(
    b.map((x, n) => ({
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
const arr: V = (
  b,
) => [
  b.map((_, n) => n),
  null,
  "x",
  "y",
  b.map((x) => x.webhookId),
  b.map((x) => x.nonce),
  b.map((x) => x.timestamp),
  b.map((x) => x.scopeObjectId),
  b.map((x) => x.body),
  b.map((x) => x.digest),
  b.map((x) => x.acceptedAt),
];
const half: V = (
  b,
) => [
  JSON.stringify(
    b.map((x, n) => ({
      n,
      webhook_id: x.webhookId,
      nonce: x.nonce,
      timestamp: x.timestamp,
      lane: x.scopeObjectId,
      digest: x.digest,
      accepted_at: x.acceptedAt,
    })),
  ),
  null,
  "x",
  "y",
  b.map((x) => x.body),
];
await c.query("insert into sheethook.lanes (lane) select generate_series(1, 64)");
for (let r = 0; r < 2; r++) {
  for (
    const [name, text, values] of [
      ["base", base, json],
      ["named seq", seq, json],
      ["arrays", arrays, arr],
      ["bodies array", bodies, half],
      ["no progress", noProgress, json],
      ["only parse", nothing, json],
    ] as [string, string, V][]
  ) {
    let t = 0, cl = 0;
    const N = 150;
    const cpu = process.cpuUsage();
    for (let i = 0; i < N; i++) {
      let p = performance.now();
      const b = Array.from({ length: 64 }, () => freshCallback(64));
      const v = values(b);
      cl += performance.now() - p;
      p = performance.now();
      await c.query({ name, text, values: v });
      t += performance.now() - p;
    }
    const u = process.cpuUsage(cpu);
    console.log(
      name,
      "statement ms",
      (t / N).toFixed(2),
      "values ms",
      (cl / N).toFixed(2),
      "client cpu/batch",
      ((u.user + u.system) / 1000 / N).toFixed(2),
    );
  }
}
await server.end();
process.exit(0);
