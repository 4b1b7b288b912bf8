import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import smartsheet from "smartsheet";
import { startServer } from "../../src/cli/server_adapter.ts";
import { delay } from "../../src/async/delay.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import type { Child } from "../support/runtime.ts";
import { root, runCommand } from "../tasks/run_command.ts";
import { startServe, withFolder } from "../support/run_cli.ts";
import { until } from "../support/until.ts";

/** Writes down what it handles, and writes into the row. */
const handlers = (apiUrl: string, columnId: number) => `
import { appendFileSync } from "node:fs";
export default (receiver) => {
  receiver.on("row.created", async (event, context) => {
    const written = await context.fetch("${apiUrl}/sheets/" + context.callback.scopeObjectId + "/rows", {
      method: "PUT",
      headers: { authorization: "Bearer any" },
      body: JSON.stringify([{ id: event.id, cells: [{ columnId: ${columnId}, value: "seen" }] }]),
    });
    if (!written.ok) throw new Error("Smartsheet answered " + written.status);
    appendFileSync(new URL("./handled.txt", import.meta.url), event.id + "\\n");
  });
  receiver.on("row.updated", (event) => appendFileSync(new URL("./looped.txt", import.meta.url), event.id + "\\n"));
};`;

test("the official SDK makes a webhook for serve, which is killed and started again while rows come in: none is missed", async () => {
  await withFolder(async (folder) => {
    let serve: Child | undefined;
    // Wherever serve listens now: each start has a port of its own.
    const simulator = createSimulator({
      debounceMs: 10,
      // A retry waits until there is somebody again, however long a machine that is busy takes for that.
      sleep: async (ms) => {
        do await new Promise((resolve) => setTimeout(resolve, Math.min(ms, 200))); while (!serve);
      },
      fetch: (_, init) => serve ? fetch(serve.url, init) : Promise.reject(new TypeError("refused")),
    });
    const api = await startServer({
      fetch: simulator.fetch,
      port: 0,
      hostname: "127.0.0.1",
      path: "*",
    });
    const apiUrl = `${api.url}/2.0`;
    try {
      // deno-lint-ignore no-explicit-any
      const client: any = smartsheet.createClient({ accessToken: "any", baseUrl: `${apiUrl}/` });
      const columns = [{ title: "Item", type: "TEXT_NUMBER", primary: true }, { title: "State", type: "TEXT_NUMBER" }];
      const created = await client.sheets.createSheet({ body: { name: "Orders", columns } });
      const [item, state] = created.result.columns.map(({ id }: { id: number }) => id);
      const sheetId = created.result.id;
      const module = join(folder, "handlers.mjs");
      await writeFile(module, handlers(apiUrl, state));
      const secretsFile = join(folder, "secrets.json");
      const start = () =>
        startServe([module, "--inbox", `sqlite:${join(folder, "inbox.db")}`, "--log-level", "error"], {
          env: { SHEETHOOK_SECRETS_FILE: secretsFile, SMARTSHEET_API_URL: apiUrl },
          reads: [folder],
          writes: [folder],
        });
      serve = await start();

      const body = {
        name: "orders",
        callbackUrl: "http://127.0.0.1/webhook",
        scope: "sheet",
        scopeObjectId: sheetId,
        events: ["*.*"],
        version: 1,
      };
      const { result: webhook } = await client.webhooks.createWebhook({ body });
      await writeFile(secretsFile, JSON.stringify({ [webhook.id]: webhook.sharedSecret }));
      const enabled = await client.webhooks.updateWebhook({ webhookId: webhook.id, body: { enabled: true } });
      assert.equal(enabled.result.status, "ENABLED", enabled.result.disabledDetails);

      const added: number[] = [];
      const add = async (count: number) => {
        for (let n = 0; n < count; n++) {
          const body = [{ toBottom: true, cells: [{ columnId: item, value: n }] }];
          const { result } = await client.sheets.addRows({ sheetId, body });
          added.push(result[0].id);
          await delay(5);
        }
      };
      const handled = async () =>
        (await readFile(join(folder, "handled.txt"), "utf8").catch(() => "")).split("\n").filter(Boolean).map(Number);
      await add(20);
      await until("an event is handled", async () => (await handled()).length > 0);
      await serve.kill();
      serve = undefined;
      await add(10);
      serve = await start();
      await add(20);

      await until("every row is handled", async () => new Set(await handled()).size >= added.length);
      assert.deepEqual([...new Set(await handled())].sort(), [...added].sort());
      assert.equal((await client.webhooks.getWebhook({ webhookId: webhook.id })).status, "ENABLED");
      // The echoes of the last writes have come, too.
      await simulator.idle();
      assert.equal(await serve.stop(), 0);
      await assert.rejects(readFile(join(folder, "looped.txt")), { code: "ENOENT" });
      const { rows } = await client.sheets.getSheet({ sheetId });
      assert.ok(rows.every(({ cells }: { cells: { value?: unknown }[] }) => cells[1]?.value === "seen"));
    } finally {
      simulator.stop();
      await serve?.kill();
      await api.stop();
    }
  });
});

test("nothing but loopback is contacted: a sandbox that allows no more sees the whole demo through", async () => {
  await withFolder(async (folder) => {
    const env = { TMPDIR: folder };
    const sandbox = ["deno", "run", "--no-prompt", "--allow-net=127.0.0.1", `--allow-write=${folder}`];
    const demo = await runCommand([
      ...sandbox,
      `--allow-read=${folder}`,
      "--allow-env=SHEETHOOK_*,TMPDIR",
      join(root, "src/cli/main.ts"),
      "demo",
    ], { env });
    assert.equal(demo.code, 0, demo.output);
    assert.match(demo.stdout, /All of that happened/);

    // The same sandbox would have told.
    const program = join(folder, "elsewhere.ts");
    await writeFile(program, 'await fetch("https://api.smartsheet.com/2.0/webhooks");');
    const elsewhere = await runCommand([...sandbox, program], { env });
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.output, /NotCapable: Requires net access to "api\.smartsheet\.com:443"/);
  });
});
