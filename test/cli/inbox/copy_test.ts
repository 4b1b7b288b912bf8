import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { copyMirror } from "../../../src/inbox/copy_mirror.ts";
import type { Inbox, Outcome } from "../../../src/inbox/inbox.ts";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { openPostgresTarget } from "../../../src/inbox/postgres/target.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { openSqliteSource } from "../../../src/inbox/sqlite/source.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { PASSWORD, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { type CliResult, runCli, withFolder } from "../../support/run_cli.ts";
import { changesJson, onlyPart } from "../../support/mirrored_sheet.ts";

const HOUR = 3_600_000;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const position = { event: 1, handler: 2, fingerprint: "f" };

const died = (event: number, error: string) => ({
  call: { ...position, event },
  handler: "row.* mail#1",
  attempt: 15,
  error,
});

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

let schemas = 0;
const newUrl = () => `${server.url}?schema=copy${++schemas}`;

const numbered = (number: number, scopeObjectId = 1) =>
  acceptedCallback({
    nonce: `n${number}`,
    timestamp: `t${number}`,
    scopeObjectId,
    acceptedAt: 1000 + number,
    ...(number === 6 && { traceparent: TRACEPARENT }),
  });

/** Lane 1: dead, pending; lane 2: failed with an hour to wait, pending; lane 3: done; lane 4: an attempt never ended. */
async function fill(file: string): Promise<void> {
  const now = Date.now() - 60_000;
  const inbox = sqliteInbox(file, { now: () => now });
  for (const [number, lane] of [[1, 1], [2, 2], [3, 3], [4, 4], [5, 2], [6, 1]] as const) {
    await inbox.put(numbered(number, lane));
  }
  const outcomes: Record<number, Outcome> = {
    1: { kind: "dead", error: "E1", position },
    2: { kind: "failed", error: "E2", retryAfterMs: HOUR, position, attempt: 1, ended: [died(0, "E0"), died(1, "E0")] },
    3: { kind: "done" },
  };
  for (const lease of await inbox.lease(4, 1000)) {
    const work = (await inbox.take(lease))!;
    await inbox.saveStep(lease, work, "1/2/mail", '"sent"');
    if (outcomes[work.id]) {
      await inbox.finish(lease, work, outcomes[work.id]!);
      await inbox.release(lease);
    }
  }
  await inbox.close();
}

function copy(file: string, url: string, ...args: string[]): Promise<CliResult> {
  const files = { reads: [file], writes: [file] };
  return runCli(["inbox", "copy", `sqlite:${file}`, ...args], { env: { SHEETHOOK_INBOX: url }, ...files });
}

/** Works all that is due, and tells it as `lane nonce attempt`. */
async function workAll(inbox: Inbox): Promise<string[]> {
  const worked: string[] = [];
  for (const lease of await inbox.lease(10, 60_000)) {
    for (let work; (work = await inbox.take(lease));) {
      worked.push(`${lease.lane} ${work.callback.nonce} ${work.attempt}`);
      await inbox.finish(lease, work, { kind: "done" });
    }
    await inbox.release(lease);
  }
  return worked.sort();
}

test("inbox copy moves what is pending and dead, with all that is known of it, before what is there", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fill(file);
    const url = newUrl();
    const inbox = postgresInbox(url);
    await inbox.put(numbered(7, 1));
    const refused = await copy(file, url);
    assert.deepEqual([refused.code, refused.stdout], [2, ""]);
    assert.match(refused.stderr, /Move 5 callbacks to Postgres at 127\.0\.0\.1:\d+\/postgres\?.*--yes/);

    const before = sqliteInbox(file);
    const known = (await before.show(2))!;
    await before.close();
    const moved = await copy(file, url, "--yes");
    assert.deepEqual([moved.code, moved.stderr], [0, ""]);
    assert.match(moved.stdout, /^5 moved to Postgres at 127\.0\.0\.1:\d+\/postgres\n$/);
    assert.doesNotMatch(moved.stdout + refused.stderr, new RegExp(PASSWORD));

    const [dead] = await inbox.find({ states: ["dead"] });
    const { nonce, attempts, error, failures, steps, position: at } = (await inbox.show(dead!))!;
    assert.deepEqual([nonce, attempts, error, steps, at], ["n1", 1, "E1", ["1/2/mail"], position]);
    assert.deepEqual(failures.map(({ attempt, error }) => [attempt, error]), [[1, "E1"]]);
    const [, failed] = await inbox.find({ scopeObjectId: 2 });
    const held = (await inbox.show(failed!))!;
    assert.deepEqual([held.nonce, held.attempts, held.error], ["n2", 1, "E2"]);
    assert.equal(held.deadCalls.length, 2);
    assert.deepEqual([held.deadCalls, held.failures], [known.deadCalls, known.failures]);
    assert.ok(held.retryAt! > Date.now() + HOUR / 2);
    const [unfinished] = await inbox.find({ scopeObjectId: 4 });
    assert.deepEqual((await inbox.show(unfinished!))!.unfinished, 1);
    assert.match((await inbox.show(unfinished!))!.failures[0]!.error, /^Never ended/);

    // Lane 2 is held up; in lane 1, what comes from the file goes first.
    const [lease] = (await inbox.lease(1, 60_000)).filter(({ lane }) => lane === 1);
    const first = lease && await inbox.take(lease);
    assert.deepEqual([first?.callback.nonce, first?.callback.traceparent], ["n6", TRACEPARENT]);
    await inbox.finish(lease!, first!, { kind: "done" });
    await inbox.release(lease!);
    assert.deepEqual(await workAll(inbox), ["1 n7 1", "4 n4 2"]);
    await inbox.replay([dead!]);
    assert.deepEqual(await workAll(inbox), ["1 n1 1"]);
    await inbox.close();

    const left = sqliteInbox(file);
    assert.deepEqual(await left.lease(10, 1000), []);
    const { pending, dead: deadLeft, discarded, done } = await left.overview();
    assert.deepEqual({ pending, deadLeft, discarded, done }, { pending: 0, deadLeft: 0, discarded: 5, done: 1 });
    assert.match((await left.show(6))!.error!, /^Moved to Postgres at /);
    await left.close();
    assert.match((await copy(file, url, "--yes", "--json")).stdout, /^\{"moved":0,"duplicates":0,"sheets":0\}\n$/);
  });
});

