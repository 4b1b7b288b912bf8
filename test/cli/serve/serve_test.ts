import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { SECRET } from "../../support/callbacks.ts";
import { createCertificate, replaceFile, writeCertificate } from "../../support/certificate.ts";
import { fixture, fixtureSignatures } from "../../support/fixtures.ts";
import { send } from "../../serve/client.ts";
import { runCli, withFolder, withServe } from "../../support/run_cli.ts";

async function post(url: string, body: string, headers: Record<string, string>) {
  const response = await fetch(url, { method: "POST", body, headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const postSigned = async (url: string, body: string, secret = SECRET) =>
  await post(url, body, { "Smartsheet-Hmac-SHA256": await signBody(body, secret) });

/** A place for a secrets file where there is none. */
const nowhere = (folder: string) => ({
  env: { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
  reads: [join(folder, "secrets.json")],
});

test("serve answers published bodies with 200 and logs their events", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    await withServe([], { env: { ...env, SHEETHOOK_SECRET: SECRET }, reads }, async (serve) => {
      await serve.waitFor(/secrets known: 1 for every webhook from SHEETHOOK_SECRET/);
      await serve.waitFor(/warning nothing is durable: the inbox is in memory/);
      for (const [name, signature] of fixtureSignatures()) {
        const answer = await post(serve.url, fixture(name), { "Smartsheet-Hmac-SHA256": signature });
        assert.equal(answer.status, 200, name);
      }
      const line =
        /row\.created row 7129509179746180 by user 9007194052434043 at 2015-10-27T17:03:15Z \(sheet 4509506114742148\)/;
      await serve.waitFor(line);
      await serve.waitFor(
        /cell\.updated cell in row 3987537850460036, column 2650235767940996 by user 789168465962884/,
      );
      await serve.waitFor(
        /warning webhook 2674017481058180 is now DISABLED_SCOPE_INACCESSIBLE, since 2015-10-27T14:48:40.214Z/,
      );

      const wrong = await postSigned(serve.url, fixture("two-rows-edited-2025"), "another");
      assert.equal(wrong.status, 401);
      await serve.waitFor(/Refused with 401: signature is wrong \(webhook 8958534189639556\)/);
      // Changed so that it is no JSON any more: what isn't signed isn't looked at further.
      const body = fixture("two-rows-edited-2025");
      const signature = await signBody(body, SECRET);
      for (const changed of [body.slice(1), body.replace(/"webhookId": ?\d/, (text) => text.replace(/\d$/, "x"))]) {
        assert.notEqual(changed, body);
        assert.equal((await post(serve.url, changed, { "Smartsheet-Hmac-SHA256": signature })).status, 401);
        assert.equal((await postSigned(serve.url, changed)).status, 400);
      }
      assert.ok(!serve.output.includes(SECRET));
    });
  });
});

test("serve writes nothing but its ready line to stdout, and JSON lines to stderr with --log-format json", async () => {
  await withFolder(async (folder) => {
    const module = join(folder, "ends_itself.mjs");
    await writeFile(module, 'export default () => void setTimeout(() => process.kill(process.pid, "SIGTERM"), 500);');
    const { env, reads } = nowhere(folder);
    const args = ["serve", module, "--port", "0", "--host", "127.0.0.1", "--log-format", "json"];
    // A signal to itself is a program to run, for Deno.
    const { code, stdout, stderr } = await runCli(args, { env, reads: [...reads, module], allowRun: true });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^sheethook listening on http:\/\/127\.0\.0\.1:\d+\/webhook\n$/);
    const messages = stderr.trimEnd().split("\n").map((line) => JSON.parse(line).message);
    assert.ok(messages.length >= 4);
    assert.equal(messages.at(-1), "stopped");
  });
});

test("serve writes JSON lines unless stderr is a terminal", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    await withServe([], { env: { ...env, SHEETHOOK_LOG_FORMAT: "" }, reads }, async (serve) => {
      const [line] = await serve.waitFor(/\{.*"runtime":"(node|deno|bun)".*\}/);
      const { level, message, properties } = JSON.parse(line);
      assert.equal(level, "INFO");
      assert.ok(message.startsWith(`sheethook ${properties.version} on ${properties.runtime} `), message);
    });
  });
});

