import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { signBody } from "../../mod.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { findFreePort } from "../serve/client.ts";
import { callbackBody, rowEvent, SECRET } from "../support/callbacks.ts";
import { withFolder } from "../support/run_cli.ts";
import { type Child, runtime, startChild } from "../support/runtime.ts";
import { until } from "../support/until.ts";
import { HOSTS } from "./hosts.ts";

/** Runs a program in a folder of its own, as soon as it answers. */
async function withProgram(
  program: string,
  use: (url: string, folder: string, child: Child) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    const port = await findFreePort();
    const child = await startChild(new URL(`./${program}.ts`, import.meta.url), [], {
      env: { PORT: String(port) },
      cwd: folder,
      permissions: ["--allow-net", "--allow-env", "--allow-read", "--allow-write"],
      ready: /^()/,
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      const isAnswering = () => fetch(url).then((answer) => answer.text().then(() => true), () => false);
      await until("it answers", isAnswering);
      await use(url, folder, child);
    } finally {
      await child.kill();
    }
  });
}

const WEBHOOK_ID = (JSON.parse(callbackBody()) as { webhookId: number }).webhookId;
const created = (nonce: string, id: number, count = 1) =>
  callbackBody({ nonce, events: [...new Array(count - 1).fill(rowEvent(1)), rowEvent(id, { eventType: "created" })] });

async function post(url: string, body: string, secret = SECRET): Promise<number> {
  const headers = { "Content-Type": "application/json", "Smartsheet-Hmac-SHA256": await signBody(body, secret) };
  const answer = await fetch(`${url}/webhook`, { method: "POST", body, headers });
  await answer.body?.cancel();
  return answer.status;
}

/** The first webhook, as `webhooks create` makes it: a challenge, then a secret, then callbacks. */
async function receiveFirstWebhook(url: string, folder: string): Promise<void> {
  const challenge = await fetch(`${url}/webhook`, {
    method: "POST",
    body: JSON.stringify({ challenge: "V", webhookId: WEBHOOK_ID }),
    headers: { "Content-Type": "application/json", "Smartsheet-Hook-Challenge": "V" },
  });
  assert.equal(challenge.status, 200);
  assert.equal(challenge.headers.get("Smartsheet-Hook-Response"), "V");
  assert.equal(await post(url, created("early", 4710)), 503);
  await writeFile(join(folder, "sheethook.secrets.json"), JSON.stringify({ [WEBHOOK_ID]: SECRET }));
  assert.equal(await post(url, created("first", 4711)), 200);
  assert.equal(await post(url, created("forged", 4712), "wrong"), 401);
  // More than frameworks take by themselves.
  const large = created("large", 4713, 20_000);
  assert.ok(large.length > 1.2 * 1024 * 1024);
  assert.equal(await post(url, large), 200);
}

describe("the host of test/embed/README.md", () => {
  for (const [name, where] of Object.entries(HOSTS)) {
    const skip = runtime === where ? false : `${name}.ts is for ${where}`;
    it(`${name} receives its first webhook, leaves other paths alone and stops gracefully`, { skip }, async () => {
      await withProgram(name, async (url, folder, child) => {
        assert.equal(await (await fetch(`${url}/`)).text(), "The rest of your application");
        await receiveFirstWebhook(url, folder);
        await child.waitFor(/Row 4711 was created/);
        await child.waitFor(/Row 4713 was created/);
        assert.equal(await child.stop(), 0, child.output);
        const inbox = sqliteInbox(join(folder, "sheethook.db"));
        assert.equal((await inbox.overview()).pending, 0);
        await inbox.close();
      });
    });
  }

  it(
    "next_route stores what another process works",
    { skip: runtime === "node" ? false : "Next.js is for node" },
    async () => {
      await withProgram("next_program", async (url, folder) => {
        await receiveFirstWebhook(url, folder);
        const inbox = sqliteInbox(join(folder, "sheethook.db"));
        assert.equal((await inbox.overview()).pending, 2);
        await inbox.close();
      });
    },
  );
});
