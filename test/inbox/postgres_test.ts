import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pg from "pg";
import { delay } from "../../src/async/delay.ts";
import type { Inbox, Lease } from "../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../src/inbox/inspect.ts";
import { postgresInbox, type PostgresInboxOptions } from "../../src/inbox/postgres.ts";
import { createPostgresInbox } from "../../src/inbox/postgres/inbox.ts";
import { acceptedCallback, createLog } from "../support/callbacks.ts";
import { openPostgres } from "../support/postgres.ts";
import { alertsSuite } from "../suites/alerts_suite.ts";
import { deadCallsSuite } from "../suites/dead_calls_suite.ts";
import { type Clock, inboxSuite } from "../suites/inbox_suite.ts";
import { inspectSuite } from "../suites/inspect_suite.ts";
import { mirrorSuite } from "../suites/mirror_suite.ts";
import { totalsOf } from "../support/totals_of.ts";
import { until } from "../support/until.ts";
import { onlyPart } from "../support/mirrored_sheet.ts";

const DAY_MS = 86_400_000;
const POSITION = { event: 0, handler: 0, fingerprint: "" };

let server: Awaited<ReturnType<typeof openPostgres>>;
before(async () => {
  server = await openPostgres();
});
after(() => server.end());

let schemas = 0;
const newSchema = () => `s ${++schemas} it's "`;

const open = (clock: Clock) => postgresInbox(server.url, { schema: newSchema(), now: () => clock.now });
inboxSuite("Postgres inbox", open);
inspectSuite("Postgres inbox, inspected", open);
deadCallsSuite("Postgres inbox, its dead calls", open);
mirrorSuite("Postgres inbox, its mirror", open);
alertsSuite("Postgres inbox", () => {
  const schema = newSchema();
  return [postgresInbox(server.url, { schema }), postgresInbox(server.url, { schema })];
});

const numbered = (number: number, attributes = {}) =>
  acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, scopeObjectId: 1, ...attributes });

/** Runs `use` with as many inboxes on one schema, as as many processes would have. */
async function withInboxes(
  count: number,
  use: (inboxes: ReturnType<typeof postgresInbox>[], schema: string) => Promise<void>,
  options: PostgresInboxOptions = {},
): Promise<void> {
  const schema = newSchema();
  const inboxes = Array.from({ length: count }, () => postgresInbox(server.url, { schema, ...options }));
  try {
    await use(inboxes, schema);
  } finally {
    await Promise.all(inboxes.map((inbox) => inbox.close()));
  }
}

