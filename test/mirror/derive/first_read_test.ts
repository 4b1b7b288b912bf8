import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../src/mirror/derive/first_read.ts";
import { withMirrored } from "../../support/mirrored.ts";

test("rows that a first read has left, which was killed, are gone if the sheet has them no more", async () => {
  await withMirrored({}, async ({ receiver, edit, settle, inbox: { mirror }, sheet }) => {
    const { id } = sheet;
    const begun = { id, info: infoOf(sheet), version: 0, readAt: 0, isWhole: false, reconciled: null };
    const left = Array.from({ length: 1200 }, (_, row) => ({ id: row + 1, json: "{}", readFor: 0 }));
    for (let at = 0, revision: number | undefined; at < left.length; at += 400) {
      revision = await mirror.write({ sheet: begun, revision, rows: left.slice(at, at + 400), deleted: [] });
      assert.notEqual(revision, undefined);
    }
    receiver.onChange(() => {});
    const row = edit({ Item: "Rope" });
    await settle();
    assert.deepEqual((await mirror.rowsAfter(id, 0, 2000)).map(({ id }) => id), [row]);
  });
});
