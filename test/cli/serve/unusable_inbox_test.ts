import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmod, open, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { acceptedCallback, callbackBody, CHALLENGE_ID, rowEvent, SECRET } from "../../support/callbacks.ts";
import { startServe, withFolder, withServe } from "../../support/run_cli.ts";
import { canMount, withMount } from "../../support/small_disk.ts";

const settings = (folder: string) => ({
  env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
  reads: [folder],
  writes: [folder],
});

/** An inbox of so many pages that there is a middle. */
async function fillInbox(file: string): Promise<void> {
  const inbox = sqliteInbox(file);
  const padding = "x".repeat(2000);
  await Promise.all(Array.from({ length: 200 }, (_, number) => {
    const body = callbackBody({ events: [rowEvent(number, { padding })] });
    return inbox.put(acceptedCallback({ nonce: `n${number}`, timestamp: `t${number}`, scopeObjectId: number }, body));
  }));
  await inbox.close();
}

/** @returns what it wrote */
async function failToStart(folder: string, file: string): Promise<string> {
  const serve = await startServe(["--inbox", `sqlite:${file}`], { ...settings(folder), ready: /()/ });
  try {
    const isReady = serve.waitFor(/listening on/).then(() => "it has started", () => serve.exited);
    assert.equal(await Promise.race([serve.exited, isReady]), 1, serve.output);
    assert.match(serve.output, /inbox\.db/);
    return serve.output;
  } finally {
    await serve.kill();
  }
}

async function overwrite(file: string, position: number, length: number): Promise<void> {
  const handle = await open(file, "r+");
  await handle.write(new Uint8Array(length).fill(0xa5), 0, length, position);
  await handle.close();
}

test("serve refuses to start with an inbox whose header is damaged, and leaves it as it is", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fillInbox(file);
    await overwrite(file, 0, 100);
    const before = await readFile(file);
    const output = await failToStart(folder, file);
    assert.match(output, /corrupt|malformed|not a database/);
    assert.ok(before.equals(await readFile(file)), "the file was changed");
  });
});

test("serve refuses to start with an inbox that is damaged in the middle", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    await fillInbox(file);
    const { length } = await readFile(file);
    await overwrite(file, Math.floor(length / 2 / 4096) * 4096, 40_960);
    const output = await failToStart(folder, file);
    assert.match(output, /corrupt|malformed|not a database/);
  });
});

const isRoot = process.getuid?.() === 0;
// Permissions don't hold for root: it needs a file system that can't be written.
const skip = isRoot && !canMount() ? "root may write everything, and may not mount here" : false;

test("serve refuses to start with an inbox that it can't write", { skip }, async () => {
  const withReadOnly = async (use: (folder: string, file: string) => Promise<void>) => {
    if (isRoot) {
      await withMount("16m", async (folder) => {
        await fillInbox(join(folder, "inbox.db"));
        execFileSync("mount", ["-o", "remount,ro", folder]);
        await use(folder, join(folder, "inbox.db"));
      });
    } else {
      await withFolder(async (folder) => {
        await fillInbox(join(folder, "inbox.db"));
        await chmod(join(folder, "inbox.db"), 0o444);
        await chmod(folder, 0o555);
        await use(folder, join(folder, "inbox.db")).finally(() => chmod(folder, 0o755));
      });
    }
  };
  await withReadOnly(async (folder, file) => {
    const output = await failToStart(folder, file);
    assert.match(output, /read-?only|can't be (used|written)|unable to open/);
  });
});

async function post(url: string, id: number): Promise<Response> {
  const body = callbackBody({
    nonce: `n${id}`,
    timestamp: new Date(1.7e12 + id).toISOString(),
    scopeObjectId: id,
    events: [rowEvent(id)],
  });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.text();
  return response;
}

const challenge = (url: string) =>
  fetch(url, {
    method: "POST",
    body: JSON.stringify({ challenge: "c1", webhookId: CHALLENGE_ID }),
    headers: { "Smartsheet-Hook-Challenge": "c1" },
  }).then((response) => response.json());

test("serve answers 503 while another process has locked the inbox, and works all it took when it is free", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const module = join(folder, "handlers.mjs");
    await writeFile(
      module,
      `export default (receiver) => receiver.on("*.*", ({ id }) => console.error("worked", id));`,
    );
    await withServe([module, "--inbox", `sqlite:${file}`], settings(folder), async (serve) => {
      assert.equal((await post(serve.url, 1)).status, 200);
      await serve.waitFor(/worked 1\n/);
      const other = new DatabaseSync(file);
      other.exec("pragma busy_timeout = 10000");
      other.exec("begin exclusive");
      // Several at once: nobody has to wait behind the others.
      const refused = await Promise.all([2, 3, 4, 5].map((id) => post(serve.url, id)));
      for (const { status, headers } of refused) {
        assert.equal(status, 503);
        assert.match(headers.get("retry-after") ?? "", /^\d+$/);
      }
      assert.deepEqual(await challenge(serve.url), { smartsheetHookResponse: "c1" });
      other.exec("rollback");
      other.close();
      for (let id = 2; id <= 5; id++) {
        assert.equal((await post(serve.url, id)).status, 200);
        await serve.waitFor(new RegExp(`worked ${id}\\n`));
      }
      assert.match(serve.output, /locked/);
    });
  });
});
