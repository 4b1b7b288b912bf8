import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { StoredCallback } from "../../../src/inbox/inspect.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { signBody } from "../../../src/receive/signature.ts";
import { callbackBody, rowEvent, SECRET } from "../../support/callbacks.ts";
import type { Child } from "../../support/runtime.ts";
import { startServe, withFolder } from "../../support/run_cli.ts";

/** The handler of row 2 has done a step, and ends when there is a file `go`. */
const HANDLERS = `
import { existsSync } from "node:fs";
const go = new URL("./go", import.meta.url);
export default (receiver) => receiver.on("row.updated", async (event, context) => {
  console.error("row", event.id, "begins at attempt", context.attempt);
  if (event.id === 2) {
    await context.step("once", () => console.error("the step runs"));
    console.error("the step is recorded");
    while (!existsSync(go)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  console.error("row", event.id, "ends");
});
`;

async function post(url: string, nonce: string, ids: readonly number[]): Promise<number> {
  const body = callbackBody({
    nonce,
    timestamp: new Date(1.7e12 + ids[0]!).toISOString(),
    events: ids.map((id) => rowEvent(id)),
  });
  const headers = { "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) };
  const response = await fetch(url, { method: "POST", body, headers });
  await response.body?.cancel();
  return response.status;
}

interface Setting {
  start(): Promise<Child>;
  /** Lets the handler of row 2 end. */
  go(): Promise<void>;
  /** What the file holds, when nobody has it; oldest first. */
  stored(): Promise<StoredCallback[]>;
}

function withInbox(args: readonly string[], use: (setting: Setting) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    const module = join(folder, "handlers.mjs");
    const file = join(folder, "inbox.db");
    await writeFile(module, HANDLERS);
    const children: Child[] = [];
    try {
      await use({
        async start() {
          const child = await startServe([module, "--inbox", `sqlite:${file}`, ...args], {
            env: { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json") },
            reads: [folder],
            writes: [folder],
          });
          children.push(child);
          return child;
        },
        go: () => writeFile(join(folder, "go"), ""),
        async stored() {
          const inbox = sqliteInbox(file);
          const ids = await inbox.find({});
          const rows = await Promise.all(ids.toReversed().map((id) => inbox.show(id)));
          await inbox.close();
          return rows.map((row) => row!);
        },
      });
    } finally {
      for (const child of children) await child.kill();
    }
  });
}

/** Two callbacks of one sheet: the handler of the second row of the first one runs. */
async function startWorking({ start }: Setting): Promise<Child> {
  const serve = await start();
  assert.equal(await post(serve.url, "n1", [1, 2, 3]), 200);
  assert.equal(await post(serve.url, "n2", [4]), 200);
  await serve.waitFor(/the step is recorded/);
  return serve;
}

test("serve ends running handlers on SIGTERM, and goes on behind them on the next start", async () => {
  await withInbox([], async (setting) => {
    const serve = await startWorking(setting);
    process.kill(serve.pid, "SIGTERM");
    await serve.waitFor(/stopping/);
    assert.equal(await post(serve.url, "n3", [5]), 503);
    await setting.go();
    assert.equal(await serve.exited, 0);
    assert.match(
      serve.output,
      /row 2 ends[^]*callbacks that are still pending: 2; they will be processed after the next start/,
    );
    assert.doesNotMatch(serve.output, /row [345] begins/);
    const [first, second, ...more] = await setting.stored();
    assert.deepEqual([first!.state, first!.position?.event, first!.isRunning], ["pending", 2, false]);
    assert.deepEqual([second!.state, second!.attempts, more.length], ["pending", 0, 0]);

    const again = await setting.start();
    await again.waitFor(/row 4 ends/);
    assert.equal(await again.stop(), 0);
    assert.match(
      again.output,
      /2 callbacks of 1 sheet are pending; those of a process that was killed go on within 20 s/,
    );
    assert.match(again.output, /row 3 begins at attempt 1[^]*row 3 ends[^]*row 4 begins/);
    assert.doesNotMatch(again.output, /row [12] begins|the step runs/);
    assert.deepEqual((await setting.stored()).map(({ state }) => state), ["done", "done"]);
  });
});

test("serve saves steps and places of handlers that don't end in time, and gives their sheets back", async () => {
  await withInbox(["--stop-timeout", "300ms"], async (setting) => {
    const serve = await startWorking(setting);
    assert.equal(await serve.stop(), 0);
    assert.doesNotMatch(serve.output, /row 2 ends/);
    const [first] = await setting.stored();
    assert.deepEqual([first!.state, first!.position?.event, first!.steps.length], ["pending", 1, 1]);

    await setting.go();
    const again = await setting.start();
    await again.waitFor(/row 4 ends/);
    assert.equal(await again.stop(), 0);
    assert.match(again.output, /row 2 begins[^]*row 2 ends[^]*row 3 ends[^]*row 4 begins/);
    assert.doesNotMatch(again.output, /row 1 begins|the step runs/);
  });
});

test("serve that a second SIGTERM ends at once has lost nothing", async () => {
  await withInbox(["--stop-timeout", "1h"], async (setting) => {
    const serve = await startWorking(setting);
    process.kill(serve.pid, "SIGTERM");
    await serve.waitFor(/stopping/);
    await wait(700); // Sooner, it would be the echo of the first.
    process.kill(serve.pid, "SIGTERM");
    assert.equal(await serve.exited, 143);
    const [first, second] = await setting.stored();
    assert.deepEqual([first!.nonce, first!.state, first!.steps.length], ["n1", "pending", 1]);
    assert.deepEqual([second!.nonce, second!.state], ["n2", "pending"]);
  });
});
