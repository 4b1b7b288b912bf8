import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Skip } from "../../../src/errors.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { createApp } from "../../../src/serve/app.ts";
import {
  callbackBody,
  cellEvent,
  createLog,
  postRequest,
  rowEvent,
  SECRET,
  signedRequest,
} from "../../support/callbacks.ts";
import { openAdmin } from "../../support/admin_requests.ts";
import { dead, deadOf, failed } from "../../support/filled_inbox.ts";
import { until } from "../../support/until.ts";

test("metrics count what became of callbacks and events, and measure answers and handlers", async () => {
  const { admin, ask } = openAdmin();
  const receiver = createReceiver({
    secrets: SECRET,
    changeAgent: "ours",
    logger: createLog(),
    observer: admin.observer,
  });
  receiver.on("row.updated", () => {});
  receiver.on("comment.created", async () => {
    await Promise.resolve();
    throw new Error("no");
  });
  receiver.onCallback(() => {});
  receiver.onStatus(() => {});
  const watched = admin.watch(receiver);
  const send = async (attributes: Record<string, unknown>) =>
    (await watched(await signedRequest(callbackBody({ nonce: crypto.randomUUID(), ...attributes })))).status;

  const events = [
    rowEvent(1),
    rowEvent(2, { changeAgent: "a,ours" }),
    cellEvent(1, 2),
    rowEvent(3, { objectType: "user", eventType: "seatType.updated" }),
    rowEvent(4, { objectType: 'row"}\n', eventType: "made up" }),
  ];
  assert.equal(await send({ events }), 200);
  assert.equal(await send({ events: null, newWebhookStatus: "ENABLED" }), 200);
  assert.equal(await send({ events: [rowEvent(5, { objectType: "comment", eventType: "created" })] }), 500);
  assert.equal((await watched(postRequest(callbackBody()))).status, 401);
  const challenge = await watched(postRequest(null, { "Smartsheet-Hook-Challenge": "abc" }));
  assert.equal(challenge.status, 200);

  const { text, headers } = await ask("/metrics");
  assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const lines = new Set(text.split("\n"));
  const expected = [
    'sheethook_callbacks_total{outcome="accepted",status="200"} 2',
    'sheethook_callbacks_total{outcome="refused",status="401"} 1',
    'sheethook_callbacks_total{outcome="refused",status="500"} 1',
    "sheethook_challenges_total 1",
    "sheethook_failed_attempts_total 1",
    'sheethook_events_total{pattern="row.updated",result="handled"} 1',
    'sheethook_events_total{pattern="row.updated",result="own_change"} 1',
    'sheethook_events_total{pattern="cell.updated",result="no_handler"} 1',
    'sheethook_events_total{pattern="other",result="no_handler"} 2',
    'sheethook_events_total{pattern="comment.created",result="handled"} 1',
    'sheethook_answer_seconds_count{status="200"} 3',
    'sheethook_answer_seconds_count{status="401"} 1',
    'sheethook_handler_seconds_count{kind="event",result="done"} 1',
    'sheethook_handler_seconds_count{kind="event",result="failed"} 1',
    'sheethook_handler_seconds_count{kind="callback",result="done"} 1',
    'sheethook_handler_seconds_count{kind="status",result="done"} 1',
  ];
  for (const line of expected) assert.ok(lines.has(line), `${line}\n${text}`);
});

test("metrics tell what the inbox holds, and which webhooks are called", async () => {
  const { ask, put } = openAdmin({
    webhooks:
      () => [{ id: 7, status: "ENABLED", enabled: true }, { id: 8, status: "DISABLED_BY_OWNER", enabled: false }],
  });
  await put(dead);
  await put(deadOf("Error: no", "Error: no"));
  await put(failed);
  await put();
  const { text } = await ask("/metrics");
  const lines = new Set(text.split("\n"));
  const expected = [
    "sheethook_pending_callbacks 2",
    "sheethook_dead_letters 2",
    "sheethook_dead_calls 2",
    "sheethook_lanes 2",
    "sheethook_lanes_held_up 1",
    'sheethook_webhook_enabled{webhook_id="7",status="ENABLED"} 1',
    'sheethook_webhook_enabled{webhook_id="8",status="DISABLED_BY_OWNER"} 0',
  ];
  for (const line of expected) assert.ok(lines.has(line), `${line}\n${text}`);
  assert.match(text, /^sheethook_oldest_pending_seconds \d/m);
});

