import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { acceptedCallback } from "../callbacks.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);

inboxSuite("SQLite inbox", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));

const numbered = (number: number, attributes = {}) =>
  acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, ...attributes });

async function workAll(inbox: Inbox): Promise<string[]> {
  const nonces: string[] = [];
  for (const lease of await inbox.lease(100, 60_000)) {
    for (let work; (work = await inbox.take(lease));) {
      nonces.push(work.callback.nonce);
      await inbox.finish(lease, work, { kind: "done" });
    }
    await inbox.release(lease);
  }
  return nonces;
}

test("sqliteInbox() holds what was put over a restart: order, attempts, places, steps, and what is a duplicate", async () => {
  const file = newFile();
  const first = sqliteInbox(file);
  await Promise.all([1, 2, 3].map((number) => first.put(numbered(number))));
  const [lease] = await first.lease(1, 60_000);
  const work = (await first.take(lease!))!;
  await first.saveStep(lease!, work, "k", "1");
  const position = { event: 1, handler: 2, fingerprint: "f" };
  await first.finish(lease!, work, { kind: "failed", error: "E", retryAfterMs: 0, position });
  await first.release(lease!);
  await first.close();

  const second = sqliteInbox(file);
  assert.equal(await second.put(numbered(2)), "duplicate");
  const [again] = await second.lease(1, 60_000);
  const taken = (await second.take(again!))!;
  assert.deepEqual([taken.callback.nonce, taken.attempt, [...taken.steps]], ["n1", 2, [["k", "1"]]]);
  assert.deepEqual(taken.position, position);
  await second.finish(again!, taken, { kind: "done" });
  await second.release(again!);
  assert.deepEqual(await workAll(second), ["n2", "n3"]);
  assert.deepEqual(await second.stats(), { pending: 0, done: 3, dead: 0 });
  await second.close();
});

test("sqliteInbox() shares a file: leases hold over both, and each is woken by what the other has put", async () => {
  const file = newFile();
  const [one, other] = [sqliteInbox(file), sqliteInbox(file)];
  const woken = one.wait(new AbortController().signal);
  await other.put(numbered(1));
  await woken;
  const [lease] = await one.lease(1, 60_000);
  assert.ok(lease);
  assert.deepEqual(await other.lease(1, 60_000), []);
  assert.equal(await other.put(numbered(1)), "duplicate");
  await Promise.all([one.close(), other.close()]);
});

test("sqliteInbox() puts many at a time in the order in which they came, and gives each its own answer", async () => {
  const inbox = sqliteInbox(newFile());
  const numbers = Array.from({ length: 1000 }, (_, number) => number);
  const outcomes = await Promise.all([...numbers, 5].map((number) => inbox.put(numbered(number))));
  assert.deepEqual(outcomes.slice(0, -1), numbers.map(() => "stored"));
  assert.equal(outcomes.at(-1), "duplicate");
  assert.deepEqual(await workAll(inbox), numbers.map((number) => `n${number}`));
  await inbox.close();
});

test("sqliteInbox() forgets done callbacks after keepMs, and nothing that is owed or dead", async () => {
  let now = Date.UTC(2026, 0, 1);
  const day = 86_400_000;
  const inbox = sqliteInbox(newFile(), { keepMs: 2 * day, now: () => now });
  for (let number = 0; number < 1200; number++) await inbox.put(numbered(number));
  await workAll(inbox);
  await inbox.put(numbered(2000));
  const [lease] = await inbox.lease(1, 1000);
  const position = { event: 0, handler: 0, fingerprint: "" };
  await inbox.finish(lease!, (await inbox.take(lease!))!, { kind: "dead", error: "E", position });
  await inbox.release(lease!);
  await inbox.put(numbered(3000, { scopeObjectId: 3 }));
  now += 2 * day;
  await inbox.lease(0, 1000);
  assert.equal(await inbox.put(numbered(0)), "duplicate");
  now += 60_001;
  for (let chunk = 0; chunk < 3; chunk++) await inbox.lease(0, 1000);
  assert.equal(await inbox.put(numbered(0)), "stored");
  assert.equal(await inbox.put(numbered(1199)), "stored");
  assert.equal(await inbox.put(numbered(2000)), "duplicate");
  assert.equal(await inbox.put(numbered(3000)), "duplicate");
  assert.deepEqual(await inbox.stats(), { pending: 3, done: 1200, dead: 1 });
  assert.throws(() => sqliteInbox(newFile(), { keepMs: day }), /keepMs/);
  await inbox.close();
});

test("sqliteInbox() rejects while the file is locked, and works again when it isn't", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  await inbox.put(numbered(1));
  const other = new DatabaseSync(file);
  other.exec("pragma busy_timeout = 2000; begin immediate");
  await assert.rejects(inbox.put(numbered(2)), /locked/);
  other.exec("rollback");
  assert.equal(await inbox.put(numbered(2)), "stored");
  other.close();
  await inbox.close();
});

test("sqliteInbox() refuses what is no inbox, or of a newer version, and says so", () => {
  const text = newFile();
  writeFileSync(text, "This is no database, and long enough to tell.".repeat(50));
  assert.throws(() => sqliteInbox(text), { code: "inbox_unusable", message: /can't be used: .*not a database/ });
  const newer = newFile();
  const database = new DatabaseSync(newer);
  database.exec("pragma user_version = 99");
  database.close();
  assert.throws(() => sqliteInbox(newer), { code: "inbox_unusable", message: /schema is 99, but should be at most 1/ });
  assert.throws(() => sqliteInbox(join(folder, "nowhere", "x.db")), { code: "inbox_unusable" });
});
