import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Inbox } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../src/inbox/inspect.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import type { Gap } from "../../../src/mirror/gap.ts";
import type { EndedReconcile } from "../../../src/mirror/reconcile/observe_reconcile.ts";
import { withMirrored } from "../../support/mirrored.ts";
import { withFolder } from "../../support/run_cli.ts";
import { until } from "../../support/until.ts";

const quiet = { onEvent() {}, onCall: (_: unknown, run: () => unknown) => run() };

test("a webhook that says it is ENABLED again has its sheet compared, behind its status callback", async () => {
  const ended: EndedReconcile[] = [];
  const observer = { ...quiet, onReconcile: (reconcile: EndedReconcile) => void ended.push(reconcile) };
  await withMirrored(
    { receiver: { observer } },
    async ({ receiver, edit, settle, simulator, sheet, webhook, call }) => {
      const told: string[] = [];
      const gaps: Gap[] = [];
      receiver.onChange(({ kind, source, row }) => void told.push(`${source} ${kind} ${row.cells.Item}`));
      receiver.onGap((gap) => void gaps.push(gap));
      receiver.onStatus(({ newWebhookStatus }) => void told.push(newWebhookStatus));
      edit({ Item: "Rope" });
      await settle();
      const setStatus = (status: string) => call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status });
      await setStatus("DISABLED_SCOPE_INACCESSIBLE");
      await settle();
      edit({ Item: "Saw" });
      await setStatus("ENABLED");
      await settle();
      assert.deepEqual(told, [
        "callback created Rope",
        "DISABLED_SCOPE_INACCESSIBLE",
        "ENABLED",
        "reconcile created Saw",
      ]);
      assert.deepEqual(gaps.map(({ reason, created }) => [reason, created]), [["disabled", 1]]);
      assert.ok(Date.parse(gaps[0]!.since!) > 0, gaps[0]!.since);
      assert.deepEqual(ended, [
        { sheetId: sheet.id, reason: "disabled", result: "repaired", found: { created: 1, updated: 0, deleted: 0 } },
      ]);
      assert.equal(simulator.deliveries().filter(({ kind }) => kind === "status").length, 2);
    },
  );
});

test("a comparison that can't be stored takes no attempt of the status handlers, and is asked for again", async () => {
  await withFolder(async (folder) => {
    for (const inbox of [memoryInbox(), sqliteInbox(join(folder, "inbox.db"))]) await failTwice(inbox);
  });
});

async function failTwice(inbox: Inbox & InspectableInbox): Promise<void> {
  let failures = 0;
  const failing: typeof inbox = {
    ...inbox,
    async put(callback) {
      if (callback.body.includes("disabled") && ++failures <= 2) throw new Error("database or disk is full");
      return await inbox.put(callback);
    },
  };
  const options = { inbox: failing, receiver: { attempts: 1 } };
  await withMirrored(options, async ({ receiver, edit, settle, webhook, call }) => {
    const told: string[] = [];
    receiver.onChange(() => {});
    receiver.onGap(({ reason }) => void told.push(`gap: ${reason}`));
    receiver.onStatus(({ newWebhookStatus }) => void told.push(newWebhookStatus));
    edit({ Item: "Rope" });
    await settle();
    const setStatus = (status: string) => call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status });
    await setStatus("DISABLED_SCOPE_INACCESSIBLE");
    await setStatus("ENABLED");
    await settle();
    assert.deepEqual(told, ["DISABLED_SCOPE_INACCESSIBLE", "ENABLED", "gap: disabled"]);
    const { dead, done } = await inbox.overview();
    assert.deepEqual([failures, dead, done], [3, 0, 4]);
  });
}

test("without a mirror of its sheet, ENABLED asks for nothing", async () => {
  await withMirrored({}, async ({ receiver, settle, webhook, call, requests, inbox }) => {
    receiver.onChange(() => {});
    await call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status: "DISABLED_SCOPE_INACCESSIBLE" });
    await call("POST", `/_simulator/webhooks/${webhook.id}/status`, { status: "ENABLED" });
    await settle();
    assert.deepEqual([requests, (await inbox.overview()).done], [[], 2]);
  });
});

test("reconcileEveryMs and canaryEveryMs run between start and stop, for sheets that a handler asks for", async () => {
  const ended: EndedReconcile[] = [];
  const observer = { ...quiet, onReconcile: (reconcile: EndedReconcile) => void ended.push(reconcile) };
  const options = { observer, reconcileEveryMs: 200, canaryEveryMs: 100, silentAfterMs: 50 };
  await withMirrored({ receiver: options }, async (world) => {
    const { receiver, edit, settle, simulator, sheet, restart, requests } = world;
    receiver.onChange(() => {});
    const row = edit({ Item: "Rope", Status: "Open" });
    await settle();
    const reasons = (reason: string) => ended.filter((each) => each.reason === reason);
    await until("it is compared by schedule", () => reasons("scheduled").length > 1);
    assert.deepEqual(receiver.silentSheets(), []);
    simulator.setSilent(sheet.id, true);
    edit({ Status: "Done" }, row);
    await until("what no callback told is found", () => ended.some(({ result }) => result === "repaired"));
    assert.equal(ended.reduce((sum, { found }) => sum + found.updated, 0), 1);
    assert.ok(ended.every(({ sheetId }) => sheetId === sheet.id));

    const other = await restart();
    other.onChange({ sheet: sheet.id + 1 }, () => {});
    const count = requests.length;
    await other.start();
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(requests.length, count, "no handler asks for the sheet");
  });
});