test("serve without a secret answers challenges, refuses callbacks, and says what to do", async () => {
  await withFolder(async (folder) => {
    await withServe([], nowhere(folder), async (serve) => {
      await serve.waitFor(
        /no secret is known: .* 503 .*What to do:\n.*\n +sheethook webhooks create .*\n.*sharedSecret.*SHEETHOOK_SECRET.*\n.*enable/,
      );
      assert.ok(serve.output.includes(join(folder, "secrets.json")));

      const body = fixture("challenge-2015");
      const { challenge } = JSON.parse(body);
      const answer = await post(serve.url, body, { "Smartsheet-Hook-Challenge": challenge });
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("smartsheet-hook-response"), challenge);

      const refused = await postSigned(serve.url, fixture("two-rows-edited-2025"));
      assert.equal(refused.status, 503);
      assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
      await serve.waitFor(/Refused with 503: .*secret.* 8958534189639556/);
      assert.equal((await post(serve.url, "}{", {})).status, 503);
    });
  });
});

test("serve knows a secrets file at once that is renamed into place", async () => {
  await withFolder(async (folder) => {
    const options = nowhere(folder);
    const [file] = options.reads as [string];
    await withServe([], options, async (serve) => {
      const statusOf = async (name: string) => (await postSigned(serve.url, fixture(name))).status;
      assert.equal(await statusOf("two-rows-edited-2025"), 503);

      await replaceFile(file, JSON.stringify({ 8958534189639556: SECRET }));
      assert.equal(await statusOf("two-rows-edited-2025"), 200);
      assert.equal(await statusOf("sheet-row-created-2015"), 403);

      await replaceFile(file, JSON.stringify({ 8958534189639556: ["old", SECRET], 4503604829677444: SECRET }));
      assert.equal(await statusOf("sheet-row-created-2015"), 200);

      await replaceFile(file, `{"8958534189639556": "${SECRET}"`);
      assert.equal(await statusOf("status-scope-inaccessible-2015"), 403);
      assert.equal(await statusOf("two-rows-edited-2025"), 200);
      await serve.waitFor(/warning Secrets file \S+ is not JSON: .*; the secrets stay as they were/);
      assert.equal(serve.output.match(/is not JSON/g)?.length, 1);
      assert.ok(!serve.output.includes(SECRET));
    });
  });
});

test("serve adds the secrets of the environment to those of the file", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    await replaceFile(reads[0]!, JSON.stringify({ 8958534189639556: "from-file" }));
    await chmod(reads[0]!, 0o644);
    await withServe([], { env: { ...env, SHEETHOOK_SECRET: `new, ${SECRET}` }, reads }, async (serve) => {
      await serve.waitFor(/secrets known: 2 for every webhook from SHEETHOOK_SECRET, and those of 1 webhook from /);
      await serve.waitFor(/warning Secrets file \S+ can be read by others: it should have mode 600/);
      const body = fixture("two-rows-edited-2025");
      for (const secret of ["from-file", "new", SECRET]) {
        assert.equal((await postSigned(serve.url, body, secret)).status, 200);
      }
      assert.equal((await postSigned(serve.url, fixture("sheet-row-created-2015"), "new")).status, 200);
      assert.equal((await postSigned(serve.url, fixture("sheet-row-created-2015"), "from-file")).status, 401);
    });
  });
});

test("serve takes unsigned callbacks with --allow-unsigned, of the given webhooks only", async () => {
  await withFolder(async (folder) => {
    const args = ["--allow-unsigned", "--webhook-ids", "8958534189639556"];
    await withServe(args, nowhere(folder), async (serve) => {
      await serve.waitFor(/warning signatures aren't checked/);
      assert.equal((await post(serve.url, fixture("two-rows-edited-2025"), {})).status, 200);
      assert.equal((await post(serve.url, fixture("sheet-row-created-2015"), {})).status, 403);
    });
  });
});

test("serve takes its options from the environment, and a flag wins", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    const given = {
      PORT: "1",
      SHEETHOOK_PATH: "/hook",
      SHEETHOOK_ALLOW_UNSIGNED: "0",
      SHEETHOOK_MAX_AGE: "",
      SHEETHOOK_LOG_LEVEL: "error",
    };
    await withServe([], { env: { ...env, ...given, SHEETHOOK_SECRET: SECRET }, reads }, async (serve) => {
      assert.match(serve.url, /^http:\/\/127\.0\.0\.1:\d{4,5}\/hook$/);
      assert.equal(serve.output, `sheethook listening on ${serve.url}\n`);
      assert.equal((await postSigned(serve.url, fixture("two-rows-edited-2025"))).status, 200);
      assert.equal((await post(serve.url, fixture("sheet-row-created-2015"), {})).status, 401);
    });
  });
});

