import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { withMirrored } from "../../support/mirrored.ts";

test("the rows of 300 callbacks that wait are read in one request", async () => {
  await withMirrored({}, async ({ receiver, edit, settle, requests, simulator }) => {
    const rows = Array.from({ length: 300 }, (_, n) => edit({ Item: `Row ${n}` }));
    let isHeld = true;
    let changes = 0;
    receiver.onChange({ column: "Status" }, () => void changes++);
    receiver.onCallback(async (_, { signal }) => {
      while (isHeld && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    await receiver.start();
    for (const row of rows) {
      edit({ Status: "Open" }, row);
      await simulator.idle();
    }
    requests.length = 0;
    isHeld = false;
    await settle();
    assert.equal(changes, 300);
    assert.equal(requests.length, 1, requests.join("\n"));
  });
});

test("a row that several callbacks wait for is read once, and told once", async () => {
  await withMirrored({}, async ({ receiver, edit, settle, requests, simulator }) => {
    const row = edit({ Item: "Rope" });
    await settle();
    const release = Promise.withResolvers<void>();
    const isHolding = Promise.withResolvers<void>();
    const changes: unknown[] = [];
    receiver.onChange({ column: "Status" }, ({ row }) => void changes.push(row.cells.Status));
    receiver.onCallback(() => {
      isHolding.resolve();
      return release.promise;
    });
    edit({ Item: "Saw" });
    await isHolding.promise;
    for (const Status of ["Open", "Approved", "Done"]) {
      edit({ Status }, row);
      await simulator.idle();
    }
    requests.length = 0;
    release.resolve();
    await settle();
    assert.deepEqual([changes, requests.length], [["Done"], 1]);
  });
});

test("when a sheet is read for the first time, what waiting callbacks tell of a row is told with the first of them", async () => {
  await withMirrored({ rows: [["Rope"], ["Saw"], ["Nail"]] }, async ({ receiver, edit, settle, simulator, rowIds }) => {
    const [rope, saw, nail] = rowIds;
    const changes: string[] = [];
    receiver.onChange(({ before, columns }) => {
      changes.push(
        `${before?.cells.Item} (${columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`).join()})`,
      );
    });
    for (const row of [rope, saw]) {
      for (const [title, value] of [["Status", "Open"], ["Ticket", `T-${row === rope ? 1 : 2}`]] as const) {
        edit({ [title]: value }, row);
        await simulator.idle();
      }
    }
    await settle();
    assert.deepEqual(changes.splice(0), [
      "undefined (Status: undefined -> Open,Ticket: undefined -> T-1)",
      "undefined (Status: undefined -> Open,Ticket: undefined -> T-2)",
    ]);
    edit({ Status: "Done" }, nail);
    edit({ Status: "Done" }, rope);
    await settle();
    assert.deepEqual(changes.toSorted(), ["Nail (Status: null -> Done)", "Rope (Status: Open -> Done)"]);
  });
});

test("a column that we have written, and then others in a callback that waits, is told", async () => {
  await withMirrored({ simulator: { debounceMs: 50, speed: 1 } }, async (world) => {
    const { edit, settle, simulator, sheet, call } = world;
    world.receiver.onChange(() => {});
    const [rope, saw] = [edit({ Item: "Rope" }), edit({ Item: "Saw" })];
    await settle();
    const receiver = await world.restart();
    const changes: string[] = [];
    receiver.onChange(({ row, columns }) => {
      changes.push(`${row.cells.Item}: ${columns.map(({ title, to }) => `${title} ${to}`).join()}`);
    });
    const cells = [{ columnId: sheet.columns[2].id, value: "T-1" }];
    const ours = { "Smartsheet-Change-Agent": "ours" };
    await call("PUT", `/2.0/sheets/${sheet.id}/rows`, [{ id: rope, cells }, { id: saw, cells }], ours);
    edit({ Status: "Open" }, rope);
    await simulator.idle();
    for (const row of [rope, saw]) edit({ Ticket: "theirs" }, row);
    await simulator.idle();
    await settle();
    assert.deepEqual(changes, ["Rope: Status Open,Ticket theirs", "Saw: Ticket theirs"]);
  });
});

test("changes that were stored, though the answer to it was lost, are told once and read no more", async () => {
  const inbox = memoryInbox();
  const { derive } = inbox.mirror;
  const lossy: typeof derive = async (...given) => {
    await derive(...given);
    return undefined;
  };
  await withMirrored({ inbox }, async ({ receiver, edit, settle, requests, log }) => {
    const changes: unknown[] = [];
    receiver.onChange(({ row }) => void changes.push(row.cells.Item));
    const row = edit({ Item: "Rope" });
    await settle();
    requests.length = 0;
    Object.assign(inbox.mirror, { derive: lossy });
    edit({ Item: "Saw" }, row);
    await settle();
    assert.deepEqual([changes, requests.length], [["Rope", "Saw"], 1]);
    assert.doesNotMatch(log.lines.join("\n"), /failed/);
  });
});
