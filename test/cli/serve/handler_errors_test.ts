import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../../support/callbacks.ts";
import type { Child } from "../../support/runtime.ts";
import { withFolder, withServe } from "../../support/run_cli.ts";

const TOKEN = "llk2x0u8s9rq4z7hv1y3wm5nbc";

/** Serves a module on an inbox on disk, with an admin port; `text` is what is in its default export. */
async function withModule(
  text: string,
  format: string,
  use: (serve: Child, send: (...ids: number[]) => Promise<void>, admin: string, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    await writeFile(module, `export default (receiver) => {\n${text}\n};\n`);
    const port = await freePort();
    const env = {
      SHEETHOOK_SECRET: SECRET,
      SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      SHEETHOOK_INBOX: `sqlite:${join(folder, "inbox.db")}`,
      SHEETHOOK_ADMIN_PORT: String(port),
      SHEETHOOK_LOG_FORMAT: format,
      SMARTSHEET_ACCESS_TOKEN: TOKEN,
    };
    await withServe([module], { env, reads: [folder], writes: [folder] }, async (serve) => {
      const send = async (...ids: number[]) => {
        const scopeObjectId = ids[0];
        const body = callbackBody({ nonce: `n${ids}`, scopeObjectId, events: ids.map((id) => rowEvent(id)) });
        const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
        const response = await fetch(serve.url, { method: "POST", body, headers });
        await response.body?.cancel();
        assert.equal(response.status, 200);
      };
      await use(serve, send, `http://127.0.0.1:${port}`, folder);
    });
  });
}

async function freePort(): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const THROWS = `
  receiver.on("row.*", (event, context) => {
    const config = { url: "https://api.smartsheet.com", headers: { Authorization: "Bearer ${TOKEN}", "X-Api-Key": "k${TOKEN}" } };
    const error = Object.assign(new Error("Request failed with ${TOKEN}"), { config, data: "x".repeat(3_000_000) });
    if (event.id === 1) throw error;
    if (event.id === 2) throw new TypeError("fetch failed", { cause: Object.assign(new Error("connect ECONNREFUSED"), { config }) });
    if (event.id === 3) throw { statusCode: 404, errorCode: 1006, message: "Not Found", refId: "r1", config };
    if (event.id === 4) throw { config };
    if (event.id === 5) throw new Error(JSON.stringify(config));
    if (event.id === 6) throw Object.assign(new Error("toJSON"), { toJSON() { throw new Error("no"); } });
    if (event.id === 7) context.log.error("own words: {error}", { error, config });
  });`;

for (const format of ["pretty", "json"]) {
  test(`serve logs what handlers throw with its stack and causes, and no secret (${format})`, async () => {
    await withModule(THROWS, format, async (serve, send, admin, folder) => {
      for (let id = 1; id <= 7; id++) await send(id);
      await serve.waitFor(/own words/);
      for (let id = 1; id <= 6; id++) await serve.waitFor(new RegExp(`Attempt 1 at callback n${id} .* failed`));
      const { output } = serve;
      assert.match(
        output,
        /n1 of webhook \d+ failed at event 1, handler 1, next in \d+ ms: Error: Request failed with \*\*\*/,
      );
      assert.match(output, /Thrown: Not Found \(errorCode 1006, statusCode 404, refId r1\)/);
      assert.match(output, /handlers\.mjs:\d+:\d+/);
      assert.match(output, /Caused by: Error: connect ECONNREFUSED/);
      assert.match(output, /failed at event 1, handler 1, next in \d+ ms: Error: toJSON/);
      if (format === "pretty") {
        assert.match(output, /: TypeError: fetch failed\n {6}at .*handlers\.mjs[^]*?\n {2}Caused by: Error: connect/);
      } else {
        const lines = output.split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
        const { properties } = lines.find(({ message }) => /n2 .* failed/.test(message));
        assert.match(
          properties.error,
          /^TypeError: fetch failed\n {4}at .*handlers.*\nCaused by: Error: connect ECONNREFUSED\n/,
        );
        assert.deepEqual([properties.event, properties.handler], [1, 1]);
        assert.ok(lines.every((line) => JSON.stringify(line).length < 10_000));
      }
      const pages = await Promise.all(
        [1, 2, 3, 4, 5, 6].map(async (id) => await (await fetch(`${admin}/console/callbacks/${id}`)).text()),
      );
      assert.match(pages[1]!, /Caused by: Error: connect ECONNREFUSED/);
      const files = await Promise.all(
        (await readdir(folder)).filter((name) => name.startsWith("inbox")).map((name) => readFile(join(folder, name))),
      );
      assert.ok(files.length > 0);
      for (const place of [output, ...pages, ...files.map(String)]) {
        const at = place.indexOf(TOKEN);
        assert.equal(at, -1, place.slice(at - 200, at + 100));
      }
    });
  });
}

test("serve escapes in JSON logs what turns the direction of a text, or moves a cursor", async () => {
  await withModule(
    'receiver.on("row.*", () => { throw new Error("a\\u009b2Jb\\u202ec\\u2066d"); });',
    "json",
    async (serve, send) => {
      await send(1);
      await serve.waitFor(/Attempt 1 at/);
      assert.doesNotMatch(serve.output, /[\u0080-\u009f\u202a-\u202e\u2066-\u2069]/);
      const line = serve.output.split("\n").find((line) => line.includes("Attempt 1 at"))!;
      assert.match(JSON.parse(line).properties.reason, /^Error: a\u009b2Jb\u202ec\u2066d$/);
    },
  );
});

test("serve stays when a handler forgets an await and rejects later, logs it with its stack and counts it", async () => {
  const text = `
    receiver.on("row.*", (event) => {
      if (event.id === 1) void rejectLater();
      if (event.id === 2) Promise.reject({ statusCode: 500, message: "plain, for ${TOKEN}" });
      if (event.id === 3) Promise.reject(undefined);
    });
    async function rejectLater() {
      await new Promise((resolve) => setTimeout(resolve, 10));
      throw new Error("nobody waits for this");
    }`;
  await withModule(text, "pretty", async (serve, send, admin) => {
    await send(1);
    await serve.waitFor(
      /error {3}A promise was rejected that nobody awaits, .*: Error: nobody waits for this\n {6}at .*handlers\.mjs/,
    );
    await send(2);
    await serve.waitFor(/nobody awaits, .*: Thrown: plain, for \*\*\* \(statusCode 500\)/);
    await send(3);
    await serve.waitFor(/nobody awaits, .*: Thrown: undefined/);
    await send(4);
    await serve.waitFor(/info {4}Processed callback n4 of webhook \d+: 1 event, 1 call of handlers, \d+ ms/);
    const metrics = await (await fetch(`${admin}/metrics`)).text();
    assert.match(metrics, /^sheethook_unhandled_errors_total 3$/m);
    assert.match(metrics, /^sheethook_failed_attempts_total 0$/m);
    assert.match(metrics, /^sheethook_lost_leases_total 0$/m);
  });
});
