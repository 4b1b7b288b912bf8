import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimulatorOptions } from "../../../src/simulator/simulator.ts";
import { createLog } from "../../support/callbacks.ts";
import { createSimulated } from "../../support/simulated.ts";

async function createWatched(options: SimulatorOptions) {
  const simulated = createSimulated(options);
  const sheet = await simulated.createSheet();
  const webhook = await simulated.enabledWebhook(sheet.id);
  const edit = () => simulated.simulator.edit({ column: "A", value: 1 });
  return { ...simulated, webhook, edit };
}

test("idle() rejects with what onDelivery throws, which is logged once and changes no delivery", async () => {
  for (const isAsync of [false, true]) {
    const logger = createLog();
    const mistake = new Error("the test's own assertion");
    const { edit, idle, callbacks, simulator } = await createWatched({
      logger,
      onDelivery: ({ kind }) => {
        if (kind !== "events") return;
        if (isAsync) return new Promise((_, reject) => setTimeout(() => reject(mistake), 20));
        throw mistake;
      },
    });
    for (let n = 0; n < 2; n++) {
      edit();
      await assert.rejects(idle(), (error) => error === mistake);
    }
    await idle();
    assert.equal(callbacks.length, 2);
    assert.deepEqual(simulator.deliveries().map(({ outcome }) => outcome), ["done", "done", "done"]);
    assert.equal(logger.lines.length, 1);
    assert.match(logger.lines[0]!, /^error onDelivery failed .*: Error: the test's own assertion$/);
  }
});

test("idle() rejects with what onStatus throws, and the status changes all the same", async () => {
  const logger = createLog();
  const { call, idle, webhook, statusOf } = await createWatched({
    logger,
    onStatus: (_, status) => assert.equal(status, "ENABLED"),
  });
  await idle();
  await call("PUT", `/2.0/webhooks/${webhook.id}`, { enabled: false });
  assert.equal((await statusOf(webhook.id)).status, "DISABLED_BY_OWNER");
  await assert.rejects(idle(), assert.AssertionError);
  assert.equal(logger.lines.length, 1);
});

test("idle() waits for all callbacks, and rejects with what a delivery fails on", async () => {
  let isBroken = true;
  const { edit, idle, callbacks } = await createWatched({
    logger: createLog(),
    debounceMs: 5,
    sleep: async () => {
      if (isBroken) throw new Error("no timer");
    },
  });
  edit();
  await assert.rejects(idle(), /no timer/);
  isBroken = false;
  edit();
  await idle();
  assert.equal(callbacks.length, 1);
  assert.equal(callbacks[0]!.body.events.length, 6);
});

test("a logger that throws disturbs nothing", async () => {
  const throws = () => {
    throw new Error("disk full");
  };
  const { edit, idle, callbacks } = await createWatched({
    logger: { debug: throws, info: throws, warn: throws, error: throws },
    onDelivery: throws,
  });
  edit();
  await assert.rejects(idle(), /disk full/);
  assert.equal(callbacks.length, 1);
});
