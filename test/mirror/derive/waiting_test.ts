import assert from "node:assert/strict";
import { test } from "node:test";
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