async function query(text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(server.url);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

/** Another role, with the rights that are granted to `GUEST`. */
async function createGuest(grants = ""): Promise<{ url: string; name: string; drop: () => Promise<unknown> }> {
  const name = `guest_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(`create role ${name} login password 'guest-0815'; ${grants.replaceAll("GUEST", name)}`);
  const at = new URL(server.url);
  at.username = name;
  at.password = "guest-0815";
  return { url: at.href, name, drop: () => query(`drop owned by ${name} cascade; drop role ${name}`) };
}

async function workLane(inbox: Inbox, lease: Lease): Promise<string[]> {
  const nonces: string[] = [];
  for (let work; (work = await inbox.take(lease));) {
    nonces.push(work.callback.nonce);
    await inbox.finish(lease, work, { kind: "done" });
  }
  await inbox.release(lease);
  return nonces;
}

test("postgresInbox() makes its schema once, also when many start at the same time", async () => {
  await withInboxes(8, async (inboxes, schema) => {
    await Promise.all(inboxes.map((inbox) => inbox.check()));
    const name = schema.replaceAll('"', '""');
    assert.deepEqual(await query(`select version from "${name}".migrations order by version`), [
      { version: 1 },
      { version: 2 },
      { version: 3 },
      { version: 4 },
      { version: 5 },
      { version: 6 },
      { version: 7 },
      { version: 8 },
    ]);
  });
});

test("postgresInbox() refuses a schema of a newer version, and one that isn't there if it may not make it", async () => {
  await query("create schema newer; create table newer.migrations (version integer)");
  await query("insert into newer.migrations values (99)");
  const newer = postgresInbox(server.url, { schema: "newer" });
  await assert.rejects(newer.check(), { code: "inbox_unusable", message: /"newer" is 99, but should be at most 8/ });
  await newer.close();
  const none = createPostgresInbox(`${server.url}?schema=nowhere`, { create: false });
  await assert.rejects(none.check(), { code: "inbox_unusable", message: /no inbox in the schema "nowhere"/ });
  await none.close();
  assert.deepEqual(await query("select from pg_namespace where nspname = 'nowhere'"), []);
});

test("postgresInbox() refuses a database that can't hold every character", async () => {
  const name = `latin_${crypto.randomUUID().replaceAll("-", "")}`;
  await query(`create database ${name} encoding 'LATIN1' locale 'C' template template0`);
  const at = new URL(server.url);
  at.pathname = `/${name}`;
  const inbox = postgresInbox(at.href);
  await assert.rejects(inbox.check(), { code: "inbox_unusable", message: /in LATIN1, but should be in UTF8/ });
  await inbox.close();
  await query(`drop database ${name} with (force)`);
});

test("postgresInbox() says which right a user lacks, and works without those that it needs once", async () => {
  const guest = await createGuest("create schema own authorization GUEST");
  const refused = postgresInbox(guest.url, { schema: "other" });
  await assert.rejects(refused.put(numbered(1)), {
    code: "inbox_unusable",
    message: /isn't allowed to\. .*grant create.* \(error: permission denied for database/,
  });
  await refused.close();
  const allowed = postgresInbox(guest.url, { schema: "own" });
  assert.equal(await allowed.put(numbered(1)), "stored");
  await allowed.close();
  await guest.drop();
});

test("a role with select, insert, update and delete alone does all that an inbox does", async () => {
  await withInboxes(1, async ([owner], schema) => {
    const s = `"${schema.replaceAll('"', '""')}"`;
    await owner!.check();
    const guest = await createGuest(`
      grant usage on schema ${s} to GUEST;
      grant select, insert, update, delete on all tables in schema ${s} to GUEST;
      grant usage on all sequences in schema ${s} to GUEST`);
    const inbox = postgresInbox(guest.url, { schema });
    try {
      await inbox.check();
      for (const number of [1, 2, 3]) await inbox.put(numbered(number));
      await inbox.wait(AbortSignal.timeout(1000));
      const [lease] = await inbox.lease(1, 60_000);
      const first = (await inbox.take(lease!))!;
      await inbox.saveStep(lease!, first, "step", "1");
      await inbox.saveProgress(lease!, first, { position: POSITION });
      assert.deepEqual(await inbox.renew([lease!], 60_000), []);
      const write = {
        sheet: { id: 1, info: "{}", version: 1, readAt: 1, isWhole: true, reconciled: null },
        revision: undefined,
        rows: [{ id: 1, json: "{}", readFor: 1 }],
        deleted: [2],
      };
      assert.ok(await inbox.mirror.derive(lease!, first, write, onlyPart("[]")));
      assert.equal(await inbox.mirror.drop(1), true);
      await inbox.finish(lease!, first, { kind: "failed", error: "E", retryAfterMs: 0, position: POSITION });
      assert.deepEqual(await workLane(inbox, lease!), ["n1", "n2", "n3"]);
      assert.equal((await inbox.overview()).done, 3);
      const ids = (await inbox.find({}, 10)).toReversed();
      assert.equal((await inbox.show(ids[0]!))!.failures.length, 1);
      assert.equal((await inbox.activity(0, 1e13, 1e13)).length, 1);
      assert.equal((await inbox.replay(ids.slice(0, 1)))[0]!.outcome, "changed");
      assert.equal((await inbox.discard(ids.slice(0, 1)))[0]!.outcome, "changed");
      assert.equal(await inbox.prune(["done", "discarded"], 1e13), 3);
      assert.deepEqual(await totalsOf(inbox), { pending: 0, done: 4, dead: 0 });
    } finally {
      await inbox.close();
      await guest.drop();
    }
  });
});

