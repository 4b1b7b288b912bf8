import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { delay } from "../../../src/async/delay.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody } from "../../support/callbacks.ts";
import { readSecretsByWebhook } from "../../../src/secrets_file/stored_secrets.ts";
import { replaceFile } from "../../support/certificate.ts";
import { findFreePort } from "../../serve/client.ts";
import { runCli, withServe } from "../../support/run_cli.ts";
import { type SimulatedAccount, withAccount } from "../../support/simulated_account.ts";

const secretsIn = async ({ file }: SimulatedAccount) => JSON.parse(await readFile(file, "utf8"));

/** A webhook that `serve` answers for, and its id. */
async function createWebhook({ run, sheetId }: SimulatedAccount, url: string): Promise<number> {
  const { code, stdout, stderr } = await run("webhooks", "create", String(sheetId), url, "--json");
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout).id;
}

async function post(url: string, webhookId: number, secret: string): Promise<number> {
  const body = callbackBody({ webhookId, nonce: crypto.randomUUID() });
  return (await fetch(url, {
    method: "POST",
    body,
    headers: { "Smartsheet-Hmac-SHA256": await signBody(body, secret) },
  }))
    .status;
}

describe("webhooks create", () => {
  it("makes a webhook, stores its secret and enables it, while serve knows none yet", async () => {
    await withAccount(async (account) => {
      const { run, sheetId, file, simulator, options, told } = account;
      await withServe([], options, async (serve) => {
        const made = await run("webhooks", "create", String(sheetId), serve.url, "--name", "orders");
        assert.equal(made.code, 0, made.stderr);
        assert.match(made.stdout, /^webhook \d+ "orders" on sheet \d+ to http:\/\/127\S+ is ENABLED: active\n$/);
        assert.match(
          made.stderr,
          /^created webhook \d+\nits secret is in .*secrets\.json, where serve finds it\nenabling/,
        );
        const id = Number(/\d+/.exec(made.stdout)![0]);
        assert.deepEqual(await secretsIn(account), { [id]: [...told][0] });
        if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);

        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/row\.created/);
        assert.ok(![...told].some((secret) => serve.output.includes(secret)));
      });
    });
  });

  it("adopts one that is there, and makes a second one for another sheet", async () => {
    await withAccount(async (account) => {
      const { run, sheetId, api, options } = account;
      await withServe([], options, async ({ url }) => {
        const id = await createWebhook(account, url);
        const before = await secretsIn(account);
        const again = await run("webhooks", "create", String(sheetId), url, "--events", "row.created", "--json");
        assert.match(again.stderr, /\nwebhook \d+ sends row\.created now, instead of \*\.\*\n$/);
        const { adopted, events, name, ...rest } = JSON.parse(again.stdout);
        assert.deepEqual([again.code, rest.id, adopted, events, name], [0, id, true, ["row.created"], "sheethook"]);
        assert.deepEqual(await secretsIn(account), before);
        const same = await run("webhooks", "create", String(sheetId), url, "--json");
        assert.match(same.stderr, /\nwebhook \d+ sends row\.created, as before: --events "\*\.\*" would make/);
        assert.deepEqual(JSON.parse(same.stdout).events, ["row.created"]);
        const typo = await run("webhooks", "create", String(sheetId), url, "--events", "row.createdd");
        assert.deepEqual([typo.code, typo.stdout], [2, ""]);
        assert.match(typo.stderr, /"createdd" is no event type of a sheet \(did you mean created\?\)/);

        const other = await run("webhooks", "create", String(await account.createSheet()), url, "--json");
        assert.equal(other.code, 0, other.stderr);
        assert.equal(Object.keys(await secretsIn(account)).length, 2);
        const [column] = (await api.sheets.get(sheetId)).columns!;
        const columns = await run("webhooks", "create", String(sheetId), url, "--columns", String(column!.id));
        assert.match(columns.stderr, /^created webhook /);
        assert.equal((await Array.fromAsync(api.webhooks.list())).length, 3);
      });
    });
  });

  it("adopts one whose secret nobody knows here, with a new one, or with the one that the API tells", async () => {
    for (const hidesSecrets of [true, false]) {
      await withAccount(async (account) => {
        const { api, sheetId, options, run } = account;
        await withServe([], options, async ({ url }) => {
          const made = await api.webhooks.create({ name: "a", callbackUrl: url, scopeObjectId: sheetId });
          const { code, stderr } = await run("webhooks", "create", String(sheetId), url);
          assert.equal(code, 0, stderr);
          assert.match(stderr, /^adopted webhook /);
          assert.equal(/wasn't stored here: it has a new one now/.test(stderr), hidesSecrets);
          const secret = (await secretsIn(account))[made.id];
          assert.equal(secret === made.sharedSecret, !hidesSecrets);
          assert.equal(await post(url, made.id, secret), 200);
        });
      }, { hidesSecrets });
    }
  });

  it("says why it can't be enabled, and goes on from there", async () => {
    await withAccount(async (account) => {
      const { run, sheetId, api, options } = account;
      const port = await findFreePort();
      const url = `http://127.0.0.1:${port}/webhook`;
      const failed = await run("webhooks", "create", String(sheetId), url);
      assert.equal(failed.code, 1);
      assert.match(failed.stdout, /is DISABLED_VERIFICATION_FAILED: a challenge wasn't answered correctly \("/);
      assert.match(
        failed.stderr,
        /\nwhat to do: `sheethook doctor http:\/\/127\S+ --webhook-id \d+` shows what is wrong/,
      );
      assert.match(failed.stderr, /\nwebhook \d+ stays as it is: repeat the command to continue from there\n$/);
      // What it is and why is told once.
      assert.equal((failed.stdout + failed.stderr).match(/DISABLED_VERIFICATION_FAILED/g)!.length, 1);
      const filtered = await run("webhooks", "create", String(sheetId), url, "--events", "row.*");
      assert.equal(filtered.code, 1);
      assert.match(filtered.stderr, /sends row\.\* now, instead of \*\.\*/);
      const [{ id } = { id: 0 }] = await Array.fromAsync(api.webhooks.list());
      assert.deepEqual((await api.webhooks.get(id)).events, ["row.*"]);
      const all = await run("webhooks", "create", String(sheetId), url, "--events", "*.*");
      assert.match(all.stderr, /sends \*\.\* now, instead of row\.\*/);
      const before = await secretsIn(account);

      await withServe(["--port", String(port)], options, async () => {
        const again = await run("webhooks", "create", String(sheetId), url);
        assert.equal(again.code, 0, again.stderr);
        assert.match(again.stdout, /is ENABLED/);
      });
      assert.deepEqual(await secretsIn(account), before);
      assert.equal((await Array.fromAsync(api.webhooks.list())).length, 1);
    });
  });

  it("makes none twice, if the answer to the first was lost", async () => {
    let made = 0;
    const afterCall = (call: string, answer: Response) =>
      call === "POST /2.0/webhooks" && ++made === 1 ? new Response("", { status: 502 }) : answer;
    await withAccount(async ({ run, sheetId, api, options }) => {
      await withServe([], options, async ({ url }) => {
        const lost = await run("webhooks", "create", String(sheetId), url);
        assert.deepEqual([lost.code, lost.stdout], [1, ""]);
        assert.match(
          lost.stderr,
          /answered with 502.*; repeat the command: it adopts the webhook if it was created\n$/,
        );
        const again = await run("webhooks", "create", String(sheetId), url);
        assert.equal(again.code, 0, again.stderr);
        assert.match(again.stdout, /is ENABLED/);
        assert.equal((await Array.fromAsync(api.webhooks.list())).length, 1);
      });
    }, { afterCall });
  });

  it("makes one, if two of them run at the same time", async () => {
    await withAccount(async ({ run, sheetId, api, options }) => {
      await withServe([], options, async ({ url }) => {
        const create = () => run("webhooks", "create", String(sheetId), url);
        const both = await Promise.all([create(), create()]);
        assert.ok(both.some(({ code }) => code === 0), both.map(({ stderr }) => stderr).join());
        for (const { code, stderr } of both) {
          if (code) {
            assert.match(stderr, /was created at the same time, so this one was deleted: repeat the command to adopt/);
          }
        }
        assert.equal((await create()).code, 0);
        const [webhook, ...others] = await Array.fromAsync(api.webhooks.list());
        assert.deepEqual([webhook!.status, others], ["ENABLED", []]);
      });
    });
  });

  it("makes nothing if the secret could not be stored, or Smartsheet refuses", async () => {
    await withAccount(async (account) => {
      const { sheetId, api, options, file, run } = account;
      const create = ["webhooks", "create", String(sheetId), "http://127.0.0.1:1/webhook"];
      const env = { ...options.env, SHEETHOOK_SECRETS_FILE: join(file, "none", "secrets.json") };
      const nowhere = await runCli(create, { ...options, env });
      assert.equal(nowhere.code, 1);
      assert.match(
        nowhere.stderr,
        /^sheethook: Secrets file \S+ can't be written \(ENOENT; its folder should be there.*\): secrets have no other place/,
      );

      await replaceFile(file, '{"1": "hidden');
      const broken = await run(...create);
      assert.deepEqual([broken.code, broken.stdout], [1, ""]);
      assert.match(broken.stderr, /^(?!.*hidden).*Secrets file \S+ is not JSON/);
      await replaceFile(file, "{}");
      assert.deepEqual(await Array.fromAsync(api.webhooks.list()), []);

      const http = await run("webhooks", "create", String(sheetId), "http://hooks.example.com/webhook");
      assert.equal(http.code, 1);
      assert.match(
        http.stderr,
        /^sheethook: POST \/webhooks was answered with 400 .*error 1152.*: give a public https URL/,
      );
      const sheet = await run("webhooks", "create", "1", "http://127.0.0.1:1/webhook");
      assert.match(sheet.stderr, /error 1151.*: check that the sheet exists/);
    });
  });
});

