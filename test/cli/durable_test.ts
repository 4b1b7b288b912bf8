import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { signBody } from "../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../callbacks.ts";
import type { Child } from "../runtime.ts";
import { runCli, startServe, withFolder } from "./run_cli.ts";

const SHEETS = 5;

/** Writes down what it works, and fails now and then. */
const HANDLERS = `
import { appendFileSync } from "node:fs";
export default (receiver) => receiver.on("row.updated", async (event, context) => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  if (event.id % 10 === 0 && context.attempt === 1) throw new Error("now and then");
  appendFileSync(new URL("./worked.txt", import.meta.url), context.callback.scopeObjectId + " " + event.id + "\\n");
});`;

async function send(url: string, id: number): Promise<boolean> {
  const body = callbackBody({
    nonce: `n${id}`,
    timestamp: new Date(1.7e12 + id).toISOString(),
    scopeObjectId: 1 + id % SHEETS,
    events: [rowEvent(id)],
  });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  // The one that is under way when the process is killed has no answer, and may have been stored or not.
  return await fetch(url, { method: "POST", body, headers }).then(({ status }) => status === 200, () => false);
}

test("serve works all that it answered with 200, each sheet in order, though it is killed in the middle", async () => {
  await withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    await writeFile(module, HANDLERS);
    const start = () =>
      startServe([module, "--inbox", `sqlite:${join(folder, "inbox.db")}`, "--log-level", "error"], {
        env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
        reads: [folder],
        writes: [folder],
      });
    const worked = async () => (await readFile(join(folder, "worked.txt"), "utf8").catch(() => "")).trim().split("\n");

    const answered: number[] = [];
    let serve: Child = await start();
    const killed = (async () => {
      while ((await worked()).length < 60) await new Promise((resolve) => setTimeout(resolve, 5));
      await serve.kill();
    })();
    for (let id = 1; id <= 300; id++) {
      if (await send(serve.url, id)) answered.push(id);
      else break;
    }
    await killed;
    assert.ok(answered.length >= 60);

    serve = await start();
    try {
      for (let id = 1001; id <= 1050; id++) if (await send(serve.url, id)) answered.push(id);
      const isDone = async () => new Set(await worked()).size >= answered.length;
      for (let waited = 0; !await isDone() && waited < 90_000; waited += 100) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    } finally {
      await serve.stop();
    }

    const lines = await worked();
    for (const id of answered) {
      assert.ok(lines.includes(`${1 + id % SHEETS} ${id}`), `${id} was answered and not worked`);
    }
    for (let sheet = 1; sheet <= SHEETS; sheet++) {
      const ids = [
        ...new Set(lines.filter((line) => line.startsWith(`${sheet} `)).map((line) => Number(line.split(" ")[1]))),
      ];
      assert.deepEqual(ids, ids.toSorted((a, b) => a - b), `sheet ${sheet}`);
    }
  });
});

test("serve fails with one line for an inbox that can't be used", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "text.db");
    await writeFile(file, "no database".repeat(100));
    const { code, stderr } = await runCli(["serve", "--port", "0", "--inbox", `sqlite:${file}`], {
      env: { SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
      reads: [folder],
    });
    assert.equal(code, 1);
    assert.match(stderr, /Inbox ".*text\.db" can't be used: /);
  });
});
