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
