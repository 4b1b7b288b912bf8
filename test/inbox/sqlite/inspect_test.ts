import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { delay } from "../../../src/async/delay.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { stateIn } from "../../../src/inbox/callback_condition.ts";
import { ACTIVITY, DEAD_CALLS, deadErrors, HAS_ERROR } from "../../../src/inbox/sqlite/inspect/statements.ts";
import { createRead } from "../../../src/inbox/sqlite/read.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { inspectSuite } from "../../suites/inspect_suite.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const newFile = () => join(folder, `${++files}.db`);

inspectSuite("SQLite inbox, inspected", (clock) => sqliteInbox(newFile(), { now: () => clock.now }));

test("sqliteInbox() shares a file: what one replays and discards, the other works and sees", async () => {
  const file = newFile();
  const [one, other] = [sqliteInbox(file), sqliteInbox(file)];
  await one.put(acceptedCallback());
  const [lease] = await one.lease(1, 20_000);
  const work = (await one.take(lease!))!;
  assert.equal((await other.show(work.id))!.isRunning, true);
  assert.equal((await other.discard([work.id]))[0]!.outcome, "running");
  await one.finish(lease!, work, { kind: "done" });
  await one.release(lease!);
  const woken = one.wait(new AbortController().signal);
  assert.equal((await other.replay([work.id]))[0]!.outcome, "changed");
  await woken;
  assert.equal((await one.lease(1, 20_000)).length, 1);
  assert.equal((await other.discard([work.id]))[0]!.outcome, "changed");
  assert.equal((await one.show(work.id))!.state, "discarded");
  await Promise.all([one.close(), other.close()]);
});

test("activity() looks at nothing but the entries of its time in the indexes", async () => {
  const file = newFile();
  await sqliteInbox(file).close();
  const database = new DatabaseSync(file);
  const values = { since: 0, until: 10, stepMs: 1 };
  const plan = database.prepare(`explain query plan ${ACTIVITY}`).all(values) as { detail: string }[];
  database.close();
  const looks = plan.map(({ detail }) => detail).filter((detail) => /callbacks/.test(detail));
  assert.deepEqual(looks.map((detail) => /USING COVERING INDEX (.*)/.exec(detail)?.[1]), [
    "callbacks_accepted (accepted_at>? AND accepted_at<?)",
    "callbacks_ended (state=? AND ended_at>? AND ended_at<?)",
    "callbacks_ended (state=? AND ended_at>? AND ended_at<?)",
  ]);
});

test("what is found by its error, and the errors of dead letters, are looked up among dead letters alone", async () => {
  const file = newFile();
  await sqliteInbox(file).close();
  const database = new DatabaseSync(file);
  const plan = (text: string) =>
    (database.prepare(`explain query plan ${text}`).all() as { detail: string }[]).map(({ detail }) => detail)
      .filter((detail) => /callbacks|errors|dead_calls/.test(detail));
  const isByIndex = /^SEARCH |SCAN callbacks USING COVERING INDEX callbacks_dead/;
  for (const text of [DEAD_CALLS, `select id from callbacks where ${HAS_ERROR}`, deadErrors(stateIn(["dead"]))]) {
    assert.notDeepEqual(plan(text), []);
    assert.deepEqual(plan(text).filter((detail) => !isByIndex.test(detail)), [], text);
  }
  database.close();
});

test("sqliteInbox() rejects what it can't read, and says what to do", async () => {
  const file = newFile();
  const filling = sqliteInbox(file);
  const numbers = Array.from({ length: 200 }, (_, number) => `n${number}`);
  await Promise.all(numbers.map((nonce) => filling.put(acceptedCallback({ nonce, timestamp: nonce, digest: nonce }))));
  await filling.close();
  const inbox = sqliteInbox(file);
  // So that nothing of the file is in its memory.
  const other = new DatabaseSync(file);
  other.exec("update counters set value = value; pragma wal_checkpoint(truncate)");
  other.close();
  // All but the schema.
  const bytes = readFileSync(file);
  bytes.fill(0xff, 4096);
  writeFileSync(file, bytes);
  const corrupt = { code: "inbox_unusable", message: /\.db" can't be used: .*malformed.*sqlite3 .*\.db \.recover/s };
  const reads: (() => Promise<unknown>)[] = [
    () => inbox.overview(),
    () => inbox.find({ scopeObjectId: 1 }),
    () => inbox.deadErrors(),
    () => inbox.show(100),
    () => inbox.activity(0, 10, 1),
    () => inbox.wait(new AbortController().signal),
  ];
  for (const read of reads) {
    let rejected: Promise<unknown> | undefined;
    assert.doesNotThrow(() => rejected = read(), String(read));
    await assert.rejects(rejected!, corrupt, String(read));
  }
  await inbox.close().catch(() => {});
});

test("sqliteInbox() waits with what it reads while another process has the file to itself, and lets timers run", async () => {
  const file = newFile();
  const inbox = sqliteInbox(file);
  await inbox.put(acceptedCallback());
  await inbox.close();
  const other = new DatabaseSync(file);
  other.exec("pragma locking_mode = exclusive; begin exclusive; commit");
  let isThere = false;
  const read = createRead(file);
  const found = read(() => {
    const database = new DatabaseSync(file);
    try {
      return database.prepare("select count(*) as count from callbacks").get() as { count: number };
    } finally {
      database.close();
    }
  }).finally(() => isThere = true);
  for (let turn = 0; turn < 5; turn++) await delay(1);
  assert.equal(isThere, false);
  other.close();
  assert.equal((await found).count, 1);
});
