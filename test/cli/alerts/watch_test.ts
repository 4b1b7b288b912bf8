import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { News } from "../../../src/cli/alerts/alert.ts";
import { createAlertWatch } from "../../../src/cli/alerts/watch.ts";
import type { Inbox, Outcome } from "../../../src/inbox/inbox.ts";
import type { InspectableInbox } from "../../../src/inbox/inspect.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import type { SilentSheet } from "../../../src/mirror/triggers/canary.ts";
import { acceptedCallback, createLog, WEBHOOK_ID } from "../../support/callbacks.ts";
import { withFolder } from "../../support/run_cli.ts";

type FullInbox = Inbox & InspectableInbox;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const START = Date.UTC(2026, 0, 31, 8);
const LANE = 4509506114742148;
const position = { event: 0, handler: 0, fingerprint: "" } as const;
const dead: Outcome = { kind: "dead", error: "Error: geheim-4711", position };

function createClock() {
  return { now: START };
}

/** A process with an alert watch; a minute passes before each look. */
function startWatch(inbox: FullInbox, clock: { now: number }, options: { silent?: SilentSheet[] } = {}) {
  const told: News[] = [];
  const log = createLog();
  const hints = { value: 0 };
  const watch = createAlertWatch({
    inbox,
    hints: () => hints.value,
    silentSheets: () => options.silent ?? [],
    tell: (news) => void told.push(news),
    logger: log,
    now: () => clock.now,
  });
  return {
    ...watch,
    log,
    hints,
    /** What is told now, as `type state`. */
    async look(afterMs = MINUTE_MS) {
      clock.now += afterMs;
      await watch.tick();
      return told.splice(0).map(({ type, state }) => `${type} ${state}`);
    },
    async lookAtNews() {
      clock.now += MINUTE_MS;
      await watch.tick();
      return told.splice(0);
    },
  };
}

let nonces = 0;

/** Puts a callback, and has an attempt at it end like that. */
async function work(inbox: FullInbox, outcome: Outcome, scopeObjectId = LANE): Promise<number> {
  const nonce = `n${++nonces}`;
  await inbox.put(acceptedCallback({ nonce, timestamp: nonce, scopeObjectId }));
  const [lease] = await inbox.lease(1, 20_000);
  const taken = (await inbox.take(lease!))!;
  await inbox.finish(lease!, taken, outcome);
  await inbox.release(lease!);
  return taken.id;
}

/** Two inboxes on one file, as two processes have, and a third for what happens. */
async function withFile(
  use: (inboxes: readonly [FullInbox, FullInbox, FullInbox], clock: { now: number }) => Promise<void>,
) {
  await withFolder(async (folder) => {
    const clock = createClock();
    const open = () => sqliteInbox(join(folder, "inbox.db"), { now: () => clock.now });
    const inboxes = [open(), open(), open()] as const;
    try {
      await use(inboxes, clock);
    } finally {
      await Promise.all(inboxes.map((inbox) => inbox.close()));
    }
  });
}

test("createAlertWatch() tells of the first dead letter once over two processes and a restart, and once when none is left", async () => {
  await withFile(async ([first, second, worker], clock) => {
    const one = startWatch(first, clock);
    const other = startWatch(second, clock);
    assert.deepEqual(await one.look(), []);
    const id = await work(worker, dead);
    await work(worker, dead);
    const told = (await Promise.all([one.look(), other.look()])).flat();
    assert.deepEqual(told, ["dead_letters raised"]);
    await work(worker, dead);
    const restarted = startWatch(first, clock);
    assert.deepEqual([...await one.look(), ...await other.look(), ...await restarted.look()], []);
    await worker.discard([id]);
    assert.deepEqual(await restarted.look(), [], "others are left");
    await worker.discard(await worker.find({ states: ["dead"] }));
    assert.deepEqual((await Promise.all([restarted.look(), other.look()])).flat(), ["dead_letters over"]);
    await work(worker, dead);
    assert.deepEqual(await other.look(), ["dead_letters raised"], "another first one");
  });
});

test("createAlertWatch() looks sooner if there are hints, but not all the time", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ now: () => clock.now });
  const { look, hints } = startWatch(inbox, clock);
  assert.deepEqual(await look(), []);
  await work(inbox, dead);
  assert.deepEqual(await look(20 * SECOND_MS), [], "without a hint");
  hints.value++;
  assert.deepEqual(await look(SECOND_MS), ["dead_letters raised"]);
  await inbox.discard(await inbox.find({ states: ["dead"] }));
  hints.value++;
  assert.deepEqual(await look(9 * SECOND_MS), [], "too soon");
  assert.deepEqual(await look(SECOND_MS), ["dead_letters over"]);
});