test("inbox copy that was interrupted is started again: nothing is there twice", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fill(file);
    const url = newUrl();
    const source = await openSqliteSource(file);
    const target = openPostgresTarget(url);
    assert.equal(await target.adopt(source.next(3)), 3);
    // Killed here: they are in both.
    source.close();
    await target.close();
    const { code, stdout } = await copy(file, url, "--yes");
    assert.equal(code, 0);
    assert.match(stdout, /^5 moved .*, 3 of them were there already\n$/);
    const inbox = postgresInbox(url);
    const { pending, dead } = await inbox.overview();
    assert.deepEqual([pending, dead], [4, 1]);
    await inbox.close();
  });
});

test("inbox copy takes the changes of callbacks and the mirror along, and repeats what was copied in part", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    const ids = Array.from({ length: 250 }, (_, index) => index + 1);
    const sheet = { id: 1, info: '{"name":"Orders"}', version: 3, readAt: 1000, isWhole: true, reconciled: null };
    for (const number of [1, 2]) await inbox.put(numbered(number));
    const [lease] = await inbox.lease(1, 60_000);
    const work = (await inbox.take(lease!))!;
    const rows = ids.map((id) => ({ id, json: `{"id":${id}}`, readFor: id % 2 ? 0 : work.id }));
    await inbox.mirror.derive(lease!, work, { sheet, revision: undefined, rows, deleted: [] }, onlyPart('["changed"]'));
    await inbox.mirror.write({ sheet: { ...sheet, id: 2 }, revision: undefined, rows: [], deleted: [] });
    await inbox.mirror.write({
      sheet: { ...sheet, id: 3, isWhole: false, reconciled: null },
      revision: undefined,
      rows,
      deleted: [],
    });
    await inbox.finish(lease!, work, { kind: "failed", error: "E", retryAfterMs: 0, position });
    for (const [sheetId, name] of [[1, "orders"], [2, "user"], [3, "part"]] as const) {
      await inbox.mirror.views!.create(sheetId, name);
    }
    await inbox.close();

    const url = newUrl();
    const refused = await copy(file, url);
    assert.match(refused.stderr, /Move 2 callbacks to Postgres at \S+, and copy 2 mirrored sheets\? .*--yes/);
    const source = await openSqliteSource(file);
    const target = openPostgresTarget(url);
    const sheets = (await source.mirror.sheets()).filter(({ isWhole }) => isWhole);
    const pages = copyMirror(source.mirror, target.mirror, sheets);
    await pages.next();
    // Killed here.
    assert.deepEqual((await target.mirror.sheet(1))!.isWhole, false);
    source.close();
    await target.close();

    const moved = await copy(file, url, "--yes");
    assert.equal(moved.code, 0);
    assert.match(moved.stderr, /^view user isn't copied: name is "user", but should be another name: .*\n$/);
    assert.match(moved.stdout, /^2 moved to Postgres at \S+; 2 mirrored sheets copied\n$/);
    const there = postgresInbox(url);
    assert.deepEqual((await there.mirror.views!.list()).map(({ name, sheetId }) => [name, sheetId]), [["orders", 1]]);
    const copied = await there.mirror.sheets();
    assert.deepEqual(copied.map(({ revision: _, ...sheet }) => sheet), [
      { ...sheet, rowCount: 250 },
      { ...sheet, id: 2, rowCount: 0 },
    ]);
    // Callbacks have other numbers there: each row counts as read for none of them.
    const known = rows.map((row) => ({ ...row, readFor: row.readFor && -1 }));
    assert.deepEqual(await there.mirror.rowsAfter(1, 0, 1000), known);
    const [last, first] = await there.find({});
    assert.equal((await there.show(first!))!.nonce, "n1");
    const changes = [first!, last!].map((id) => changesJson(there.mirror, id));
    assert.deepEqual(await Promise.all(changes), ['["changed"]', undefined]);
    await there.close();
    assert.match((await copy(file, url, "--yes", "--json")).stdout, /^\{"moved":0,"duplicates":0,"sheets":0\}\n$/);
  });
});

