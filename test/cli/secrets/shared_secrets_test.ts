import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { postgresSecretsStore } from "../../../src/cli/secrets/postgres_store.ts";
import { postgresSecrets } from "../../../src/inbox/postgres/secrets.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { secretsIn } from "../../../src/secrets_file/secrets_file.ts";
import { callbackBody, createLog } from "../../support/callbacks.ts";
import { PASSWORD, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { until } from "../../support/until.ts";
import { runCli, startServe, withFolder, withServe } from "../../support/run_cli.ts";
import { type SimulatedAccount, withAccount } from "../../support/simulated_account.ts";

const KEY = "an example of a key that no machine ever had";

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

let schemas = 0;

/** An account whose commands and `serve` share a schema of the inbox, and the key. */
async function withMachines(use: (account: SimulatedAccount) => Promise<void>): Promise<void> {
  const SHEETHOOK_INBOX = `${server.url}?schema=machines${++schemas}`;
  await withAccount(use, { env: { SHEETHOOK_INBOX, SHEETHOOK_SECRETS_KEY: KEY } });
}

async function post(url: string, webhookId: number, secret: string): Promise<number> {
  const body = callbackBody({ webhookId, nonce: crypto.randomUUID() });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, secret) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.text();
  return response.status;
}

async function challenge(url: string, webhookId: number): Promise<number> {
  const body = JSON.stringify({ webhookId, challenge: "c" });
  const response = await fetch(url, { method: "POST", body, headers: { "Smartsheet-Hook-Challenge": "c" } });
  await response.text();
  return response.status;
}

