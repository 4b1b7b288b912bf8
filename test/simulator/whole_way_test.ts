import assert from "node:assert/strict";
import { test } from "node:test";
import { deadline } from "../../src/async/deadline.ts";
import { delay } from "../../src/async/delay.ts";
import type { Delivery } from "../../src/simulator/simulator.ts";
import { withWorld } from "../support/whole_way.ts";

const SHEETS = 10;
const CALLBACKS = 1000;
const headers = { authorization: "Bearer any" };

test("1,000 callbacks, some of them twice, unheard or late: each event is handled once, in order, and none is missed", async () => {
  const ended = new Map<number, () => void>();
  const faults = { "duplicate": 0.1, "duplicate-new-nonce": 0.1, "drop-answer": 0.05, "late-answer": 0.03 };
  // An edit makes 4 events, the echo of a handler's write 3.
  const onDelivery = ({ webhookId, events = 0, outcome, fault }: Delivery) => {
    if (events % 3 === 1 && outcome === "done" && !fault) ended.get(webhookId)?.();
  };
  // A retry into which later events were merged is another callback, whose events run again: not what this is about.
  const options = {
    debounceMs: 0,
    speed: 1e6,
    timeoutMs: 2000,
    faults,
    assumptions: { laterEvents: "wait" },
    onDelivery,
  } as const;
  // Not to wait 2 s for each answer that is late.
  const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(ms, 100)));
  await withWorld({ ...options, sleep }, async (world) => {
    const { simulator, openReceiver, createSheet, watch, apiUrl, settle } = world;
    const { receiver, url } = await openReceiver("whole-way", (fetch) => async (request) => {
      // Now and then an answer takes its time.
      if (Math.random() < 0.02) await delay(50);
      return await fetch(request);
    });
    const handled = new Map<number, number[]>();
    receiver.on("row.created", async (event, context) => {
      const sheetId = context.callback.scopeObjectId;
      handled.set(sheetId, [...handled.get(sheetId) ?? [], event.id]);
      if (handled.get(sheetId)!.length % 10) return;
      const { columns } = sheets.find(({ id }) => id === sheetId)!;
      const body = JSON.stringify([{ id: event.id, cells: [{ columnId: columns[1].id, value: "seen" }] }]);
      const written = await context.fetch(`${apiUrl}/sheets/${sheetId}/rows`, { method: "PUT", headers, body });
      assert.equal(written.status, 200);
    });
    receiver.on("row.updated", () => assert.fail("That was our own change"));

    // deno-lint-ignore no-explicit-any
    const sheets: any[] = [];
    for (let n = 0; n < SHEETS; n++) sheets.push(await createSheet());
    const made = await Promise.all(sheets.map(async ({ id }) => {
      const webhook = await watch(id, url);
      const rowIds: number[] = [];
      for (let n = 0; n < CALLBACKS / SHEETS; n++) {
        const delivered = new Promise<void>((resolve) => ended.set(webhook.id, resolve));
        rowIds.push(
          ...simulator.edit({ sheetId: id, cells: ["A", "C"].map((column) => ({ column, value: n })) }).rowIds,
        );
        await deadline(delivered, 60_000);
      }
      return { id, rowIds, webhookId: webhook.id };
    }));
    await settle();

    const deliveries = simulator.deliveries();
    for (const fault of Object.keys(faults)) assert.ok(deliveries.some((delivery) => delivery.fault === fault), fault);
    assert.ok(deliveries.filter(({ kind }) => kind === "challenge").length > SHEETS, "every 100 there was a challenge");
    assert.ok(receiver.counts.accepted >= CALLBACKS, `${receiver.counts.accepted}`);
    assert.ok(receiver.counts.duplicates > CALLBACKS / 10, `${receiver.counts.duplicates}`);
    assert.equal(receiver.counts.failures, 0);
    for (const { id, rowIds, webhookId } of made) {
      assert.deepEqual(handled.get(id), rowIds);
      assert.equal((await world.statusOf(webhookId)).status, "ENABLED");
    }
  });
});

test("two systems that write to the same sheet answer each other once, and never loop", async () => {
  await withWorld({ debounceMs: 5 }, async ({ openReceiver, createSheet, watch, simulator, settle, apiUrl, call }) => {
    const sheet = await createSheet();
    const writes: string[] = [];
    for (const [name, column] of [["billing", 1], ["stock", 2]] as const) {
      const { receiver, url } = await openReceiver(name);
      receiver.on(["row.created", "row.updated"], async (event, context) => {
        writes.push(context.changeAgent);
        const cells = [{ columnId: sheet.columns[column].id, value: `${name} ${writes.length}` }];
        const body = JSON.stringify([{ id: event.id, cells }]);
        const written = await context.fetch(`${apiUrl}/sheets/${sheet.id}/rows`, { method: "PUT", headers, body });
        assert.equal(written.status, 200);
      });
      await watch(sheet.id, url);
    }
    const [rowId] = simulator.edit({ sheetId: sheet.id, cells: [{ column: "A", value: "Rope" }] }).rowIds;
    await settle();
    assert.deepEqual(writes.sort(), ["billing", "billing,stock", "stock", "stock,billing"]);
    const { cells } = await call("GET", `/2.0/sheets/${sheet.id}/rows/${rowId}`);
    assert.match(cells[1].value, /^billing/);
    assert.match(cells[2].value, /^stock/);
  });
});

test("a webhook that got disabled comes back by a challenge; what happened meanwhile was never sent", async () => {
  let isDown = false;
  await withWorld(
    { debounceMs: 5, speed: 1e6 },
    async ({ openReceiver, createSheet, watch, simulator, settle, ...world }) => {
      const { receiver, url } = await openReceiver(
        "back",
        (fetch) => (request) => isDown ? Promise.resolve(new Response(null, { status: 502 })) : fetch(request),
      );
      const handled: number[] = [];
      receiver.on("row.created", (event) => void handled.push(event.id));
      const sheet = await createSheet();
      const webhook = await watch(sheet.id, url);
      const add = async () => {
        const [id] = simulator.edit({ sheetId: sheet.id, cells: [{ column: "A", value: "Rope" }] }).rowIds;
        await settle();
        return id;
      };
      const first = await add();
      isDown = true;
      await add();
      const disabled = await world.statusOf(webhook.id);
      assert.deepEqual([disabled.status, disabled.stats.lastCallbackAttemptRetryCount], [
        "DISABLED_CALLBACK_FAILED",
        14,
      ]);
      assert.match(disabled.disabledDetails, /502/);
      assert.equal((await world.enable(webhook.id)).status, "DISABLED_VERIFICATION_FAILED", "it is still down");
      isDown = false;
      await add();
      assert.equal((await world.enable(webhook.id)).status, "ENABLED");
      const last = await add();
      assert.deepEqual(handled, [first, last]);
    },
  );
});
