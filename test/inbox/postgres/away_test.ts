// What happens when Postgres goes away, goes silent, or isn't the one that it should be.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, test } from "node:test";
import { inspect } from "node:util";
import pg from "pg";
import { delay } from "../../../src/async/delay.ts";
import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../src/inbox/inspect.ts";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { acceptedCallback, createLog } from "../../support/callbacks.ts";
import { createCertificate, type TestCertificate } from "../../support/certificate.ts";
import { PASSWORD, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { startSilentProxy } from "../../support/silent_proxy.ts";
import { totalsOf } from "../../support/totals_of.ts";

type FullInbox = Inbox & InspectableInbox;

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
const certificateFile = join(folder, "ca.pem");
let certificate: TestCertificate;
let server: PostgresServer;
before(async () => {
  certificate = await createCertificate();
  writeFileSync(certificateFile, certificate.cert);
  server = await startPostgres({ certificate });
});
after(async () => {
  await server.end();
  rmSync(folder, { recursive: true });
});

const numbered = (number: number) =>
  acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, scopeObjectId: 1 });

let schemas = 0;

/** Runs `use` with an empty inbox. */
async function withInbox(url: string, use: (inbox: FullInbox) => Promise<void>): Promise<void> {
  const inbox = postgresInbox(url, { schema: `s${++schemas}` });
  try {
    await use(inbox);
  } finally {
    await inbox.close();
  }
}

/** Tries until it succeeds. */
async function eventually<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let tries = 0;; tries++) {
    try {
      return await run();
    } catch (error) {
      if (tries > 100) throw error;
      await delay(50);
    }
  }
}

/** Whatever of it is printed: a message, a stack, causes, properties. */
function assertTellsNothing(error: unknown): void {
  assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), new RegExp(`${PASSWORD}|no-such-word`));
}

test("a restart of Postgres goes unnoticed by who was idle", async () => {
  await withInbox(server.url, async (inbox) => {
    await inbox.put(numbered(1));
    const [lease] = await inbox.lease(1, 60_000);
    const work = await inbox.take(lease!);
    await server.stop();
    await server.start();
    assert.equal(await inbox.put(numbered(1)), "duplicate");
    assert.equal(await inbox.put(numbered(2)), "stored");
    await inbox.finish(lease!, work!, { kind: "done" });
    assert.equal((await inbox.take(lease!))?.callback.nonce, "n2");
    assert.deepEqual(await totalsOf(inbox), { pending: 1, done: 1, dead: 0 });
  });
});

test("while Postgres is away put() rejects at once, and what was worked is recorded when it is back", async () => {
  await withInbox(server.url, async (inbox) => {
    await inbox.put(numbered(11));
    const [lease] = await inbox.lease(1, 60_000);
    const work = await inbox.take(lease!);
    await server.stop();
    const rejected = await inbox.put(numbered(12)).then(() => undefined, (error) => error);
    assert.equal(rejected?.code, "inbox_away");
    assertTellsNothing(rejected);
    await assert.rejects(inbox.check(), { code: "inbox_away" });
    await assert.rejects(inbox.wait(new AbortController().signal), { code: "inbox_away" });
    const finished = inbox.finish(lease!, work!, { kind: "done" });
    await server.start();
    await finished;
    assert.equal(await inbox.put(numbered(12)), "stored");
    await inbox.check();
  });
});

test("a Postgres that has gone silent counts as away after 3 s, and comes back by itself", async () => {
  const proxy = await startSilentProxy(server.port);
  const url = new URL(server.url);
  url.port = String(proxy.port);
  try {
    await withInbox(url.href, async (inbox) => {
      await inbox.put(numbered(21));
      const stop = new AbortController();
      await inbox.wait(stop.signal);
      proxy.silence();
      const asked = [
        inbox.put(numbered(22)),
        inbox.check(),
        inbox.wait(stop.signal),
        // Behind the first, which is under way.
        new Promise((resolve) => setTimeout(resolve, 100)).then(() => inbox.put(numbered(23))),
      ];
      const startedAt = performance.now();
      for (const result of await Promise.allSettled(asked)) {
        assert.equal(result.status, "rejected");
        assert.equal((result as PromiseRejectedResult).reason.code, "inbox_away");
      }
      assert.ok(performance.now() - startedAt > 2000, "it wasn't silent");
      proxy.speak();
      assert.equal(await eventually(() => inbox.put(numbered(24))), "stored");

      await eventually(() => inbox.wait(stop.signal));
    });
  } finally {
    await proxy.close();
  }
});

