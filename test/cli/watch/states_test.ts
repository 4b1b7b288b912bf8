import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import type { Api, Webhook } from "../../../src/api/api.ts";
import { createWebhookStates } from "../../../src/cli/watch/states.ts";
import { withServe } from "../../support/run_cli.ts";
import { withAccount } from "../../support/simulated_account.ts";

test("createWebhookStates() tells those that are declared, since when, and what to do", async () => {
  const sheet = { scope: "sheet", scopeObjectId: 5 };
  let all: object[] = [{ id: 1, name: "One", status: "ENABLED", enabled: true, ...sheet }, {
    id: 2,
    status: "ENABLED",
    enabled: true,
  }];
  let declared: number[] = [];
  let now = 1000;
  async function* list() {
    yield* all as unknown as Webhook[];
  }
  const api = { webhooks: { list } as unknown as Api["webhooks"] };
  const states = createWebhookStates({
    apis: () => Promise.resolve([api]),
    webhookIds: () => declared,
    now: () => now,
  });
  assert.deepEqual((await states()).map(({ id }) => id), [1, 2]);
  declared = [1];
  now = 2000;
  all = [{ id: 1, name: "One", status: "DISABLED_BY_OWNER", enabled: false, ...sheet }, ...all.slice(1)];
  const [state, ...others] = await states();
  assert.deepEqual(others, []);
  const { whatToDo, ...rest } = state!;
  assert.deepEqual(rest, { id: 1, name: "One", sheetId: 5, status: "DISABLED_BY_OWNER", enabled: false, since: 2000 });
  assert.match(whatToDo!, /ask its owner/);
  now = 3000;
  assert.equal((await states())[0]!.since, 2000);
  declared = [2];
  assert.equal((await states())[0]!.since, undefined, "It may have been so for long before it was seen first");
});

test("serve shows the webhooks in its console and metrics, if a token is set", async () => {
  await withAccount(async ({ api, sheetId, options, setStatus }) => {
    const { id } = await api.webhooks.create({
      name: "Orders",
      callbackUrl: "http://127.0.0.1:1/webhook",
      scopeObjectId: sheetId,
    });
    await setStatus(id, "DISABLED_CALLBACK_FAILED");
    const port = await freePort();
    const env = { ...options.env, SHEETHOOK_ADMIN_PORT: String(port) };
    await withServe([], { ...options, env }, async () => {
      const console = await (await fetch(`http://127.0.0.1:${port}/console`)).text();
      assert.match(console, /Orders/);
      assert.match(console, /DISABLED_CALLBACK_FAILED/);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      assert.ok(metrics.includes(`sheethook_webhook_enabled{webhook_id="${id}",status="DISABLED_CALLBACK_FAILED"} 0`));
    });
  });
});

test("serve --watch shows in its console what the watch has seen: nothing else asks Smartsheet", async () => {
  const calls: string[] = [];
  await withAccount(async ({ api, sheetId, options, setStatus }) => {
    const callbackUrl = "http://127.0.0.1:1/webhook";
    const { id } = await api.webhooks.create({ name: "Orders", callbackUrl, scopeObjectId: sheetId });
    await setStatus(id, "DISABLED_BY_OWNER");
    const port = await freePort();
    const env = { ...options.env, SHEETHOOK_ADMIN_PORT: String(port) };
    calls.length = 0;
    await withServe(["--watch", "--webhook-ids", String(id)], { ...options, env }, async (serve) => {
      const console = await (await fetch(`http://127.0.0.1:${port}/console`)).text();
      assert.match(console, /Orders/);
      assert.match(console, /DISABLED_BY_OWNER/);
      await serve.waitFor(/is DISABLED_BY_OWNER/);
    });
    assert.deepEqual(calls, [`GET /2.0/webhooks/${id}`]);
  }, {
    afterCall: (call, answer) => {
      calls.push(call);
      return answer;
    },
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
