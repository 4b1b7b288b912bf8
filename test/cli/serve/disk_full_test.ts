import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, CHALLENGE_ID, rowEvent, SECRET } from "../../support/callbacks.ts";
import { startServe, withFolder } from "../../support/run_cli.ts";
import { type SmallDisk, smallDiskKinds } from "../../support/small_disk.ts";

/** Writes down what it works, on another disk. */
const HANDLERS = `
import { appendFileSync } from "node:fs";
export default (receiver) => receiver.on("row.updated", (event) => {
  appendFileSync(new URL("./worked.txt", import.meta.url), event.id + "\\n");
});`;

async function post(url: string, id: number, bytes: number): Promise<Response> {
  const body = callbackBody({
    nonce: `n${id}`,
    timestamp: new Date(1.7e12 + id).toISOString(),
    scopeObjectId: 1 + id % 7,
    events: [rowEvent(id, { padding: "x".repeat(bytes) })],
  });
  const response = await fetch(url, {
    method: "POST",
    body,
    headers: { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) },
  });
  await response.text();
  return response;
}

async function challenge(url: string): Promise<unknown> {
  const body = JSON.stringify({ challenge: "c1", webhookId: CHALLENGE_ID });
  const response = await fetch(url, { method: "POST", body, headers: { "Smartsheet-Hook-Challenge": "c1" } });
  return [response.status, await response.json()];
}

async function fillAndFree({ folder, through, free }: SmallDisk, modules: string): Promise<void> {
  const module = join(modules, "handlers.mjs");
  await writeFile(module, HANDLERS);
  const inbox = `sqlite:${join(folder, "inbox.db")}`;
  const serve = await startServe([module, "--inbox", inbox, "--log-level", "warning"], {
    env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(modules, "secrets.json") },
    reads: [folder, modules],
    writes: [folder, modules],
    through,
  });
  const answered: number[] = [];
  let last = 0;
  const send = async (bytes: number) => {
    const id = ++last;
    const response = await post(serve.url, id, bytes);
    if (response.status === 200) answered.push(id);
    else {
      assert.equal(response.status, 503, `callback ${id}`);
      assert.match(response.headers.get("retry-after") ?? "", /^\d+$/);
    }
    return response.status;
  };
  try {
    let refused = 0;
    while (refused < 5 && last < 400) if (await send(50_000) === 503) refused++;
    assert.equal(refused, 5, `the disk was never full: ${answered.length} callbacks of 50 kB were taken`);
    assert.ok(answered.length >= 5);
    // One that is small may still find room, or not: what is answered is there.
    for (let count = 0; count < 20; count++) await send(100);
    assert.deepEqual(await challenge(serve.url), [200, { smartsheetHookResponse: "c1" }]);
    const before = answered.length;

    await free(serve);
    for (let waited = 0; answered.length < before + 5 && waited < 60; waited++) {
      if (await send(50_000) !== 200) await wait(500);
    }
    assert.ok(answered.length >= before + 5, `it didn't come back: ${serve.output}`);

    const worked = async () => new Set((await readFile(join(modules, "worked.txt"), "utf8")).split("\n").map(Number));
    const owed = async () => {
      const done = await worked();
      return answered.filter((id) => !done.has(id));
    };
    // A lane whose lease ran out meanwhile comes back by itself, too.
    for (let waited = 0; (await owed()).length && waited < 300; waited++) await wait(200);
    assert.deepEqual(await owed(), [], serve.output);
    assert.match(serve.output, /disk|full/i);
    assert.equal(await serve.stop(), 0);
  } finally {
    await serve.kill();
  }
}

const kinds = smallDiskKinds();
for (const kind of kinds) {
  test(`serve answers 503 while the disk is full, comes back, and loses nothing (${kind.name})`, async () => {
    await withFolder((modules) => kind.with((disk) => fillAndFree(disk, modules)));
  });
}
if (!kinds.length) {
  const skip = "needs prlimit, or a user who may mount";
  test("serve answers 503 while the disk is full, comes back, and loses nothing", { skip }, () => {});
}