test("createAlertWatch() tells of a webhook that is disabled once over two processes and a restart, and once when it is back", async () => {
  await withFile(async ([first, second], clock) => {
    const [one, other] = [startWatch(first, clock), startWatch(second, clock)];
    const see = (status: string, ...watches: { onStatus: typeof one.onStatus }[]) => {
      for (const { onStatus } of watches) onStatus({ id: WEBHOOK_ID, status });
    };
    see("NEW_NOT_VERIFIED", one);
    see("ENABLED", one, other);
    assert.deepEqual(await one.look(), [], "it was never disabled");
    see("DISABLED_CALLBACK_FAILED", one, other);
    const both = await Promise.all([one.lookAtNews(), other.lookAtNews()]);
    const [disabled, ...more] = both.flat();
    assert.deepEqual([disabled?.title, more], [`Webhook ${WEBHOOK_ID} is DISABLED_CALLBACK_FAILED`, []]);
    assert.deepEqual(disabled?.subject, { webhookId: WEBHOOK_ID });
    see("DISABLED_VERIFICATION_FAILED", one);
    const restarted = startWatch(first, clock);
    see("DISABLED_CALLBACK_FAILED", restarted);
    assert.deepEqual([...await one.look(), ...await restarted.look()], []);
    see("ENABLED", restarted, other);
    assert.deepEqual((await Promise.all([restarted.look(), other.look()])).flat(), ["webhook_disabled over"]);
    // Between two looks, as a watch that enables it at once sees it.
    see("DISABLED_CALLBACK_FAILED", other);
    clock.now += SECOND_MS;
    see("ENABLED", other);
    assert.deepEqual(await other.look(), ["webhook_disabled raised", "webhook_disabled over"]);
    // What was seen before it was raised says nothing of it.
    see("ENABLED", other);
    clock.now += SECOND_MS;
    see("GONE", one);
    assert.deepEqual([...await one.look(), ...await other.look()], ["webhook_disabled raised"]);
  });
});

test("createAlertWatch() tells of a lane that is held up for 15 minutes, and when its callback has ended", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ now: () => clock.now });
  const { lookAtNews, look } = startWatch(inbox, clock);
  const failed = (retryAfterMs: number): Outcome => ({
    kind: "failed",
    error: "Error: geheim-4711",
    retryAfterMs,
    position,
  });
  const id = await work(inbox, failed(20 * MINUTE_MS));
  for (let minute = 1; minute < 15; minute++) assert.deepEqual(await look(), [], `minute ${minute}`);
  const [held] = await lookAtNews();
  assert.deepEqual([held?.type, held?.state, held?.subject], ["lane_held", "raised", {
    sheetId: LANE,
    callbackId: id,
  }]);
  assert.doesNotMatch(JSON.stringify(held), /geheim/);
  // It isn't held up while an attempt runs, which fails again.
  clock.now += 5 * MINUTE_MS;
  const [lease] = await inbox.lease(1, 10 * MINUTE_MS);
  const taken = (await inbox.take(lease!))!;
  assert.deepEqual(await look(), []);
  await inbox.finish(lease!, taken, failed(MINUTE_MS / 2));
  await inbox.release(lease!);
  assert.deepEqual(await startWatch(inbox, clock).look(), [], "after a restart");
  await inbox.discard([id]);
  assert.deepEqual(await look(), ["lane_held over"]);
  assert.deepEqual(await look(), []);
});

test("createAlertWatch() tells of ten lanes at most when every lane is held up", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ now: () => clock.now });
  const { look } = startWatch(inbox, clock);
  const failed: Outcome = { kind: "failed", error: "Error", retryAfterMs: 60 * MINUTE_MS, position };
  const ids: number[] = [];
  for (let lane = 1; lane <= 25; lane++) ids.push(await work(inbox, failed, lane));
  assert.equal((await look(15 * MINUTE_MS)).length, 10);
  assert.deepEqual(await look(), []);
  await inbox.discard(ids);
  assert.deepEqual(await look(), Array.from({ length: 10 }, () => "lane_held over"));
});

