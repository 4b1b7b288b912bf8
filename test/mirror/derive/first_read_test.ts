import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import { infoOf, readWhole } from "../../../src/mirror/derive/first_read.ts";
import { createLog } from "../../support/callbacks.ts";
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

/** Reads a sheet whose pages have these versions, and gives what the mirror is compared with next. */
async function readPages({ versions, answeredAt }: { versions: number[]; answeredAt?: string | undefined }) {
  const inbox = memoryInbox();
  let reads = 0;
  const scan: ChangesApi["sheets"]["scan"] = async (id, _query, onRows) => {
    reads++;
    const sheet = { id, name: "Orders", columns: [], totalRowCount: versions.length, answeredAt };
    for (const [index, version] of versions.entries()) {
      const row = { id: index + 1, rowNumber: index + 1, cells: [], modifiedAt: `2026-01-0${index + 1}T00:00:00Z` };
      await onRows([row], { ...sheet, version });
    }
    return { ...sheet, version: versions.at(-1)! };
  };
  const api = { sheets: { scan } } as unknown as ChangesApi;
  const parts = { api, mirror: inbox.mirror, logger: createLog(), now: () => 1000 };
  const { reconciled } = await readWhole(parts, 77, new AbortController().signal);
  return { reads, ...JSON.parse(reconciled) };
}

test("a first read is compared with the version that it has read, and since Smartsheet's time", async () => {
  const answeredAt = "2026-02-01T00:00:00.000Z";
  assert.deepEqual(await readPages({ versions: [7, 7], answeredAt }), {
    ...{ reads: 1, version: 7, rowCount: 2, since: answeredAt, at: 1000 },
  });
  assert.equal((await readPages({ versions: [7, 7] })).since, "2026-01-02T00:00:00Z");
});

test("a first read of a sheet that changes meanwhile is made again, and at last has read no version", async () => {
  const { reads, version } = await readPages({ versions: [7, 8] });
  assert.deepEqual([reads, version], [3, undefined]);
});