describe("webhooks rotate", () => {
  it("misses no callback: old and new secrets are accepted", async () => {
    await withAccount(async (account) => {
      const { simulator, sheetId, options, run, api } = account;
      await withServe([], options, async (serve) => {
        const id = await createWebhook(account, serve.url);
        const first = (await secretsIn(account))[id];
        const edits = Array.from({ length: 30 }, async (_, index) => {
          await delay(index * 40);
          simulator.edit({ sheetId, cells: [{ column: "Item", value: index }] });
        });
        const rotated = await run("webhooks", "rotate", String(id));
        assert.equal(rotated.code, 0, rotated.stderr);
        assert.match(rotated.stdout, /^webhook \d+ has a new secret, .*; the old one is accepted until \d{4}-/);
        await run("webhooks", "rotate", String(id), "--overlap", "1h");

        await Promise.all(edits);
        // Of many events in one callback only some are logged, but each row is.
        for (const index of edits.keys()) await serve.waitFor(new RegExp(`: Item ${index}\n`));
        const [newest, second, oldest] = (await secretsIn(account))[id];
        assert.equal(oldest.secret, first);
        // The shorter overlap of the second rotation holds for both.
        for (const { until } of [second, oldest]) assert.ok(Date.parse(until) - Date.now() < 3_600_000);
        for (const secret of [newest, second.secret, first]) assert.equal(await post(serve.url, id, secret), 200);
        assert.equal(await post(serve.url, id, "another"), 401);
        assert.equal((await api.webhooks.get(id)).status, "ENABLED");
      });
    });
  });

  it("stores the secret that holds, if the answer with one is lost", async () => {
    let resets = 0;
    const afterCall = (call: string, answer: Response) =>
      call.endsWith("/resetsharedsecret") && ++resets === 1 ? new Response("", { status: 502 }) : answer;
    await withAccount(async (account) => {
      const { simulator, sheetId, options, run } = account;
      await withServe([], options, async (serve) => {
        const id = await createWebhook(account, serve.url);
        const { code, stderr } = await run("webhooks", "rotate", String(id));
        assert.deepEqual([code, resets], [0, 2], stderr);
        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/row\.created/);
      });
    }, { afterCall });
  });

  it("leaves the secret that holds without an end, if two of them run at the same time", async () => {
    await withAccount(async (account) => {
      const { simulator, options, file, run } = account;
      await withServe([], options, async (serve) => {
        const id = await createWebhook(account, serve.url);
        const both = await Promise.all([1, 2].map(() => run("webhooks", "rotate", String(id))));
        for (const { code, stdout, stderr } of both) assert.equal(code, 0, `${code} ${stdout} ${stderr}`);
        const request = new Request(`http://localhost/2.0/webhooks/${id}`, {
          headers: { authorization: "Bearer any" },
        });
        const { sharedSecret } = await (await simulator.fetch(request)).json();
        const stored = readSecretsByWebhook(file).get(id)!;
        assert.equal(stored.length, 3);
        assert.deepEqual(stored.find(({ secret }) => secret === sharedSecret), { secret: sharedSecret });
      });
    });
  });

  it("resets nothing if the new secret could not be stored", async () => {
    await withAccount(async ({ api, sheetId, file, options, run, told }) => {
      const { id } = await api.webhooks.create({
        name: "a",
        callbackUrl: "http://127.0.0.1:1/",
        scopeObjectId: sheetId,
      });
      const env = { ...options.env, SHEETHOOK_SECRETS_FILE: join(file, "none", "secrets.json") };
      const nowhere = await runCli(["webhooks", "rotate", String(id)], { ...options, env });
      assert.equal(nowhere.code, 1);
      await replaceFile(file, JSON.stringify({ [id]: Array.from({ length: 10 }, (_, index) => `secret${index}`) }));
      const full = await run("webhooks", "rotate", String(id));
      assert.equal(full.code, 1);
      assert.match(
        full.stderr,
        /^sheethook: Webhook \d+ has 10 secrets that are still accepted, but should have under 10/,
      );
      assert.equal(told.size, 1);
    });
  });
});