test("createAlertWatch() tells of a silent sheet, also over a restart, until a callback comes for it", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ now: () => clock.now });
  const sheet = { id: LANE, info: "{}", version: 1, readAt: START, isWhole: true, reconciled: null };
  await inbox.mirror.write({ sheet, revision: undefined, rows: [], deleted: [] });
  const silent = [{ sheetId: LANE, since: START }];
  const { look } = startWatch(inbox, clock, { silent });
  assert.deepEqual(await look(), ["sheet_silent raised"]);
  assert.deepEqual(await look(), []);
  const restarted = startWatch(inbox, clock);
  assert.deepEqual(await restarted.look(), [], "no callback has come");
  await inbox.put(acceptedCallback({ scopeObjectId: LANE, acceptedAt: clock.now }));
  assert.deepEqual(await restarted.look(), ["sheet_silent over"]);
  assert.deepEqual(await look(), [], "this process hasn't heard of the callback itself");
});

test("createAlertWatch() tells of a sheet that was silent only between two looks", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ now: () => clock.now });
  const sheet = { id: LANE, info: "{}", version: 1, readAt: START, isWhole: true, reconciled: null };
  await inbox.mirror.write({ sheet, revision: undefined, rows: [], deleted: [] });
  const silent: SilentSheet[] = [];
  const { look } = startWatch(inbox, clock, { silent });
  assert.deepEqual(await look(), []);
  silent.push({ sheetId: LANE, since: clock.now });
  assert.deepEqual(await look(SECOND_MS), []);
  silent.pop();
  assert.deepEqual(await look(), ["sheet_silent raised"]);
  assert.deepEqual(await look(), []);
});

test("createAlertWatch() tells what a reconcile found, with counts, and nothing of one that found nothing", async () => {
  const clock = createClock();
  const { lookAtNews, onReconcile } = startWatch(memoryInbox(), clock);
  const found = { created: 1, updated: 2, deleted: 0 };
  onReconcile({ sheetId: LANE, reason: "disabled", result: "repaired", found });
  const none = { created: 0, updated: 0, deleted: 0 };
  onReconcile({ sheetId: LANE, reason: "disabled", result: "unchanged", found: none });
  onReconcile({ sheetId: LANE, reason: "disabled", result: "failed", found: none });
  const told = await lookAtNews();
  assert.deepEqual(told.map(({ type, subject, counts, title }) => [type, subject, counts, title]), [
    ["events_missed", { sheetId: LANE }, found, `Sheet ${LANE}: 3 rows had been missed`],
  ]);
});

test("createAlertWatch() tells that the inbox can't be written, once, and then that it can; statuses meanwhile aren't lost", async () => {
  const clock = createClock();
  const inbox = memoryInbox({ maxPending: 1, now: () => clock.now });
  const { look, log } = startWatch(inbox, clock);
  await inbox.put(acceptedCallback());
  assert.deepEqual(await look(), [], "once may be chance");
  assert.deepEqual(await look(10 * SECOND_MS), ["inbox_unwritable raised"]);
  assert.deepEqual(await look(), []);
  await inbox.discard(await inbox.find({}));
  assert.deepEqual(await look(10 * SECOND_MS), ["inbox_unwritable over"]);
  assert.deepEqual(await look(), []);
  assert.deepEqual(log.lines, []);

  // The same while a status waits to be told.
  await inbox.put(acceptedCallback({ nonce: "n", timestamp: "t" }));
  const full = startWatch(inbox, clock);
  full.onStatus({ id: WEBHOOK_ID, status: "DISABLED_BY_OWNER" });
  assert.deepEqual([...await full.look(), ...await full.look()], ["inbox_unwritable raised"]);
  full.onStatus({ id: WEBHOOK_ID, status: "ENABLED" });
  await inbox.discard(await inbox.find({}));
  assert.deepEqual(await full.look(), ["inbox_unwritable over", "webhook_disabled raised", "webhook_disabled over"]);

  const away = { value: true };
  const { alerts } = inbox;
  const list: typeof alerts.list = () => away.value ? Promise.reject(new Error("away")) : alerts.list();
  const cutOff = startWatch({ ...inbox, alerts: { ...alerts, list } }, clock);
  cutOff.onStatus({ id: WEBHOOK_ID, status: "DISABLED_BY_OWNER" });
  assert.deepEqual([...await cutOff.look(), ...await cutOff.look()], []);
  away.value = false;
  assert.deepEqual(await cutOff.look(), ["webhook_disabled raised"]);
  assert.deepEqual(cutOff.log.lines, ["warn what alerts tell of can't be read: Error: away"]);
});