test("inbox copy moves what is too much for one message, in its order", async () => {
  const url = newUrl();
  const target = openPostgresTarget(url);
  const kept = {
    state: "pending",
    attempts: 0,
    unfinished: 0,
    retryAt: 0,
    steps: [],
    failures: [],
    deadCalls: [],
  } as const;
  const unknown = {
    attemptedAt: undefined,
    position: undefined,
    error: undefined,
    failedAt: undefined,
    endedAt: undefined,
    changes: [],
  };
  const callbacks = [1, 2, 3, 4, 5].map((id) => {
    const body = id === 4 ? "4".repeat(17_000_000) : String(id).repeat(7_000_000);
    return { ...numbered(id), body, id, place: id, ...kept, ...unknown };
  });
  assert.equal(await target.adopt(callbacks), 5);
  assert.equal(await target.adopt(callbacks), 0);
  await target.close();
  const inbox = postgresInbox(url);
  assert.deepEqual(await workAll(inbox), ["1 n1 1", "1 n2 1", "1 n3 1", "1 n4 1", "1 n5 1"]);
  await inbox.close();
});

test("inbox copy refuses a file that serve uses, and URLs that it can't copy between", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fill(file);
    const used = sqliteInbox(file);
    const refused = await copy(file, newUrl(), "--yes");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /is used by another process: serve should be stopped before/);
    assert.equal(await used.put(numbered(8)), "stored");
    await used.close();

    const wrong = await copy(file, `sqlite:${file}`, "--yes");
    assert.deepEqual([wrong.code, /should be postgres:/.test(wrong.stderr)], [2, true], wrong.stderr);
    const missing = await copy(join(folder, "nowhere.db"), newUrl(), "--yes");
    assert.deepEqual([missing.code, /isn't there/.test(missing.stderr)], [1, true], missing.stderr);
  });
});
