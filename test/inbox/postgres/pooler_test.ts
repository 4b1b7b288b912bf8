// Postgres behind a pooler in transaction mode that doesn't know prepared statements.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { acceptedCallback, createLog } from "../../support/callbacks.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { startTransactionPooler, type TransactionPooler } from "../../support/transaction_pooler.ts";

let server: PostgresServer;
let pooler: TransactionPooler;
before(async () => {
  server = await startPostgres();
  pooler = await startTransactionPooler(server.url);
});
after(async () => {
  await pooler.close();
  await server.end();
});

test("the pooler lends each transaction another connection, so that what was prepared is gone", async () => {
  const client = new pg.Client(pooler.url);
  await client.connect();
  try {
    const query = { name: "named", text: "select pg_backend_pid() as pid", values: [] };
    const { rows: [first] } = await client.query(query);
    await assert.rejects(client.query(query), { code: "26000" });
    const { rows: [third] } = await client.query(query);
    assert.equal(third.pid, first.pid);
  } finally {
    await client.end();
  }
});

test("postgresInbox() goes on without prepared statements behind such a pooler, and says so once", async () => {
  const logs = [createLog(), createLog()] as const;
  const inboxes = logs.map((logger) => postgresInbox(pooler.url, { schema: "pooled", logger }));
  const [here, there] = inboxes as [typeof inboxes[0], typeof inboxes[0]];
  const lanes = 5;
  const callbacks = Array.from(
    { length: 60 },
    (_, number) =>
      acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, scopeObjectId: 1 + number % lanes }),
  );
  try {
    const results: string[] = [];
    for (const [number, callback] of callbacks.entries()) {
      results.push(await inboxes[number % 2]!.put(callback));
      if (number % 10 === 0) await Promise.all([here.check(), there.overview(), here.overview(), there.find({}, 5)]);
    }
    assert.deepEqual(new Set(results), new Set(["stored"]));
    const worked = new Map<number, string[]>();
    while ((await here.overview()).pending) {
      for (const inbox of inboxes) {
        await Promise.all((await inbox.lease(3, 60_000)).map(async (lease) => {
          for (let work; (work = await inbox.take(lease));) {
            await inbox.saveStep(lease, work, "step", "1");
            worked.set(lease.lane, [...worked.get(lease.lane) ?? [], work.callback.nonce]);
            await inbox.finish(lease, work, { kind: "done" });
          }
          await inbox.release(lease);
        }));
      }
    }
    for (let lane = 1; lane <= lanes; lane++) {
      const put = callbacks.filter(({ scopeObjectId }) => scopeObjectId === lane).map(({ nonce }) => nonce);
      assert.deepEqual(worked.get(lane), put);
    }
    for (const { lines } of logs) {
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0]!, /^warn .*pooler.*max_prepared_statements/);
    }
  } finally {
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  }
});
