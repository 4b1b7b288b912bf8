import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import type { Inbox } from "../../src/inbox/inbox.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { createSqliteInbox } from "../../src/inbox/sqlite/inbox.ts";
import { createReceiver } from "../../src/receiver.ts";
import { acceptedCallback, callbackBody, createLog, SECRET } from "../support/callbacks.ts";
import { alertsSuite } from "../suites/alerts_suite.ts";
import { deadCallsSuite } from "../suites/dead_calls_suite.ts";
import { inboxSuite } from "../suites/inbox_suite.ts";
import { mirrorSuite } from "../suites/mirror_suite.ts";
import { totalsOf } from "../support/totals_of.ts";
import { until } from "../support/until.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);

inboxSuite("SQLite inbox", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));
deadCallsSuite("SQLite inbox, dead calls", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));
mirrorSuite("SQLite inbox, mirror", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));
alertsSuite("SQLite inbox", () => {
  const file = newFile();
  return [sqliteInbox(file), sqliteInbox(file)];
});

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
  assert.deepEqual(await totalsOf(second), { pending: 0, done: 3, dead: 0 });
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
  assert.deepEqual(await totalsOf(inbox), { pending: 3, done: 1200, dead: 1 });
  assert.throws(() => sqliteInbox(newFile(), { keepMs: day }), /keepMs/);
  assert.throws(() => sqliteInbox(newFile(), { keep: day } as never), {
    code: "option_invalid",
    message: /sqliteInbox\(\) has no option "keep"/,
  });
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

test("sqliteInbox() gives a lane back as soon as it can, if its release failed", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 20_000);
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  await assert.rejects(inbox.release(lease!), /locked/);
  other.exec("rollback");
  other.close();
  const [again] = await inbox.lease(1, 20_000);
  assert.equal(again?.lane, lease!.lane);
  await assert.rejects(inbox.take(lease!), { code: "lease_lost" });
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
  assert.throws(() => sqliteInbox(newer), { code: "inbox_unusable", message: /schema is 99, but should be at most 9/ });
  assert.throws(() => sqliteInbox(join(folder, "nowhere", "x.db")), { code: "inbox_unusable" });
});

test("sqliteInbox() refuses a corrupt file, and says how to save what can be saved", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  await Promise.all(Array.from({ length: 200 }, (_, number) => inbox.put(numbered(number))));
  await inbox.close();
  const bytes = readFileSync(file);
  bytes.fill(0xff, bytes.length / 2, bytes.length / 2 + 8192);
  writeFileSync(file, bytes);
  assert.throws(() => sqliteInbox(file), { code: "inbox_unusable", message: /malformed.*sqlite3 .*\.db \.recover/s });
});

test("sqliteInbox() lets timers run while another process has the file locked", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  const put = inbox.put(numbered(1));
  for (let turn = 0; turn < 5; turn++) await delay(1);
  other.exec("rollback");
  assert.equal(await put, "stored");
  other.close();
  await inbox.close();
});

test("sqliteInbox() lets only what can't be stored fail, not what is committed with it", async () => {
  const inbox = sqliteInbox(newFile());
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 60_000);
  const work = (await inbox.take(lease!))!;
  const results = await Promise.allSettled([
    inbox.put(numbered(2)),
    inbox.finish(lease!, work, { ...failed, retryAfterMs: Number.MAX_VALUE }),
    inbox.put(numbered(3)),
  ]);
  assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  await inbox.finish(lease!, work, { kind: "done" });
  assert.deepEqual(await totalsOf(inbox), { pending: 2, done: 1, dead: 0 });
  await inbox.close();
});

test("sqliteInbox() never takes a callback for a duplicate that it doesn't have, and puts right what was salvaged", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  for (const number of [1, 2, 3]) await inbox.put(numbered(number));
  const other = new DatabaseSync(file);
  other.exec("update counters set value = 1 where name = 'place'");
  await assert.rejects(inbox.put(numbered(4)), { code: "inbox_unusable" });
  await inbox.close();
  other.exec("delete from lanes; delete from counters");
  other.close();
  const saved = sqliteInbox(file);
  assert.equal(await saved.put(numbered(4)), "stored");
  assert.equal(await saved.put(numbered(3)), "duplicate");
  assert.deepEqual(await workAll(saved), ["n1", "n2", "n3", "n4"]);
  assert.deepEqual(await totalsOf(saved), { pending: 0, done: 4, dead: 0 });
  await saved.close();
});

