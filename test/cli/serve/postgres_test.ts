import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { postgresInbox } from "../../../src/inbox/postgres.ts";
import { infoOf } from "../../../src/mirror/derive/first_read.ts";
import { rowToJson } from "../../../src/mirror/stored_row.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { acceptedCallback, callbackBody, SECRET } from "../../support/callbacks.ts";
import { PASSWORD, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { runCli, startServe, withFolder } from "../../support/run_cli.ts";

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

const position = { event: 0, handler: 0, fingerprint: "f" };

test("the inbox commands work on Postgres as on a file", async () => {
  const url = `${server.url}?schema=commands`;
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(["inbox", ...args], { env: { SHEETHOOK_INBOX: url } });
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    return stdout;
  };
  const none = await runCli(["inbox", "stats"], { env: { SHEETHOOK_INBOX: url } });
  assert.deepEqual([none.code, none.stdout], [1, ""]);
  assert.match(none.stderr, /holds no inbox in the schema "commands"/);

  const inbox = postgresInbox(url);
  for (const number of [1, 2]) {
    await inbox.put(acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, scopeObjectId: 11 }));
  }
  const [lease] = await inbox.lease(1, 60_000);
  const work = await inbox.take(lease!);
  await inbox.finish(lease!, work!, { kind: "dead", error: "Error: no such row", position });
  await inbox.release(lease!);
  await inbox.close();

  assert.match(await run("stats"), /^pending +1 in 1 sheet.*\ndone +0 kept\ndiscarded +0 kept\ndead +1/);
  assert.match(await run("list", "--state", "dead"), /\n1 +dead .* 11 .*Error: no such row\n$/);
  assert.match(
    await run("show", "1"),
    /attempt 1 failed at event 1 of 1 \(row.updated\), handler 1, .*\n {2}Error: no such row/,
  );
  assert.equal(await run("replay", "1"), "1 callback replayed\n");
  assert.equal(await run("discard", "--state", "pending", "--yes"), "2 callbacks discarded\n");
  assert.equal(await run("prune", "--older-than", "2d"), "0 pruned\n");
});

test("the mirror commands work on Postgres as on a file", async () => {
  const url = `${server.url}?schema=mirror_commands`;
  const inbox = postgresInbox(url);
  const columns = [{ id: 5, index: 0, title: "Item", type: "TEXT_NUMBER" }];
  const sheet = {
    id: 11,
    info: infoOf({ name: "Orders", columns }),
    version: 1,
    readAt: 0,
    isWhole: true,
    reconciled: null,
  };
  const rows = [{ id: 1, json: rowToJson({ id: 1, cells: new Map([[5, { value: "Rope" }]]) }), readFor: 0 }];
  await inbox.mirror.write({ sheet, revision: undefined, rows, deleted: [] });
  await inbox.close();
  const run = async (...args: string[]) => {
    const { code, stdout, stderr } = await runCli(["mirror", ...args], { env: { SHEETHOOK_INBOX: url } });
    assert.deepEqual([code, stderr], [0, ""], args.join(" "));
    return stdout;
  };
  assert.match(await run("list"), /\n11 +Orders +1 +1 +1 +1970/);
  assert.match(await run("show", "11"), /\n5 +TEXT_NUMBER +Item\n$/);
  assert.equal(await run("rows", "Orders", "--csv"), "Item\r\nRope\r\n");
  assert.match(
    await run("reconcile", "Orders", "--wait", "0s"),
    /^sheet 11 "Orders" isn't compared yet: callback 1 stays/,
  );
  assert.equal(await run("drop", "Orders", "--yes"), 'sheet 11 "Orders" dropped: 1 row\n');
});

test("serve starts while Postgres is away, refuses with 503, and goes on by itself when it is there", async () => {
  await withFolder(async (folder) => {
    await server.stop();
    const serve = await startServe([], {
      env: {
        SHEETHOOK_INBOX: `${server.url}?schema=away`,
        SHEETHOOK_SECRET: SECRET,
        SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      },
      reads: [folder],
    });
    try {
      await serve.waitFor(
        /error +Postgres at 127\.0\.0\.1:\d+\/postgres doesn't serve: .*; until it is back, callbacks are/,
      );
      const body = callbackBody();
      const send = async () => {
        const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
        const response = await fetch(serve.url, { method: "POST", body, headers });
        await response.text();
        return [response.status, response.headers.has("retry-after")];
      };
      assert.deepEqual(await send(), [503, true]);
      await server.start();
      assert.deepEqual(await send(), [200, false]);
      // Its worker has waited, and works it.
      await serve.waitFor(/row 1 .*2025-09-17T13:08:55Z/);
      assert.doesNotMatch(serve.output, new RegExp(PASSWORD));
    } finally {
      assert.equal(await serve.stop(), 0);
    }
  });
});

test("serve doesn't start with a wrong password, and doesn't show it", async () => {
  await withFolder(async (folder) => {
    const { code, stdout, stderr } = await runCli(["serve", "--port", "0", "--host", "127.0.0.1"], {
      env: {
        SHEETHOOK_INBOX: server.url.replace(PASSWORD, "wrong-word"),
        SHEETHOOK_DEBUG: "1",
        SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      },
      reads: [folder],
    });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /Postgres at 127\.0\.0\.1:\d+\/postgres can't be used: it refuses the user or the password/);
    assert.doesNotMatch(stderr, /wrong-word|postgres:/);
  });
});
