import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { type Canary, createCanary } from "../../../src/mirror/triggers/canary.ts";
import { type Mirrored, withMirrored } from "../../support/mirrored.ts";
import { until } from "../../support/until.ts";

const MINUTE_MS = 60_000;
const EVERY_MS = 15 * MINUTE_MS;
const START = Date.parse("2026-11-29T08:00:00Z");

interface Watched extends Mirrored {
  readonly canary: Canary;
  readonly reconciles: string[];
  readonly fault: { status: number };
  /** Lets time pass, minute by minute. @returns the requests to the API */
  pass(minutes: number): Promise<number>;
  warnings(): string[];
}

/** A mirrored sheet with a canary, on a clock that is set by hand. */
async function withCanary(use: (watched: Watched, row: number) => Promise<void>): Promise<void> {
  const clock = { now: START };
  const now = () => clock.now;
  const fault = { status: 0 };
  const onRequest = () =>
    fault.status ? Response.json({ errorCode: 1, message: "no" }, { status: fault.status }) : undefined;
  const options = { inbox: memoryInbox({ now }), simulator: { now }, receiver: { now }, onRequest };
  await withMirrored(options, async (world) => {
    const { sheet, log, requests } = world;
    world.receiver.onChange(() => {});
    const row = world.edit({ Item: "Rope", Status: "Open" });
    await world.settle();
    const reconciles: string[] = [];
    const canary = createCanary({
      ...{ api: world.api, mirror: world.inbox.mirror, everyMs: EVERY_MS, waitMs: 2 * MINUTE_MS, now, logger: log },
      async reconcile(request) {
        const stored = await world.receiver.reconcile(request);
        reconciles.push(`${request.reason} since ${request.since}: ${stored}`);
        await world.settle();
        return stored;
      },
    });
    const watched = Object.assign(Object.create(world), {
      ...{ canary, reconciles, fault },
      async pass(minutes: number) {
        const before = requests.length;
        for (let minute = 0; minute < minutes; minute++) {
          clock.now += MINUTE_MS;
          await canary.tick([sheet.id], new AbortController().signal);
        }
        return requests.length - before;
      },
      warnings: () =>
        log.lines.splice(0).filter((line) => line.startsWith("warn")).map((line) =>
          line.replaceAll(`${sheet.id}`, "ID")
        ),
    });
    watched.warnings();
    await use(watched, row);
  });
}

test("the canary asks for the version once a period, and says nothing while callbacks tell of all", async () => {
  await withCanary(async ({ pass, edit, settle, reconciles, warnings, canary }, row) => {
    assert.equal(await pass(60), 4);
    edit({ Status: "Done" }, row);
    await settle();
    assert.equal(await pass(60), 4);
    assert.deepEqual([reconciles, warnings(), canary.silentSheets()], [[], [], []]);
  });
});

test("a sheet that changes without a callback is silent: it is compared once, until its version is known", async () => {
  await withCanary(async ({ pass, edit, simulator, sheet, reconciles, warnings, canary, inbox }, row) => {
    simulator.setSilent(sheet.id, true);
    edit({ Status: "Done" }, row);
    await pass(18);
    assert.equal(reconciles.length, 1);
    assert.equal(reconciles[0], "silent since 2026-11-29T08:00:00.000Z: stored");
    const [silent, ...others] = warnings().filter((line) => line.includes("no callback tells"));
    assert.match(silent!, /^warn Sheet ID has changed since 2026-11-29T08:00:00.000Z, but no callback tells of it/);
    assert.deepEqual(others, []);
    const [{ sheetId, since }] = canary.silentSheets() as [{ sheetId: number; since: number }];
    assert.deepEqual([sheetId, since > START], [sheet.id, true]);
    assert.match((await inbox.mirror.rowsAfter(sheet.id, 0, 1))[0]!.json, /Done/, "it was repaired");

    await pass(120);
    assert.deepEqual([reconciles.length, warnings(), canary.silentSheets()], [1, [], []]);
    edit({ Status: "Open" }, row);
    await pass(18);
    assert.equal(reconciles.length, 2);
    canary.heard(sheet.id);
    assert.deepEqual(canary.silentSheets(), []);
  });
});

test("a callback that comes within two debounces, or that waits in its lane, is no silence", async () => {
  await withCanary(async ({ pass, edit, simulator, receiver, inbox, reconciles, warnings, settle, sheet }, row) => {
    const silences = () => [...reconciles, ...warnings().filter((line) => line.includes("no callback tells"))];
    simulator.setSilent(sheet.id, true);
    edit({ Status: "Done" }, row);
    // It is suspected now.
    for (let minute = 0; !await pass(1); minute++) assert.ok(minute < 15);
    simulator.setSilent(sheet.id, false);
    edit({ Status: "Open" }, row);
    await settle();
    await pass(60);
    assert.deepEqual(silences(), []);

    receiver.onChange(() => {
      throw new Error("The ERP is away");
    });
    edit({ Status: "Done" }, row);
    edit({ Status: "Open" }, edit({ Item: "Saw" }));
    await simulator.idle();
    await until("the first one has failed", async () => (await inbox.overview()).heldLanes === 1);
    await pass(1);
    edit({ Item: "Nail" });
    await simulator.idle();
    await pass(20);
    assert.deepEqual(silences(), []);
  });
});

test("an API that fails is told once, however often it is asked", async () => {
  await withCanary(async ({ pass, fault, log, warnings, reconciles }) => {
    fault.status = 500;
    assert.equal(await pass(120), 8);
    const told = warnings();
    assert.equal(told.length, 1, told.join("\n"));
    assert.match(told[0]!, /^warn Sheet ID can't be asked for its version, so a silent webhook can't be found: GET /);
    fault.status = 0;
    await pass(15);
    assert.deepEqual(log.lines.filter((line) => line.includes("again")), [
      "info Sheets can be asked for their version again",
    ]);
    assert.deepEqual(reconciles, []);
  });
});