test("metrics count the calls that died here, and those that a handler skipped", async () => {
  const { admin, ask, inbox } = openAdmin();
  const receiver = createReceiver({ secrets: SECRET, attempts: 1, inbox, logger: createLog() });
  receiver.on("row.*", ({ id }) => {
    if (id === 1) throw new Skip("not ours");
    throw new Error("no");
  });
  const watched = admin.watch(receiver);
  await watched(await signedRequest(callbackBody({ events: [rowEvent(1), rowEvent(2), rowEvent(3)] })));
  await receiver.start();
  await until("the callback is dead", async () => (await inbox.show(1))!.state === "dead");
  await receiver.stop();
  const lines = new Set((await ask("/metrics")).text.split("\n"));
  for (
    const line of [
      "sheethook_failed_attempts_total 2",
      "sheethook_calls_died_total 2",
      "sheethook_calls_skipped_total 1",
    ]
  ) assert.ok(lines.has(line), line);
});

test("the README names each metric, and no other", async () => {
  const { text } = await openAdmin({ webhooks: () => [] }).ask("/metrics");
  const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
  const readme = await readFile(new URL("../../../src/console/README.md", import.meta.url), "utf8");
  const named = readme.match(/\bsheethook_[a-z_]+/g)!;
  assert.deepEqual([...new Set(named)].sort(), names.sort());
});

test("metrics have names, units and help as Prometheus wants them", async () => {
  const { text } = await openAdmin({ webhooks: () => [] }).ask("/metrics");
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  assert.ok(types.length >= 10);
  for (const [, name = "", type] of types) {
    assert.match(name, /^sheethook_[a-z_]+$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    if (type === "histogram") assert.match(name, /_seconds$/);
    assert.match(text, new RegExp(`^# HELP ${name} \\S+ .+\\.$`, "m"));
  }
});

test("metrics count what the door refuses, with what the receiver refuses", async () => {
  const { admin, ask } = openAdmin();
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  const logger = createLog();
  const { onRefused } = admin;
  const door = createApp({ fetch: admin.watch(receiver), path: "/webhook", onRefused, logger });
  for (const path of ["/wrong", "/webhook"]) {
    await door.fetch(new Request(`http://localhost${path}`, { method: "POST" }));
  }
  const { text } = await ask("/metrics");
  assert.match(text, /^sheethook_callbacks_total\{outcome="refused",status="404"\} 1$/m);
  assert.match(text, /^sheethook_callbacks_total\{outcome="refused",status="401"\} 1$/m);
});

test("metrics count comparisons of sheets, what they found, and silent sheets", async () => {
  const { admin, ask } = openAdmin();
  const { onReconcile } = admin.observer;
  const found = { created: 0, updated: 0, deleted: 0 };
  onReconcile!({ sheetId: 1, reason: "silent", result: "repaired", found: { created: 1, updated: 2, deleted: 3 } });
  onReconcile!({ sheetId: 1, reason: "silent", result: "repaired", found: { ...found, deleted: 4 } });
  onReconcile!({ sheetId: 2, reason: "scheduled", result: "failed", found });
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  admin.watch({ ...receiver, silentSheets: () => [{ sheetId: 1, since: 5 }] });
  const { text } = await ask("/metrics");
  const lines = new Set(text.split("\n"));
  const expected = [
    'sheethook_reconciles_total{reason="silent",result="repaired"} 2',
    'sheethook_reconciles_total{reason="scheduled",result="failed"} 1',
    'sheethook_reconciles_total{reason="disabled",result="unchanged"} 0',
    'sheethook_changes_missed_total{kind="created"} 1',
    'sheethook_changes_missed_total{kind="updated"} 2',
    'sheethook_changes_missed_total{kind="deleted"} 7',
    "sheethook_silent_sheets 1",
  ];
  for (const line of expected) assert.ok(lines.has(line), `${line}\n${text}`);
});
