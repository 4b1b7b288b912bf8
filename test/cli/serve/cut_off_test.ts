import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, SECRET } from "../../support/callbacks.ts";
import { PASSWORD, type PostgresServer, startPostgres } from "../../support/postgres.ts";
import { startSilentProxy } from "../../support/silent_proxy.ts";
import { startServe, withFolder } from "../../support/run_cli.ts";
import { until } from "../../support/until.ts";

/** Waits, unless it is told that it mustn't go on. */
const HANDLERS = `
import { appendFileSync } from "node:fs";
const write = (line) => appendFileSync(new URL("./worked.txt", import.meta.url), line + "\\n");
export default (receiver) => receiver.on("row.updated", async (event, context) => {
  write("begin " + context.callback.nonce + " " + process.env.SHEETHOOK_NAME);
  if (context.callback.nonce === "long" && context.attempt === 1) {
    await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
    write("abort " + context.callback.nonce + " " + process.env.SHEETHOOK_NAME);
    throw context.signal.reason;
  }
  write("end " + context.callback.nonce + " " + process.env.SHEETHOOK_NAME);
});`;

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(() => server.end());

test("serve that is cut off from Postgres answers 503 in time, lets its lane go, and comes back by itself", async () => {
  const proxy = await startSilentProxy(server.port);
  const through = new URL(server.url);
  through.port = String(proxy.port);
  await withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    await writeFile(module, HANDLERS);
    const start = (name: string, url: string) =>
      startServe([module], {
        env: {
          SHEETHOOK_INBOX: url,
          SHEETHOOK_NAME: name,
          SHEETHOOK_SECRET: SECRET,
          SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
        },
        reads: [folder],
        writes: [folder],
      });
    const lines = async () => (await readFile(join(folder, "worked.txt"), "utf8").catch(() => "")).trim().split("\n");
    const untilLine = (line: string) => until(`"${line}" is written`, async () => (await lines()).includes(line));
    const cut = await start("cut", through.href);
    try {
      assert.equal(await send(cut.url, "long"), 200);
      await untilLine("begin long cut");
      proxy.silence();
      const other = await start("other", server.url);
      try {
        const startedAt = performance.now();
        assert.equal(await send(cut.url, "late"), 503);
        // 4 s, and what a slow machine adds.
        assert.ok(performance.now() - startedAt < 8000);
        assert.equal(await send(other.url, "late"), 200);
        await untilLine("end late other");
        // The one that was cut off had stopped when the other began, and nothing runs before it in its sheet.
        assert.deepEqual(await lines(), [
          "begin long cut",
          "abort long cut",
          "begin long other",
          "end long other",
          "begin late other",
          "end late other",
        ]);
        proxy.speak();
        let status = 0;
        for (let tries = 0; status !== 200 && tries < 20; tries++) status = await send(cut.url, "back");
        assert.equal(status, 200);
        await cut.waitFor(/Callbacks are stored again/);
        assert.doesNotMatch(cut.output, new RegExp(PASSWORD));
      } finally {
        await other.stop();
      }
    } finally {
      await cut.stop();
      await proxy.close();
    }
  });
});

async function send(url: string, nonce: string): Promise<number> {
  const second = ["long", "late", "back"].indexOf(nonce);
  const body = callbackBody({ nonce, timestamp: `2026-01-01T00:00:0${second}.000Z` });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.text();
  return response.status;
}