test("a secret that one machine makes or rotates is known to serve on another, without a restart", async () => {
  await withMachines(async (account) => {
    const { run, sheetId, options, told, file } = account;
    const latest = () => [...told].at(-1)!;
    await withServe([], options, async (here) => {
      await withServe(["--role", "receive"], options, async (there) => {
        await there.waitFor(/no secret is known: `sheethook webhooks create` and `rotate` store them in Postgres at /);
        const made = await run("webhooks", "create", String(sheetId), here.url, "--json");
        assert.equal(made.code, 0, made.stderr);
        assert.match(made.stderr, /\nits secret is in Postgres at 127\.0\.0\.1:\d+\/postgres, where serve finds it\n/);
        assert.equal(existsSync(file), false);
        const { id } = JSON.parse(made.stdout);
        const first = latest();
        await until("the other machine knows the first secret", async () => await post(there.url, id, first) === 200);
        assert.equal(await post(there.url, id, "another0secret0of0nobody"), 401);

        const rotated = await run("webhooks", "rotate", String(id));
        assert.equal(rotated.code, 0, rotated.stderr);
        assert.match(rotated.stdout, /^webhook \d+ has a new secret, which is in Postgres at /);
        const second = latest();
        assert.notEqual(second, first);
        for (const { url } of [there, here]) {
          await until("the new secret is known", async () => await post(url, id, second) === 200);
          assert.equal(await post(url, id, first), 200);
        }

        const shared = postgresSecrets(options.env!.SHEETHOOK_INBOX!, KEY);
        assert.deepEqual(secretsIn(await shared.read(), id), [second, first]);
        await shared.close();

        const listed = JSON.parse((await run("webhooks", "list", "--json")).stdout);
        assert.deepEqual([listed.id, listed.secretKnown], [id, true]);
        assert.doesNotMatch((await run("doctor")).stdout, /secret isn't in/);
        assert.match((await run("webhooks", "watch", "--once")).stdout, new RegExp(`^${id} ENABLED\n$`));
        const signed = await runCli(["sign"], { ...options, input: callbackBody({ webhookId: id }) });
        assert.equal(signed.stdout.trim(), await signBody(callbackBody({ webhookId: id }), second));
        const sent = await run("send", there.url);
        assert.deepEqual([sent.code, sent.stderr], [0, ""], sent.stdout);

        // It looks every second, maybe just before the secret of the other webhook is stored, which is then enabled.
        let isMade = false;
        const calls = (async () => {
          while (!isMade) assert.equal(await post(here.url, id, second), 200);
        })();
        const other = await run("webhooks", "create", String(await account.createSheet()), here.url);
        isMade = true;
        await calls;
        assert.equal(other.code, 0, other.stderr);
        await until(
          "the other webhook is known",
          async () => await challenge(there.url, Number(/\d+/.exec(other.stdout)![0])) === 200,
        );
        assert.equal((await run("webhooks", "delete", String(id), "--yes")).code, 0);
        await until("the deleted webhook isn't known any more", async () => await post(there.url, id, second) === 403);
        for (const secret of [...told, KEY, PASSWORD]) assert.ok(!(here.output + there.output).includes(secret));
      });
    });
  });
});

test("a change is known everywhere when it has been made", async () => {
  const url = `${server.url}?schema=asked`;
  const [here, there] = [1, 2].map(() => postgresSecretsStore(url, KEY, "/nonexistent/secrets.json"));
  try {
    const followed = await there!.follow({ logger: createLog() });
    await here!.change((secrets) => void secrets.set(12, [{ secret: "a" }]));
    const asked = [followed.latest(), followed.latest()];
    assert.equal(asked[0], asked[1]);
    assert.deepEqual((await asked[0]!).get(12), [{ secret: "a" }]);
    assert.deepEqual([...followed.known().keys()], [12]);
  } finally {
    await Promise.all([here!.close(), there!.close()]);
  }
});

test("a secrets file that is there is copied by the first rotation, and doesn't count any more", async () => {
  await withMachines(async (account) => {
    const { run, api, sheetId, options, told, file } = account;
    const { id, sharedSecret } = await api.webhooks.create({
      name: "a",
      callbackUrl: "https://hooks.example.com/webhook",
      scopeObjectId: sheetId,
    });
    const text = JSON.stringify({ [id]: sharedSecret, 12: "of0another0webhook" });
    await writeFile(file, text, { mode: 0o600 });
    await withServe([], options, async (serve) => {
      await serve.waitFor(/secrets file .* is ignored: .*; none is stored yet: .*`rotate`, with that key, copies/);
      assert.equal(await post(serve.url, id, sharedSecret!), 503);
      const rotated = await run("webhooks", "rotate", String(id));
      assert.equal(rotated.code, 0, rotated.stderr);
      assert.match(rotated.stderr, /^copied the secrets of 2 webhooks from .*secrets\.json into Postgres at .*\n$/);
      for (const secret of [sharedSecret!, [...told].at(-1)!]) {
        await until("both secrets are known", async () => await post(serve.url, id, secret) === 200);
      }
      assert.equal(await post(serve.url, 12, "of0another0webhook"), 200);
      assert.equal((await run("webhooks", "rotate", String(id))).stderr, "");
      assert.equal(await readFile(file, "utf8"), text);
    });
    await withServe([], options, async (serve) => {
      await serve.waitFor(
        /secrets file .* is ignored: SHEETHOOK_SECRETS_KEY is set, so the secrets are in Postgres at \S+/,
      );
      await serve.waitFor(/secrets known: those of 2 webhooks from Postgres at /);
      assert.doesNotMatch(serve.output, /none is stored yet/);
    });
  });
});

test("a key that is wrong, too short or of no use is refused, and not shown", async () => {
  await withMachines(async ({ run, sheetId, options, api, told }) => {
    const made = await run("webhooks", "create", String(sheetId), "https://hooks.example.com/webhook");
    assert.match(made.stderr, /its secret is in Postgres at /);
    const commands = [
      ["serve", "--port", "0", "--host", "127.0.0.1"],
      ["webhooks", "list"],
      ["webhooks", "create", String(sheetId), "https://hooks.example.com/other"],
      ["webhooks", "rotate", "1"],
      ["webhooks", "delete", "1", "--yes"],
      ["webhooks", "watch"],
      ["doctor"],
      ["sign"],
      ["send", "http://127.0.0.1:1/webhook"],
    ];
    const refuses = async (command: readonly string[], env: Record<string, string>, message: RegExp) => {
      const { code, stdout, stderr } = await runCli(command, { ...options, env: { ...options.env, ...env } });
      assert.deepEqual([code, stdout], [2, ""], `${command.join(" ")}: ${stderr}`);
      assert.match(stderr, message);
      for (const secret of [PASSWORD, KEY, "kex", "geheim", ...told]) assert.ok(!stderr.includes(secret), stderr);
    };
    const wrong = { SHEETHOOK_SECRETS_KEY: KEY.replace("key", "kex") };
    for (const command of commands) {
      await refuses(command, wrong, /SHEETHOOK_SECRETS_KEY isn't the one that the secrets in Postgres at \S+ were enc/);
    }
    const list = ["webhooks", "list"];
    await refuses(
      list,
      { SHEETHOOK_SECRETS_KEY: "geheim-4712" },
      /SHEETHOOK_SECRETS_KEY has 11 characters, but should/,
    );
    await refuses(
      list,
      { SHEETHOOK_SECRETS_KEY: " " },
      /SHEETHOOK_SECRETS_KEY has 0 characters, but should have at le/,
    );
    for (const SHEETHOOK_INBOX of ["", "memory:", "sqlite:sheethook.db"]) {
      await refuses(
        list,
        { SHEETHOOK_INBOX },
        /SHEETHOOK_SECRETS_KEY is set, but the inbox isn't in Postgres: --inbox/,
      );
    }
    const url = options.env!.SHEETHOOK_INBOX!;
    const given = await runCli([...list, "--inbox", url], {
      ...options,
      env: { ...options.env, SHEETHOOK_INBOX: url.replace(/machines\d+/, "elsewhere") },
    });
    assert.match(given.stdout, /hooks\.example\.com/);
    assert.equal((await Array.fromAsync(api.webhooks.list())).length, 1);
  });
});

test("while Postgres is away serve keeps the secrets as they were, and says so once", async () => {
  await withMachines(async ({ run, sheetId, options, told }) => {
    let id = 0;
    await withServe([], options, async (serve) => {
      const made = await run("webhooks", "create", String(sheetId), serve.url);
      assert.equal(made.code, 0, made.stderr);
      id = Number(/\d+/.exec(made.stdout)![0]);
      const [secret] = [...told];
      await until("serve knows the webhook", async () => await post(serve.url, id, secret!) === 200);
      await server.stop();
      await until("serve says that Postgres is away", async () => {
        assert.deepEqual([await challenge(serve.url, id), await challenge(serve.url, 12)], [200, 403]);
        return /warning Secrets can't be read: .*; they stay as they were/.test(serve.output);
      });
      assert.equal(await post(serve.url, id, secret!), 503);
      await server.start();
      await until("serve goes on", async () => await post(serve.url, id, secret!) === 200);
      await serve.waitFor(/Secrets in Postgres at \S+ read: they name 1 webhook now\n[^]*Secrets in .* read: they/);
      assert.equal(serve.output.match(/Secrets can't be read/g)!.length, 1);
    });

    await server.stop();
    const serve = await startServe([], options);
    try {
      await serve.waitFor(/Secrets can't be read: Postgres at \S+ doesn't serve: /);
      assert.doesNotMatch(serve.output, /no secret is known/);
      assert.equal(await post(serve.url, id, [...told][0]!), 503);
      await server.start();
      await until("serve knows its secrets", async () => await post(serve.url, id, [...told][0]!) === 200);
    } finally {
      assert.equal(await serve.stop(), 0);
    }
  });
});

test("without a key, or with an empty one, secrets are in the file", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await writeFile(file, '{"12": "of0a0webhook"}', { mode: 0o600 });
    const env = { SHEETHOOK_SECRETS_FILE: file, SHEETHOOK_SECRETS_KEY: "", SHEETHOOK_INBOX: server.url };
    const signed = await runCli(["sign"], { env, reads: [folder], input: callbackBody({ webhookId: 12 }) });
    assert.equal(signed.stdout.trim(), await signBody(callbackBody({ webhookId: 12 }), "of0a0webhook"));
  });
});
