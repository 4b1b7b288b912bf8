import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventCallback } from "../../../src/callback/callback.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import { createReconcileSource } from "../../../src/mirror/reconcile/reconcile_source.ts";
import { rowToJson } from "../../../src/mirror/stored_row.ts";
import { acceptedCallback, createLog } from "../../support/callbacks.ts";
import { row, SHEET } from "../sample.ts";

const BEFORE = "2026-01-01T00:00:00.000Z";
const NOW = "2026-02-01T00:00:00.000Z";
const { id: sheetId, columns } = SHEET;
const signal = new AbortController().signal;

/** Compares a sheet, which has rows 1 and 2 in version 5, with a mirror that has `mirrored` rows and was compared with version 5. */
async function compare(
  { mirrored = 2, sweeps = [[5, 5]], losesAnswers = false }: {
    readonly mirrored?: number;
    /** The versions of the pages of each sweep. */
    readonly sweeps?: readonly (readonly number[])[];
    readonly losesAnswers?: boolean;
  },
) {
  const inbox = memoryInbox();
  const { mirror } = inbox;
  const answered = [1, 2].map((id) => ({
    id,
    rowNumber: id,
    modifiedAt: BEFORE,
    cells: [{ columnId: 1, value: `row ${id}` }],
  }));
  const stored = answered.slice(0, mirrored).map(({ id }) => ({ ...row(id, { 1: `row ${id}` }), modifiedAt: BEFORE }));
  await mirror.write({
    sheet: {
      ...{ id: sheetId, info: JSON.stringify({ name: SHEET.name, columns }), version: 5, readAt: 0, isWhole: true },
      reconciled: JSON.stringify({ version: 5, rowCount: 2, since: BEFORE, at: 0 }),
    },
    revision: undefined,
    rows: stored.map((row) => ({ id: row.id, json: rowToJson(row), readFor: 0 })),
    deleted: [],
  });
  await inbox.put(acceptedCallback({ scopeObjectId: sheetId }));
  const [lease] = await inbox.lease(1, 60_000);
  const work = (await inbox.take(lease!))!;
  let swept = 0;
  let probed = 0;
  const sheet = { id: sheetId, name: SHEET.name, columns: [...columns], totalRowCount: 2, answeredAt: NOW };
  const api = {
    sheets: {
      get: (_id: number, { rowIds }: { rowIds?: readonly number[] }) => {
        if (!rowIds) probed++;
        const rows = rowIds ? answered.filter(({ id }) => rowIds.includes(id)) : [];
        return Promise.resolve({ ...sheet, version: sweeps[0]![0]!, rows });
      },
      async *pages() {
        const versions = sweeps[swept++]!;
        for (const [index, version] of versions.entries()) yield { ...sheet, version, rows: [answered[index]!] };
      },
    },
  } as unknown as ChangesApi;
  if (losesAnswers) {
    const { derive } = mirror;
    const lossy: typeof derive = async (...given) => {
      await derive(...given);
      return undefined;
    };
    Object.assign(mirror, { derive: lossy });
  }
  const callback = { scopeObjectId: sheetId, events: [] } as unknown as EventCallback;
  const parts = { api, mirror, logger: createLog(), now: () => 1000 };
  await createReconcileSource(parts, callback, { reason: "manual", since: undefined }, { lease: lease!, work }).derive(
    signal,
  );
  const { reconciled, rowCount } = (await mirror.sheet(sheetId))!;
  return { probed, swept, rowCount, ...JSON.parse(reconciled!) };
}

test("a sheet is swept if its version, its number of rows or that of the mirror is another", async () => {
  assert.equal((await compare({})).swept, 0);
  const { swept, rowCount, found } = await compare({ mirrored: 1 });
  assert.deepEqual([swept, rowCount, found.created], [1, 2, 1]);
});

test("a sweep of a sheet that changes meanwhile is repeated, and what is torn at last moves no time on", async () => {
  const repeated = await compare({ sweeps: [[6, 7], [7, 7]] });
  assert.deepEqual([repeated.swept, repeated.since], [2, NOW]);
  const torn = await compare({ sweeps: [[6, 7], [7, 8], [8, 9]] });
  assert.deepEqual([torn.swept, torn.since, torn.version], [3, BEFORE, undefined]);
});

test("what was stored, though the answer to it was lost, isn't compared again", async () => {
  assert.equal((await compare({ losesAnswers: true })).probed, 1);
});