test("sqliteInbox() frees what a clock that was ahead has left in the future", async () => {
  const file = newFile();
  let now = Date.now();
  const ahead = sqliteInbox(file, { now: () => now + HOUR });
  await ahead.put(numbered(1));
  await ahead.put(numbered(2, { scopeObjectId: 2 }));
  const [held] = await ahead.lease(1, 20_000);
  await ahead.close();
  const inbox = sqliteInbox(file, { now: () => now });
  const [free, ...others] = await inbox.lease(5, 20_000);
  assert.notEqual(free!.lane, held!.lane);
  assert.deepEqual(others, []);
  now += 20_000;
  assert.ok((await inbox.lease(5, 20_000)).some(({ lane }) => lane === held!.lane));
  await inbox.close();
});

test("sqliteInbox() refuses what keeps nothing, or is no path of a file", () => {
  for (const path of [":memory:", "", "file:inbox.db", "file::memory:", undefined as never]) {
    assert.throws(() => sqliteInbox(path), { code: "inbox_unusable", message: /its path should be that of a file/ });
  }
});

test("sqliteInbox() can be looked at while it is locked", async () => {
  const file = newFile();
  await sqliteInbox(file).close();
  const other = new DatabaseSync(file);
  other.exec("begin immediate");
  const inbox = sqliteInbox(file);
  assert.equal((await inbox.overview()).pending, 0);
  other.close();
  await inbox.close();
});

const HOUR = 3_600_000;
const failed = {
  kind: "failed",
  error: "E",
  retryAfterMs: 1000,
  position: { event: 0, handler: 0, fingerprint: "" },
} as const;

function jumpingInbox(file: string, wall = Date.UTC(2026, 0, 1)) {
  const clock = { wall, elapsed: 0 };
  const pass = (ms: number) => {
    clock.wall += ms;
    clock.elapsed += ms;
  };
  const options = { now: () => clock.wall, elapsed: () => clock.elapsed, random: () => 0.5 };
  return { inbox: createSqliteInbox(file, options), clock, pass };
}

test("sqliteInbox() gives no lane to two when the clock is set forward, and still frees the lane of one that died", async () => {
  const file = newFile();
  const [one, other] = [jumpingInbox(file), jumpingInbox(file)];
  await one.inbox.put(numbered(1));
  const [lease] = await one.inbox.lease(1, 20_000);
  const work = (await one.inbox.take(lease!))!;
  one.clock.wall += HOUR;
  other.clock.wall += HOUR;
  assert.deepEqual(await one.inbox.lease(1, 20_000), []);
  assert.deepEqual(await other.inbox.lease(1, 20_000), []);
  assert.deepEqual(await one.inbox.renew([lease!], 20_000), []);
  await one.inbox.finish(lease!, work, { kind: "done" });

  await one.inbox.put(numbered(2));
  one.clock.wall += HOUR;
  other.clock.wall += HOUR;
  assert.deepEqual(await other.inbox.lease(1, 20_000), []);
  other.pass(20_000);
  const [taken] = await other.inbox.lease(1, 20_000);
  assert.ok(taken);
  await assert.rejects(one.inbox.take(lease!), { code: "lease_lost" });
  await Promise.all([one.inbox.close(), other.inbox.close()]);
});

test("sqliteInbox() gives the lanes that have waited longest first, also behind a clock that was set forward", async () => {
  const { inbox, clock, pass } = jumpingInbox(newFile());
  for (const scopeObjectId of [2, 1, 3]) {
    await inbox.put(numbered(scopeObjectId, { scopeObjectId }));
    pass(500);
  }
  clock.wall += HOUR;
  assert.deepEqual((await inbox.lease(2, 20_000)).map(({ lane }) => lane), [2, 1]);
  await inbox.close();
});

test("sqliteInbox() works what is owed when the clock is set back: waits stay as long as they were", async () => {
  const { inbox, clock, pass } = jumpingInbox(newFile());
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 20_000);
  await inbox.finish(lease!, (await inbox.take(lease!))!, failed);
  await inbox.release(lease!);
  await inbox.put(numbered(2, { scopeObjectId: 2 }));
  await inbox.put(numbered(3, { scopeObjectId: 3 }));
  const [killed] = await inbox.lease(1, 20_000);
  assert.equal(killed!.lane, 2);

  clock.wall -= HOUR;
  assert.deepEqual((await inbox.lease(5, 20_000)).map(({ lane }) => lane), [3]);
  pass(1000);
  assert.deepEqual((await inbox.lease(5, 20_000)).map(({ lane }) => lane), [acceptedCallback().scopeObjectId]);
  pass(19_000);
  assert.ok((await inbox.lease(5, 20_000)).some(({ lane }) => lane === 2));
  await inbox.close();
});

