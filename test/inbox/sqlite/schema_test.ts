import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { test } from "node:test";
import type { AcceptedCallback } from "../../../src/callback/callback.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { createLog, SECRET } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";
import { startChild } from "../../support/runtime.ts";
import { until } from "../../support/until.ts";

const SCHEMA_1 = new URL("../../fixtures/inbox_schema_1.sql", import.meta.url);
const SCHEMA_3 = new URL("../../fixtures/inbox_schema_3.sql", import.meta.url);
/** More than SQLite keeps in memory: a part of them is on disk before the change is committed. */
const COPIES = 4000;
const COUNT = COPIES + 3;

/** Makes the file of an inbox of schema 1: callback 1 is done, 2 dead, 3 has failed; many more like the first. */
function makeOldInbox(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("pragma journal_mode = wal");
  database.exec(readFileSync(SCHEMA_1, "utf8"));
  database.exec(`
    insert into callbacks (id, place, webhook_id, nonce, timestamp, lane, body, digest, accepted_at, state, ended_at)
    with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${COPIES})
    select id + 2 + n, place + 2 + n, webhook_id, 'n' || n, 't' || n, lane, body, digest, accepted_at, state, ended_at
    from callbacks join numbers where id = 1`);
  database.exec(`update counters set value = ${COUNT} where name = 'place'`);
  database.close();
}

const schemaOf = (file: string) => {
  const database = new DatabaseSync(file);
  const { user_version: version } = database.prepare("pragma user_version").get() as { user_version: number };
  database.close();
  return version;
};

/** Every callback is there, is worked as before, and is recognised when it comes again. */
async function checkInbox(file: string): Promise<void> {
  const log = createLog();
  const now = Date.UTC(2026, 0, 1, 0, 0, 10);
  const inbox = sqliteInbox(file, { logger: log, now: () => now });
  const told = log.lines.filter((line) => /^info Inbox .*old\.db is brought up to date/.test(line));
  assert.equal(told.length, 1);
  const ids = await inbox.find({});
  assert.equal(ids.length, COUNT);
  for (const id of ids.filter((id) => id <= 3 || id % 7 === 0)) {
    const { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt } = (await inbox.show(id))!;
    const callback: AcceptedCallback = { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt };
    const again = [{ ...callback, nonce: "new" }, { ...callback, timestamp: "new" }].map((each) => inbox.put(each));
    assert.deepEqual(await Promise.all(again), ["duplicate", "duplicate"], nonce);
    if (id > 3) continue;
    const other = { nonce: `${nonce} `, timestamp: `${timestamp} `, scopeObjectId: 9 };
    assert.equal(await inbox.put({ ...callback, ...other }), "stored");
  }
  const { state, steps, position } = (await inbox.show(2))!;
  assert.deepEqual([state, steps, position], ["dead", ["k"], { event: 0, handler: 1, fingerprint: "f" }]);
  assert.deepEqual(await inbox.find({ error: "E" }), [2]);
  const leases = await inbox.lease(10, 20_000);
  assert.deepEqual(leases.map(({ lane }) => lane), [3, 9]);
  assert.equal((await inbox.take(leases[0]!))?.attempt, 2);
  await inbox.close();
}

test("sqliteInbox() brings a file of schema 1 up to date, and knows all that is in it", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "old.db");
    makeOldInbox(file);
    await checkInbox(file);
    const log = createLog();
    await sqliteInbox(file, { logger: log }).close();
    assert.deepEqual(log.lines.filter((line) => /brought/.test(line)), []);
  });
});

test("sqliteInbox() brings a file of schema 3 up to date: each callback goes on where it was, and has no dead call", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "old.db");
    const database = new DatabaseSync(file);
    database.exec("pragma journal_mode = wal");
    database.exec(readFileSync(SCHEMA_3, "utf8"));
    database.close();
    const now = Date.UTC(2026, 0, 1, 2);
    const inbox = sqliteInbox(file, { logger: createLog(), now: () => now });
    const error = "Error: order … is unknown";
    assert.deepEqual(await inbox.deadErrors(), [{ error, callbacks: 1, calls: 0, last: 2 }]);
    assert.deepEqual(await inbox.find({ error }), [2]);
    const { deadCalls, failures } = (await inbox.show(2))!;
    assert.deepEqual([deadCalls, failures.map(({ attempt, call }) => [attempt, call])], [[], [[1, undefined]]]);
    assert.deepEqual((await inbox.skip([2]))[0]!.outcome, "unchanged");
    assert.deepEqual(await inbox.replay([2]), [{ id: 2, outcome: "changed", state: "dead", calls: 0 }]);

    const handled: string[] = [];
    const placed = new Set<unknown>();
    const receiver = createReceiver({ secrets: SECRET, inbox, logger: createLog() });
    receiver.on("row.*", async function place({ id }, { callback, step }) {
      handled.push(`${callback.nonce} ${id}`);
      if (id === 2) placed.add(await step("order", () => "anew"));
    });
    await receiver.start();
    await until("all are done", async () => (await inbox.overview()).done === 5);
    await receiver.stop();
    const owed = ["n2", "n3", "n4"].flatMap((nonce) => [`${nonce} 2`, `${nonce} 3`]);
    assert.deepEqual(handled.toSorted(), [...owed, "n5 1", "n5 2", "n5 3"]);
    assert.deepEqual([...placed].map(String).toSorted(), ["4711", "anew"], "only of n5, the order is placed anew");
    assert.match((await inbox.show(4))!.failures[0]!.error, /^Never ended/);
    assert.equal((await inbox.show(4))!.failures[0]!.call?.event, 1);
    await inbox.close();
  });
});

const KILLED_BEFORE = [
  "alter table callbacks",
  "create unique index callbacks_by_nonce",
  "create table errors",
  "commit",
];
for (const text of KILLED_BEFORE) {
  test(`a process that is killed before its ${text} leaves a file of schema 1 as it was`, async () => {
    await withFolder(async (folder) => {
      const file = join(folder, "old.db");
      makeOldInbox(file);
      const program = new URL("./killed_migration_program.ts", import.meta.url);
      const permissions = [`--allow-read=${folder}`, `--allow-write=${folder}`, "--allow-run"];
      const child = await startChild(program, [file, text], { permissions, ready: /()/ });
      assert.equal(await child.exited, null, child.output);
      assert.equal(schemaOf(file), 1);
      await checkInbox(file);
    });
  });
}