test("pruning that may not delete says so once", async () => {
  await withInboxes(1, async ([owner], schema) => {
    const s = `"${schema.replaceAll('"', '""')}"`;
    await owner!.put(numbered(1));
    const [lease] = await owner!.lease(1, 60_000);
    await workLane(owner!, lease!);
    const guest = await createGuest(`
      grant usage on schema ${s} to GUEST;
      grant select, insert, update on all tables in schema ${s} to GUEST;
      grant usage on all sequences in schema ${s} to GUEST`);
    const logger = createLog();
    const inbox = postgresInbox(guest.url, { schema, logger });
    try {
      await inbox.lease(0, 1000);
      // It isn't waited for.
      await until("it warns", () => logger.lines.length > 0);
      assert.match(logger.lines[0]!, /^warn Done callbacks can't be deleted, so the inbox grows: .*denied for table/);
    } finally {
      await inbox.close();
      await guest.drop();
    }
    assert.equal(logger.lines.length, 1);
  });
});

test("check() finds out what put() needs, and leaves nothing behind", async () => {
  const guest = await createGuest("create schema checked authorization GUEST");
  const inbox = postgresInbox(guest.url, { schema: "checked" });
  await Promise.all([inbox.check(), inbox.check()]);
  for (const table of ["callbacks", "progress", "lanes"]) {
    assert.deepEqual(await query(`select from checked.${table}`), [], table);
    await query(`revoke insert on checked.${table} from ${guest.name}`);
    await assert.rejects(inbox.check(), { code: "inbox_unusable", message: new RegExp(`denied for table ${table}`) });
    await query(`grant insert on checked.${table} to ${guest.name}`);
  }
  await inbox.check();
  await query("alter table checked.callbacks rename column digest to hash");
  await assert.rejects(inbox.check(), { code: "inbox_away", message: /"digest"/ });
  await inbox.close();
  await guest.drop();
});

test("postgresInbox() refuses options that can't be used, and doesn't show the URL", () => {
  const cutShort = ["postgres://u:47/geheim@h/d", "postgres://u:47#geheim@h/d", "postgres://u:47?geheim@h/d"];
  const none = ["postgres://u:geheim@@@", "mysql://u:geheim@h/d", "postgres://u:geheim@h/d?sslmode=maybe"];
  for (const url of [...cutShort, ...none]) {
    assert.throws(() => postgresInbox(url), (error: Error) => !/geheim/.test(`${error.stack} ${error.cause}`));
  }
  assert.throws(() => postgresInbox(server.url, { keepMs: DAY_MS }), /keepMs/);
  assert.throws(() => postgresInbox(server.url, { keep: DAY_MS } as never), /postgresInbox\(\) has no option "keep"/);
  assert.throws(() => postgresInbox(server.url, { schema: "é".repeat(32) }), /1 to 63 bytes/);
  assert.throws(() => postgresInbox(server.url, { schema: "pg_inbox" }), /schema is "pg_inbox", but should be/);
  const missing = `${server.url}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`;
  assert.throws(() => postgresInbox(missing), { code: "option_invalid", message: /\/nowhere\/ca\.pem/ });
});

test("postgresInbox() keeps one order in a lane, whoever puts, and works it one at a time, whoever works", async () => {
  await withInboxes(3, async (inboxes, schema) => {
    const answered: string[] = [];
    await Promise.all(inboxes.map(async (inbox, process) => {
      for (let number = 0; number < 40; number++) {
        const callback = numbered(number, { nonce: `${process}/${number}`, timestamp: `${process}/${number}` });
        await inbox.put(callback);
        answered.push(callback.nonce);
      }
    }));
    const name = schema.replaceAll('"', '""');
    const rows = await query(`select nonce from "${name}".callbacks order by id`);
    const [lease] = await inboxes[0]!.lease(1, 60_000);
    assert.deepEqual(await inboxes[1]!.lease(1, 60_000), []);
    const worked = await workLane(inboxes[0]!, lease!);
    assert.deepEqual(worked, rows.map(({ nonce }) => nonce));
    // Of one process, what was answered first is worked first.
    for (let process = 0; process < 3; process++) {
      const own = worked.filter((nonce) => nonce.startsWith(`${process}/`)).map((nonce) => Number(nonce.split("/")[1]));
      assert.deepEqual(own, Array.from({ length: 40 }, (_, number) => number));
    }
  });
});

test("postgresInbox() stores one of the same callbacks that come to several at the same time", async () => {
  await withInboxes(3, async (inboxes) => {
    const numbers = Array.from({ length: 100 }, (_, number) => number);
    const results = await Promise.all(
      inboxes.flatMap((inbox, process) =>
        // Of lanes in another order for each, and with another nonce for the last.
        numbers.toSorted((a, b) => process % 2 ? a - b : b - a).map((number) =>
          inbox.put(numbered(number, { scopeObjectId: number % 7, ...(process === 2 && { nonce: `again ${number}` }) }))
        )
      ),
    );
    assert.equal(results.filter((result) => result === "stored").length, 100);
    assert.equal((await inboxes[0]!.overview()).pending, 100);
  });
});

test("postgresInbox() wakes who waits elsewhere", async () => {
  await withInboxes(2, async ([here, there]) => {
    const stop = new AbortController();
    await there!.check();
    const woken = there!.wait(stop.signal);
    await here!.put(numbered(1));
    const startedAt = performance.now();
    await woken;
    const [lease] = await there!.lease(1, 60_000);
    assert.ok(lease, "it was woken for nothing");
    // The sweep would have taken 5 s.
    assert.ok(performance.now() - startedAt < 4000);
  });
});

test("postgresInbox() finds what nobody told it of, within a sweep", async () => {
  await withInboxes(1, async ([inbox], schema) => {
    // It listens from then on.
    await inbox!.wait(AbortSignal.timeout(500));
    const waited = inbox!.wait(new AbortController().signal);
    await delay(200);
    await query(`insert into "${schema.replaceAll('"', '""')}".lanes (lane, pending, due_at) values (1, 1, 1)`);
    await waited;
    assert.equal((await inbox!.lease(1, 60_000)).length, 1);
  });
});

test("postgresInbox() takes times from the database's clock", async () => {
  await withInboxes(1, async ([inbox]) => {
    const [row] = await query("select (extract(epoch from clock_timestamp()) * 1000)::float8 as now");
    await inbox!.put(numbered(1));
    const [lease] = await inbox!.lease(1, 60_000);
    const work = await inbox!.take(lease!);
    await inbox!.finish(lease!, work!, { kind: "failed", error: "E", retryAfterMs: 100, position: POSITION });
    await inbox!.release(lease!);
    const { attemptedAt, failedAt } = (await (inbox as ReturnType<typeof postgresInbox>).show(work!.id))!;
    assert.ok(attemptedAt! >= Number(row!.now) - 1 && failedAt! >= attemptedAt!);
  });
});

test("postgresInbox() keeps texts that Postgres can't hold as they are", async () => {
  await withInboxes(1, async ([inbox]) => {
    const odd = "a\0b\uD800c";
    const puts = [1, 2].map((number) =>
      inbox!.put(numbered(number, number === 1 ? { nonce: odd, timestamp: odd } : {}))
    );
    assert.deepEqual(await Promise.all(puts), ["stored", "stored"]);
    assert.equal(await inbox!.put(numbered(1, { nonce: odd, timestamp: odd })), "duplicate");
    const [lease] = await inbox!.lease(1, 60_000);
    const work = await inbox!.take(lease!);
    await inbox!.saveStep(lease!, work!, odd, '"\\u0000"');
    await inbox!.finish(lease!, work!, { kind: "failed", error: odd, retryAfterMs: 0, position: POSITION });
    const again = await inbox!.take(lease!);
    assert.deepEqual([...again!.steps], [[odd, '"\\u0000"']]);
  });
});

test("postgresInbox() rejects what Postgres refuses, and nothing else of the batch", async () => {
  await withInboxes(1, async ([inbox]) => {
    const results = await Promise.allSettled([
      inbox!.put(numbered(1)),
      inbox!.put(numbered(2, { scopeObjectId: 2, digest: "d".repeat(10_000_000) })),
      inbox!.put(numbered(3)),
    ]);
    assert.deepEqual(results.map(({ status }) => status), ["fulfilled", "rejected", "fulfilled"]);
  });
});

test("replay() of what is being pruned doesn't make its lane owe what isn't there any more", async () => {
  await withInboxes(1, async ([inbox], schema) => {
    await inbox!.put(numbered(1));
    const [lease] = await inbox!.lease(1, 60_000);
    await workLane(inbox!, lease!);
    const name = schema.replaceAll('"', '""');
    const pruning = new pg.Client(server.url);
    await pruning.connect();
    try {
      await pruning.query(`begin; delete from "${name}".progress; delete from "${name}".callbacks`);
      const replayed = (inbox as unknown as InspectableInbox).replay([1]);
      const blocked =
        "select from pg_stat_activity where wait_event_type = 'Lock' and query like '%for update of progress%'";
      await until("the replay waits for a lock", async () => (await query(blocked)).length > 0);
      await pruning.query("commit");
      assert.deepEqual(await replayed, [{ id: 1, outcome: "unknown", state: undefined, calls: 0 }]);
    } finally {
      await pruning.end();
    }
    assert.equal((await inbox!.overview()).pending, 0);
  });
});

test("postgresInbox() goes on when a newer version changes its tables meanwhile", async () => {
  await withInboxes(1, async ([inbox], schema) => {
    const work = async () => {
      const [lease] = await inbox!.lease(1, 60_000);
      return await workLane(inbox!, lease!);
    };
    await inbox!.put(numbered(1));
    assert.deepEqual(await work(), ["n1"]);
    const table = `"${schema.replaceAll('"', '""')}".callbacks`;
    await query(`alter table ${table} add column more text; alter table ${table} alter column timestamp type varchar`);
    assert.equal(await inbox!.put(numbered(1)), "duplicate");
    assert.equal(await inbox!.put(numbered(2)), "stored");
    assert.deepEqual(await work(), ["n2"]);
  });
});

test("postgresInbox() survives a failover that has lost its lanes", async () => {
  await withInboxes(1, async ([inbox], schema) => {
    await inbox!.put(numbered(1));
    const name = schema.replaceAll('"', '""');
    await query(`truncate "${name}".lanes, "${name}".callbacks, "${name}".progress cascade`);
    assert.equal(await inbox!.put(numbered(1)), "stored");
    const [lease] = await inbox!.lease(1, 60_000);
    assert.deepEqual(await workLane(inbox!, lease!), ["n1"]);
  });
});

test("postgresInbox() stores what is large", async () => {
  await withInboxes(1, async ([inbox]) => {
    const bodies = Array.from({ length: 4 }, (_, number) => `${number}é"`.repeat(2_000_000));
    await Promise.all(bodies.map((body, number) => inbox!.put(numbered(number, { body }))));
    const [lease] = await inbox!.lease(1, 60_000);
    assert.equal((await inbox!.take(lease!))!.callback.body, bodies[0]);
  });
});

test("postgresInbox() forgets done callbacks after keepMs, and nothing that is owed", async () => {
  let now = Date.UTC(2026, 0, 1);
  await withInboxes(1, async ([inbox]) => {
    await inbox!.put(numbered(1));
    const [lease] = await inbox!.lease(1, 60_000);
    await workLane(inbox!, lease!);
    await inbox!.put(numbered(2));
    now += 2 * DAY_MS + 1;
  }, { keepMs: 2 * DAY_MS, now: () => now });
  const schema = `s ${schemas} it's "`;
  const inbox = postgresInbox(server.url, { schema, keepMs: 2 * DAY_MS, now: () => now });
  await inbox.lease(0, 1000);
  // It isn't waited for.
  await until("callback 1 is deleted", async () => await inbox.show(1) === undefined);
  assert.equal(await inbox.put(numbered(2)), "duplicate");
  assert.equal(await inbox.put(numbered(1)), "stored");
  assert.deepEqual(await totalsOf(inbox), { pending: 2, done: 1, dead: 0 });
  await inbox.close();
});