test("sqliteInbox() that is opened after the clock was set back gives nobody a lane that another has", async () => {
  const file = newFile();
  const { inbox, clock } = jumpingInbox(file);
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 20_000);
  clock.wall -= HOUR;
  const other = jumpingInbox(file, clock.wall);
  assert.deepEqual(await other.inbox.lease(1, 20_000), []);
  assert.deepEqual(await inbox.lease(1, 20_000), []);
  assert.ok(await inbox.take(lease!));
  for (const each of [inbox, other.inbox]) await each.close();
});

test("sqliteInbox() follows a clock that is set back once, however many processes notice it", async () => {
  const file = newFile();
  const processes = Array.from({ length: 4 }, () => jumpingInbox(file));
  const [{ inbox, clock }] = processes as [ReturnType<typeof jumpingInbox>];
  await inbox.put(numbered(1));
  const [lease] = await inbox.lease(1, 20_000);
  await inbox.finish(lease!, (await inbox.take(lease!))!, { ...failed, retryAfterMs: HOUR });
  await inbox.release(lease!);

  const minutes = 60_000;
  const waitMs = async () => (await inbox.show(1))!.retryAt! - clock.wall;
  const setBack = (ms: number) => processes.forEach((each) => each.clock.wall -= ms);
  const leaseAll = async (those = processes) => {
    for (const each of those) assert.deepEqual(await each.inbox.lease(5, 20_000), []);
  };
  setBack(10 * minutes);
  await leaseAll(processes.slice(0, 2));
  // One that comes later has never seen the clock as it was; the others notice only now.
  const late = jumpingInbox(file, clock.wall);
  await leaseAll([late, ...processes, ...processes]);
  assert.equal(await waitMs(), HOUR);

  // One notices two steps, the others notice both as one.
  processes.push(late);
  setBack(5 * minutes);
  await leaseAll([late]);
  setBack(5 * minutes);
  await leaseAll([late, ...processes]);
  assert.equal(await waitMs(), HOUR);
  for (const each of processes) await each.inbox.close();
});

test("sqliteInbox() gives no lane to two when the clock is set back, then forward, while a process stands still", async () => {
  const file = newFile();
  const [one, still] = [jumpingInbox(file), jumpingInbox(file)];
  await one.inbox.put(numbered(1));
  const setClock = (ms: number) => [one, still].forEach(({ clock }) => clock.wall += ms);
  setClock(-HOUR);
  const [lease] = await one.inbox.lease(1, 20_000);
  // Half an hour behind where it stopped, for the one that stood still; half an hour ahead, for the lease.
  setClock(HOUR / 2);
  assert.deepEqual(await still.inbox.lease(1, 20_000), []);
  assert.ok(await one.inbox.take(lease!));
  still.pass(20_000);
  assert.equal((await still.inbox.lease(1, 20_000)).length, 1);
  for (const each of [one, still]) await each.inbox.close();
});

test("sqliteInbox() is worked on when the clock is set back while the worker waits", async () => {
  let ahead = HOUR;
  const inbox = createSqliteInbox(newFile(), { now: () => Date.now() + ahead, elapsed: () => performance.now() });
  const ids: number[] = [];
  const receiver = createReceiver({ secrets: SECRET, inbox, logger: createLog(), concurrency: 1 });
  receiver.onCallback((callback) => void ids.push(callback.scopeObjectId));
  await receiver.start();
  await inbox.put(acceptedCallback({ nonce: "a" }, callbackBody({ scopeObjectId: 1 })));
  await until("one callback is processed", () => ids.length === 1);
  await receiver.stop();
  await inbox.put(acceptedCallback({ nonce: "b", timestamp: "b" }, callbackBody({ scopeObjectId: 2 })));
  ahead = 0;
  await receiver.start();
  await until("both are processed", () => ids.length === 2);
  await receiver.stop();
  await inbox.close();
});
