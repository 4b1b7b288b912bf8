import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change } from "../../src/mirror/change.ts";
import type { Gap } from "../../src/mirror/gap.ts";
import { type Mirrored, type MirroredOptions, withMirrored } from "../support/mirrored.ts";

interface Told {
  readonly changes: string[];
  readonly gaps: Gap[];
}

/** A sheet of three rows that is mirrored, and what handlers are told from then on. */
function withReconciled(
  options: MirroredOptions,
  use: (world: Mirrored, told: Told, rows: readonly number[]) => Promise<void>,
): Promise<void> {
  return withMirrored(options, async (world) => {
    const told: Told = { changes: [], gaps: [] };
    world.receiver.onChange((change) => void told.changes.push(textOf(change)));
    world.receiver.onGap((gap) => void told.gaps.push(gap));
    const rows = ["Rope", "Saw", "Nail"].map((Item) => world.edit({ Item, Status: "Open" }));
    await world.settle();
    told.changes.length = 0;
    world.requests.length = 0;
    await use(world, told, rows);
  });
}

function textOf({ kind, row, columns, source, events }: Change): string {
  const texts = columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`);
  return `${source} ${kind} ${row.cells.Item} (${events.length}): ${texts.join(", ")}`;
}

async function reconcile({ receiver, sheet, settle }: Mirrored, more: object = {}): Promise<void> {
  await receiver.reconcile({ sheetId: sheet.id, ...more });
  await settle();
}

test("a reconcile tells what happened while the webhook was silent, each once", async () => {
  await withReconciled({}, async (world, told, [rope, saw]) => {
    const { simulator, sheet, edit, requests } = world;
    simulator.setSilent(sheet.id, true);
    edit({ Status: "Approved" }, rope);
    simulator.edit({ sheetId: sheet.id, deleteRowIds: [saw] } as never);
    edit({ Item: "Tape", Status: "Open" });
    await world.settle();
    assert.deepEqual(told.changes, []);
    simulator.setSilent(sheet.id, false);

    await reconcile(world, { reason: "silent", since: "2026-11-29T07:00:00Z" });
    assert.deepEqual(told.changes.toSorted(), [
      "reconcile created Tape (0): Item: null -> Tape, Status: null -> Open",
      "reconcile deleted Saw (0): Item: Saw -> null, Status: Open -> null",
      "reconcile updated Rope (0): Status: Open -> Approved",
    ]);
    assert.equal(requests.length, 5, requests.join());
    const [gap] = told.gaps;
    const { reason, since, created, updated, deleted, isComplete } = gap!;
    assert.deepEqual(
      { reason, since, created, updated, deleted, isComplete, count: told.gaps.length },
      {
        reason: "silent",
        since: "2026-11-29T07:00:00Z",
        created: 1,
        updated: 1,
        deleted: 1,
        isComplete: true,
        count: 1,
      },
    );

    requests.length = 0;
    await reconcile(world);
    assert.deepEqual([requests.length, told.changes.length, told.gaps.length], [1, 3, 1], "nothing is told again");
  });
});

test("a reconcile calls no row deleted that a handler has just added, and that is missing in answers for some seconds", async () => {
  // Nothing waits for this clock.
  let ms = 1.7e12;
  const simulator = { now: () => ms, assumptions: { lateRowMs: 5000 } };
  await withReconciled({ simulator }, async (world, told) => {
    const { receiver, simulator, sheet } = world;
    receiver.on("comment.created", async (_, context) => {
      // Its own event isn't there before the reconcile.
      simulator.setSilent(sheet.id, true);
      await context.addRows(sheet.id, [{ Item: "Ours" }]);
    });
    simulator.failNext("late-row");
    simulator.edit({ sheetId: sheet.id, comment: "one more, please" });
    await world.settle();

    await reconcile(world);
    ms += 60_000;
    await reconcile(world);
    assert.deepEqual(told.changes, []);
  });
});

test("a webhook that was away is told of as a gap though nothing was missed, a comparison by hand isn't", async () => {
  await withReconciled({}, async (world, { gaps, changes }) => {
    for (const reason of ["manual", "scheduled", "silent", "disabled"]) await reconcile(world, { reason });
    assert.deepEqual(gaps.map(({ reason, created, updated, deleted }) => [reason, created, updated, deleted]), [
      ["silent", 0, 0, 0],
      ["disabled", 0, 0, 0],
    ]);
    assert.deepEqual(changes, []);
  });
});

test("a reconcile finds nothing of what a handler has written, also where Smartsheet notes who wrote the row, and when", async () => {
  let now = Date.now();
  const columns = [
    { title: "Item" },
    { title: "Status" },
    { title: "Ticket" },
    { title: "Modified", systemColumnType: "MODIFIED_DATE" },
    { title: "Modified By", systemColumnType: "MODIFIED_BY" },
  ];
  await withReconciled({ columns, simulator: { now: () => now } }, async (world, told, [rope]) => {
    const { receiver, simulator, sheet, edit } = world;
    receiver.onChange({ column: "Status", to: "Approved" }, async ({ row }, { updateRow }) => {
      simulator.setSilent(sheet.id, true);
      now += 5000;
      await updateRow(row, { Ticket: "T-1" });
    });
    edit({ Status: "Approved" }, rope);
    await world.settle();
    told.changes.length = 0;

    await reconcile(world);
    assert.deepEqual([told.changes, told.gaps], [[], []]);
  });
});

test("a comparison that can't be meant is refused", async () => {
  await withMirrored({}, async ({ receiver, sheet: { id: sheetId }, inbox }) => {
    const wrong: [Record<string, unknown>, RegExp][] = [
      [{ sheetId: 1.5 }, /^sheetId is 1.5/],
      [{ sheetId, reason: "quiet" }, /^reason is "quiet", but should be "disabled", "silent"/],
      [{ sheetId, resaon: "silent" }, /^reconcile\(\) has no option "resaon": did you mean reason/],
    ];
    for (const [request, message] of wrong) {
      await assert.rejects(receiver.reconcile(request as never), { code: "option_invalid", message });
    }
    assert.equal((await inbox.overview()).pending, 0);
  });
});
