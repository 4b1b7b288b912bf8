import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, createSimulated, type Received } from "../../support/simulated.ts";
import { until } from "../../support/until.ts";
import type { SimulatorOptions } from "../../../src/simulator/simulator.ts";

/** A sheet with an enabled webhook, and the ids of the rows that its callbacks have told of. */
async function createWatched(options?: SimulatorOptions, answer?: Answer) {
  const simulated = createSimulated(options, answer);
  const { simulator, callbacks, enabledWebhook } = simulated;
  const { sheetId } = simulator.createSheet("Orders", ["Item"]);
  const webhook = await enabledWebhook(sheetId);
  const add = (value: string) => simulator.edit({ sheetId, cells: [{ column: "Item", value }] }).rowIds[0]!;
  const rowsIn = ({ body }: Received): number[] =>
    (body.events ?? []).filter(({ objectType }: { objectType: string }) => objectType === "row")
      .map(({ id }: { id: number }) => id);
  return { ...simulated, sheetId, webhook, add, told: () => callbacks.flatMap(rowsIn) };
}

test("edits while a webhook is disabled are never sent, whatever has disabled it", async () => {
  const ways = [
    ["DISABLED_BY_OWNER", "ENABLED"],
    ["DISABLED_CALLBACK_FAILED", "ENABLED"],
    ["DISABLED_VERIFICATION_FAILED", "ENABLED"],
    ["DISABLED_EXCEEDED_GRID_LIMITS", "ENABLED"],
    ["DISABLED_ADMINISTRATIVE", "DISABLED_ADMINISTRATIVE"],
  ] as const;
  for (const [status, then] of ways) {
    const { add, idle, told, webhook, call, ask, statusOf } = await createWatched();
    const before = add("before");
    await idle();
    await call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status });
    add("meanwhile");
    await idle();
    await ask("PUT", `/2.0/webhooks/${webhook.id}`, { enabled: true });
    assert.equal((await statusOf(webhook.id)).status, then);
    const after = add("after");
    await idle();
    assert.deepEqual(told(), then === "ENABLED" ? [before, after] : [before], status);
  }
});

test("edits while a webhook has no access are never sent, its statuses are", async () => {
  const { add, idle, told, callbacks, sheetId, simulator } = await createWatched();
  simulator.setAccess(sheetId, "owner@example.com", "NONE");
  add("meanwhile");
  await idle();
  simulator.setAccess(sheetId, "owner@example.com", "OWNER");
  const after = add("after");
  await idle();
  assert.deepEqual(told(), [after]);
  const statuses = callbacks.map(({ body }) => body.newWebhookStatus).filter(Boolean);
  assert.deepEqual(statuses, ["DISABLED_SCOPE_INACCESSIBLE", "ENABLED"]);
});

test("a silent webhook stays enabled and sends nothing, and what happened meanwhile is lost", async () => {
  const { simulator, add, idle, told, webhook, call, statusOf } = await createWatched();
  const before = add("before");
  await idle();
  const ways = [
    (silent: boolean) => simulator.setSilent(webhook.id, silent),
    (silent: boolean) => call("POST", `/_simulator/webhooks/${webhook.id}/silent`, { silent }),
  ];
  const after: number[] = [];
  for (const setSilent of ways) {
    await setSilent(true);
    const meanwhile = add("meanwhile");
    await idle();
    const { status, enabled } = await statusOf(webhook.id);
    assert.deepEqual([status, enabled], ["ENABLED", true]);
    assert.ok(!told().includes(meanwhile));
    await setSilent(false);
    after.push(add("after"));
    await idle();
  }
  assert.deepEqual(told(), [before, ...after]);
});

test("a silent sheet silences all of its webhooks, also new ones, and no other sheet", async () => {
  const { simulator, call, idle, callbacks, challenges, enabledWebhook, sheetId } = await createWatched();
  const other = simulator.createSheet("Other", ["Item"]).sheetId;
  await enabledWebhook(other);
  await call("POST", `/_simulator/sheets/${sheetId}/silent`, { silent: true });
  const { status } = await enabledWebhook(sheetId, { callbackUrl: "http://127.0.0.1/second" });
  assert.deepEqual([status, challenges.length], ["ENABLED", 3], "challenges are sent");
  const edit = async () => {
    callbacks.length = 0;
    for (const id of [sheetId, other]) simulator.edit({ sheetId: id, cells: [{ column: "Item", value: "Rope" }] });
    await idle();
    return callbacks.map(({ body, url }) => [body.scopeObjectId, url]);
  };
  assert.deepEqual(await edit(), [[other, "http://127.0.0.1/webhook"]]);
  simulator.setSilent(sheetId, false);
  const urls = ["http://127.0.0.1/second", "http://127.0.0.1/webhook"];
  const woken = (await edit()).filter(([id]) => id === sheetId).map(([, url]) => url).sort();
  assert.deepEqual(woken, urls);
});

test("a silent webhook forgets what it has still to send, and says no status", async () => {
  const { simulator, add, idle, told, webhook, sheetId, callbacks } = await createWatched({ debounceMs: 60_000 });
  add("pending");
  simulator.setSilent(webhook.id, true);
  simulator.setAccess(sheetId, "owner@example.com", "NONE");
  simulator.setAccess(sheetId, "owner@example.com", "OWNER");
  await idle();
  assert.deepEqual([told(), callbacks.length], [[], 0]);
});

test("a retry ends when its webhook becomes silent", async () => {
  const refuse = () => new Response(null, { status: 500 });
  const { simulator, add, callbacks, webhook, idle } = await createWatched({ speed: 0.01 }, refuse);
  add("refused");
  await until("a retry is due", () => simulator.deliveries().some(({ outcome }) => outcome === "retry"));
  simulator.setSilent(webhook.id, true);
  await idle();
  assert.equal(callbacks.length, 1);
});

test("only a webhook or a sheet that is there can be silent", async () => {
  const { simulator, ask, webhook, sheetId } = await createWatched();
  assert.throws(() => simulator.setSilent(1, true), /Not Found/);
  const refused: [string, unknown, number][] = [
    ["webhooks/1", { silent: true }, 1006],
    [`webhooks/${sheetId}`, { silent: true }, 1006],
    [`sheets/${webhook.id}`, { silent: true }, 1006],
    [`webhooks/${webhook.id}`, { silent: "yes" }, 1031],
    [`webhooks/${webhook.id}`, {}, 1031],
  ];
  for (const [path, body, errorCode] of refused) {
    assert.equal((await ask("POST", `/_simulator/${path}/silent`, body)).body.errorCode, errorCode, path);
  }
});

test("a fault loses a callback, whose webhook stays enabled", async () => {
  const { simulator, add, idle, told, webhook, statusOf } = await createWatched();
  simulator.failNext("lost-callback");
  add("lost");
  await idle();
  const next = add("next");
  await idle();
  assert.deepEqual(told(), [next]);
  assert.equal((await statusOf(webhook.id)).status, "ENABLED");
});