describe("webhooks enable, disable, delete, list", () => {
  it("change what they are told, and ask before what can't be undone", async () => {
    await withAccount(async (account) => {
      const { run, api, options } = account;
      const none = await run("webhooks", "list");
      assert.deepEqual([none.code, none.stdout], [0, "There are no webhooks\n"]);
      await withServe([], options, async ({ url }) => {
        const id = await createWebhook(account, url);
        const list = await run("webhooks", "list");
        assert.match(
          list.stdout,
          new RegExp(`^id +status +secret .*\\n${id} +ENABLED +known +sheet \\d+ +http`),
        );
        const json = JSON.parse((await run("webhooks", "list", "--json")).stdout);
        assert.deepEqual([json.id, json.secretKnown, json.sharedSecret, json.events], [id, true, undefined, undefined]);

        const asked = await run("webhooks", "disable", String(id));
        assert.deepEqual([asked.code, asked.stdout], [2, ""]);
        assert.match(asked.stderr, /Nobody can be asked here: it should be called with --yes/);
        const disabled = await run("webhooks", "disable", String(id), "--yes");
        assert.match(disabled.stdout, /is DISABLED_BY_OWNER: its owner disabled it\n$/);
        const enabled = await run("webhooks", "enable", String(id), "1");
        assert.equal(enabled.code, 1);
        assert.match(enabled.stdout, /is ENABLED: active\n$/);
        assert.match(
          enabled.stderr,
          /\nsheethook: Webhook 1 is unchanged: PUT \/webhooks\/1 was answered with 404/,
        );

        assert.equal((await run("webhooks", "delete", String(id))).code, 2);
        assert.equal((await api.webhooks.get(id)).status, "ENABLED");
        const deleted = await run("webhooks", "delete", String(id), "--yes");
        assert.deepEqual([deleted.code, deleted.stdout], [0, `webhook ${id} is deleted\n`]);
        assert.deepEqual(await secretsIn(account), {});
        assert.deepEqual(await Array.fromAsync(api.webhooks.list()), []);
      });
    });
  });

  it("say after a second that the API can't be reached", async () => {
    const env = {
      SMARTSHEET_ACCESS_TOKEN: "hidden",
      SMARTSHEET_API_URL: `http://127.0.0.1:${await findFreePort()}/2.0`,
    };
    const { code, stdout, stderr } = await runCli(["webhooks", "list"], { env, reads: ["sheethook.secrets.json"] });
    assert.deepEqual([code, stdout], [1, ""]);
    const [repeated, told, ...more] = stderr.trim().split("\n");
    assert.match(repeated!, /no usable answer .*; sent again in [01]\.?\d* s$/);
    assert.match(
      told!,
      /^sheethook: GET \/2\.0\/webhooks of http:\/\/127\.0\.0\.1:\d+ \(SMARTSHEET_API_URL\) got no usable/,
    );
    assert.deepEqual(more, []);
  });

  it("need a token, which is never shown", async () => {
    const { code, stdout, stderr } = await runCli(["webhooks", "list"], { reads: ["sheethook.secrets.json"] });
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /^sheethook: SMARTSHEET_ACCESS_TOKEN isn't set: it should be a Smartsheet access token/);
    const env = { SMARTSHEET_ACCESS_TOKEN: "hidden token" };
    const blank = await runCli(["webhooks", "list"], { env, reads: ["sheethook.secrets.json"] });
    assert.equal(blank.code, 2);
    assert.match(blank.stderr, /^sheethook: SMARTSHEET_ACCESS_TOKEN should be an access token: visible ASCII/);
    assert.doesNotMatch(blank.stderr, /hidden/);
  });
});