test("serve ignores callbacks that are older than --max-age", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    await withServe(["--max-age", "7d"], { env: { ...env, SHEETHOOK_SECRET: SECRET }, reads }, async (serve) => {
      assert.equal((await postSigned(serve.url, fixture("sheet-row-created-2015"))).status, 200);
      await serve.waitFor(/Ignored callback 4b2ed20d-6f00-4b0c-8fac-082182aa9aac/);
      const now = new Date().toISOString();
      const body = fixture("sheet-row-created-2015").replace("2015-10-27T17:04:23.795+0000", now);
      assert.equal((await postSigned(serve.url, body)).status, 200);
      await serve.waitFor(/row\.created row 7129509179746180/);
    });
  });
});

test("serve with --role receive doesn't say that it logs events", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    const args = ["--role", "receive", "--inbox", `sqlite:${join(folder, "inbox.db")}`];
    await withServe(args, { env, reads: [...reads, folder], writes: [folder] }, async (serve) => {
      await serve.waitFor(/no handlers run here\n/);
      await serve.waitFor(/this process only receives/);
      assert.doesNotMatch(serve.output, /events are logged/);
    });
  });
});

test("serve speaks https with --cert and --key", async () => {
  await withFolder(async (folder) => {
    const { certFile, keyFile } = await writeCertificate(folder, await createCertificate());
    const { env, reads } = nowhere(folder);
    const options = { env, reads: [...reads, certFile, keyFile] };
    await withServe(["--cert", certFile, "--key", keyFile], options, async (serve) => {
      assert.match(serve.url, /^https:/);
      assert.equal((await send(serve.url, "POST", fixture("challenge-2015"))).status, 200);
    });
  });
});

test("serve fails with one line when what it is given can't be had", async () => {
  await withFolder(async (folder) => {
    const { env, reads } = nowhere(folder);
    const missing = join(folder, "missing.pem");
    const fails = async (args: string[], message: RegExp, secrets?: string) => {
      if (secrets !== undefined) await replaceFile(reads[0]!, secrets);
      const all = ["serve", "--host", "127.0.0.1", "--log-level", "error", ...args];
      const { code, stdout, stderr } = await runCli(all, { env, reads: [...reads, missing] });
      assert.deepEqual([code, stdout, stderr.match(/\n/g)?.length], [1, "", 1], stderr);
      assert.match(stderr, message);
    };
    await withServe([], nowhere(folder), async ({ url }) => {
      await fails(
        ["--port", new URL(url).port],
        /^sheethook: Port \d+ on 127\.0\.0\.1 is taken: .* choose another --port\n$/,
      );
    });
    await fails(["--cert", missing, "--key", missing], /^sheethook: --(cert|key) ".*" can't be read/);
    await fails(
      [],
      /^sheethook: Secrets file \S+ is not JSON: it should be \{"<webhook id>": "<sharedSecret>"\}\n$/,
      "{",
    );
    await fails([], /^sheethook: Secrets file \S+ has a key that is no webhook id/, '{"abc": "s"}');
    await fails([], /^sheethook: Secrets file \S+ has a blank secret, .* for webhook 12: /, '{"12": " "}');
  });
});

test("serve that waits for a module that never ends fails, and says so", async () => {
  await withFolder(async (folder) => {
    const module = join(folder, "waits.mjs");
    await writeFile(module, "export default () => new Promise(() => {});");
    const { env, reads } = nowhere(folder);
    const { code, stdout, stderr } = await runCli(["serve", module, "--log-level", "error"], {
      env,
      reads: [...reads, module],
    });
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, /^sheethook: ended before it was done: does a module await/);
  });
});