test("TLS is what the URL says, as libpq reads it", async () => {
  const puts = async (query: string) => {
    const inbox = postgresInbox(`${server.url}?${query}`);
    try {
      await inbox.check();
      return "yes";
    } catch (error) {
      assertTellsNothing(error);
      return (error as Error).message;
    } finally {
      await inbox.close();
    }
  };
  assert.equal(await puts("sslmode=disable"), "yes");
  assert.equal(await puts("sslmode=require"), "yes");
  assert.equal(await puts("sslmode=prefer"), "yes");
  assert.equal(await puts(`sslmode=verify-full&sslrootcert=${certificateFile}`), "yes");
  assert.equal(await puts(`sslmode=verify-ca&sslrootcert=${certificateFile}`), "yes");
  assert.equal(await puts(""), "yes");
  process.env.PGSSLMODE = "verify-full";
  try {
    assert.match(await puts(""), /doesn't serve: .*self.signed/i);
  } finally {
    delete process.env.PGSSLMODE;
  }
  assert.match(await puts("sslmode=verify-full"), /doesn't serve: .*self.signed/i);
});

test("TLS is used if the server has it, and the URL says nothing of it", async () => {
  await withInbox(server.url, async (inbox) => {
    await inbox.check();
    const client = new pg.Client(server.url);
    await client.connect();
    const { rows } = await client.query(
      "select distinct ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'sheethook'",
    ).finally(() => client.end());
    assert.deepEqual(rows, [{ ssl: true }]);
  });
});

test("a connection without TLS that leaves the machine is warned of once, unless the URL says that it should be so", async () => {
  const plain = await startPostgres();
  const linesOf = async (url: string) => {
    const logger = createLog();
    const inbox = postgresInbox(url, { logger });
    await Promise.all([inbox.check(), inbox.overview()]).finally(() => inbox.close());
    return logger.lines;
  };
  try {
    // It leads to this machine, but doesn't look like it.
    const elsewhere = plain.url.replace("127.0.0.1", "0.0.0.0");
    const [line, ...more] = await linesOf(elsewhere);
    assert.match(line!, /^warn The connection to Postgres at 0\.0\.0\.0:\d+\/postgres isn't encrypted/);
    assert.deepEqual(more, []);
    assert.deepEqual(await linesOf(`${elsewhere}?sslmode=disable`), []);
    assert.deepEqual(await linesOf(plain.url), []);
    assert.deepEqual(await linesOf(server.url.replace("127.0.0.1", "0.0.0.0")), []);
  } finally {
    await plain.end();
  }
});

test("a server without TLS is used if the URL doesn't ask for it, and refused if it does", async () => {
  const plain = await startPostgres();
  try {
    await withInbox(`${plain.url}?sslmode=prefer`, (inbox) => inbox.check());
    await withInbox(`${plain.url}?sslmode=require`, async (inbox) => {
      await assert.rejects(inbox.check(), /doesn't serve: .*not support SSL/);
    });
  } finally {
    await plain.end();
  }
});

test("a wrong password, user or database is told as such, without any of them", async () => {
  const wrong = [
    [server.url.replace(PASSWORD, "no-such-word"), /refuses the user or the password/],
    [server.url.replace("//postgres:", "//no-such-word:"), /refuses the user or the password/],
    [`${server.url}_other`, /has no such database/],
  ] as const;
  for (const [url, message] of wrong) {
    const inbox = postgresInbox(url);
    const rejected = await inbox.put(numbered(31)).then(() => undefined, (error) => error);
    assert.equal(rejected?.code, "inbox_unusable");
    assert.match(rejected.message, message);
    assertTellsNothing(rejected);
    await inbox.close();
  }
});

test("close() ends also while Postgres is away or silent", async () => {
  const away = postgresInbox("postgres://u@127.0.0.1:1/d");
  await assert.rejects(away.put(numbered(41)), { code: "inbox_away" });
  await away.close();
  const proxy = await startSilentProxy(server.port);
  const url = new URL(server.url);
  url.port = String(proxy.port);
  const silent = postgresInbox(url.href);
  await silent.check();
  proxy.silence();
  await silent.close();
  const made = postgresInbox(url.href);
  const asked = made.overview();
  const looked = assert.rejects(asked, { code: "inbox_away" });
  const startedAt = performance.now();
  await made.close();
  await looked;
  assert.ok(performance.now() - startedAt < 30_000, "it waited for what takes its time");
  await assert.rejects(made.put(numbered(42)), { code: "inbox_away", message: "Inbox is closed" });
  await proxy.close();
});

test("a value that Postgres refuses is no outage", async () => {
  await withInbox(server.url, async (inbox) => {
    await assert.rejects(inbox.show(1e300), { code: "value_invalid", message: /^Postgres at \S+ refuses a value: / });
  });
});