describe("webhooks watch, and serve --watch", () => {
  it("serve enables what was disabled, answers the challenge of that itself, and says what may be missing", async () => {
    await withAccount(async (account) => {
      const { options, setStatus, api } = account;
      await withServe(["--watch", "--watch-every", "1s"], options, async (serve) => {
        await serve.waitFor(/warning --watch has no webhook to watch yet/);
        const id = await createWebhook(account, serve.url);
        await serve.waitFor(new RegExp(`webhook ${id} is enabled`));
        await setStatus(id, "DISABLED_CALLBACK_FAILED");
        await serve.waitFor(
          /error +webhook \d+ is DISABLED_CALLBACK_FAILED: .*\("Because of a test .*may be missing; what to do:/,
        );
        await serve.waitFor(/warning webhook \d+ is enabled again; events between \S+ and \S+ may be missing/);
        assert.equal((await api.webhooks.get(id)).status, "ENABLED");

        const well = await account.run("webhooks", "watch", "--once", "--json");
        assert.deepEqual([well.code, JSON.parse(well.stdout).status], [0, "ENABLED"]);
        await setStatus(id, "DISABLED_ADMINISTRATIVE");
        await serve.waitFor(/webhook \d+ is DISABLED_ADMINISTRATIVE: .* what to do: contact Smartsheet's support/);
        const ill = await account.run("webhooks", "watch", "--once");
        assert.deepEqual([ill.code, ill.stdout], [1, `${id} DISABLED_ADMINISTRATIVE\n`]);
        assert.equal(await serve.stop(), 0);
        assert.ok(!serve.output.includes("hidden"));
      });
    });
  });

  it("watch needs a webhook, and serve --watch a token", async () => {
    await withAccount(async ({ run, options }) => {
      const none = await run("webhooks", "watch");
      assert.deepEqual([none.code, none.stdout], [2, ""]);
      assert.match(none.stderr, /sheethook: No webhook is declared: it should be ids as arguments/);
      const env = { ...options.env, SMARTSHEET_ACCESS_TOKEN: "" };
      const serve = await runCli(["serve", "--watch", "--port", "0"], { ...options, env });
      assert.equal(serve.code, 2);
      assert.match(serve.stderr, /SMARTSHEET_ACCESS_TOKEN isn't set/);
    });
  });
});

describe("doctor of an account", () => {
  it("explains each webhook, and exits with 1 if one has to be mended", async () => {
    await withAccount(async (account) => {
      const { run, options, setStatus, api, sheetId, simulator } = account;
      const none = await run("doctor");
      assert.deepEqual(none.code, 0);
      assert.match(none.stdout, /^warning\[webhooks\] .*has no webhooks; what to do: create one/);
      await withServe([], options, async (serve) => {
        const id = await createWebhook(account, serve.url);
        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Rope" }] });
        await serve.waitFor(/row\.created/);
        await simulator.idle();
        const well = await run("doctor");
        assert.equal(well.code, 0, well.stdout);
        assert.match(
          well.stdout,
          new RegExp(`^ok\\[webhook ${id}\\] .*is ENABLED: active; it was last called .* ago, with success\\n`),
        );

        const twin = await api.webhooks.create({ name: "b", callbackUrl: serve.url, scopeObjectId: sheetId });
        await setStatus(id, "DISABLED_CALLBACK_FAILED");
        const ill = await run("doctor", "--json");
        const { ok, findings } = JSON.parse(ill.stdout);
        assert.deepEqual([ill.code, ok], [1, false]);
        const told = findings.map(({ severity, check, text }: Record<string, string>) =>
          `${severity} ${check} ${text}`
        );
        const one = (pattern: RegExp) =>
          assert.equal(told.filter((line: string) => pattern.test(line)).length, 1, told.join("\n"));
        one(new RegExp(`^error webhook ${id} .*is DISABLED_CALLBACK_FAILED: .*\\("Because of a test`));
        one(new RegExp(`^error webhook ${twin.id} .*is NEW_NOT_VERIFIED: never enabled yet`));
        one(new RegExp(`^warning webhook ${twin.id} Its secret isn't in `));

        const alone = await run("doctor", "--webhook-id", String(twin.id));
        assert.equal(alone.code, 1);
        assert.match(alone.stdout, new RegExp(`^error\\[webhook ${twin.id}\\] .*is NEW_NOT_VERIFIED`));
        assert.doesNotMatch(alone.stdout, new RegExp(`\\[webhook ${id}\\]`));
        const unknown = await run("doctor", "--webhook-id", "5");
        assert.equal(unknown.code, 1);
        assert.match(unknown.stdout, /^error\[webhook 5\] +The token's owner has no such webhook; what to do: check/);
      });
    });
  });
});
