import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventCallback } from "../../../src/callback/callback.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import { createReconcileSource } from "../../../src/mirror/reconcile/reconcile_source.ts";
import { rowToJson } from "../../../src/mirror/stored_row.ts";
import { acceptedCallback, callbackBody, createLog, rowEvent } from "../../support/callbacks.ts";
import { row, SHEET } from "../sample.ts";

const BEFORE = "2026-01-01T00:00:00.000Z";
const NOW = "2026-02-01T00:00:00.000Z";
const { id: sheetId, columns } = SHEET;
const signal = new AbortController().signal;

/** Compares a sheet, which has rows 1 and 2 in version 5, with a mirror that has `mirrored` rows and was compared with version 5. */
async function compare(
  { mirrored = 2, sweeps = [[5, 5]], losesAnswers = false, isWhole = true, waitsFor, failure }: {
    readonly mirrored?: number;
    /** False for a first read that was killed. */
    readonly isWhole?: boolean;
    /** A row that a callback behind this one tells of. */
    readonly waitsFor?: number;
    /** What the API answers to everything. */
    readonly failure?: Error;
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
      ...{ id: sheetId, info: JSON.stringify({ name: SHEET.name, columns }), version: 5, readAt: 0, isWhole },
      reconciled: JSON.stringify({ version: 5, rowCount: 2, since: BEFORE, at: 0 }),
    },
    revision: undefined,
    rows: stored.map((row) => ({ id: row.id, json: rowToJson(row), readFor: 0 })),
    deleted: [],
  });
  await inbox.put(acceptedCallback({ scopeObjectId: sheetId }));
  const [lease] = await inbox.lease(1, 60_000);
  const work = (await inbox.take(lease!))!;
  if (waitsFor) {
    const told = { scopeObjectId: sheetId, events: [rowEvent(waitsFor)] };
    await inbox.put(acceptedCallback({ nonce: "next", timestamp: "next" }, callbackBody(told)));
  }
  let swept = 0;
  let probed = 0;
  let scanned = 0;
  const sheet = { id: sheetId, name: SHEET.name, columns: [...columns], totalRowCount: 2, answeredAt: NOW };
  const api = {
    sheets: {
      get: (_id: number, { rowIds }: { rowIds?: readonly number[] }) => {
        if (!rowIds) probed++;
        if (failure) return Promise.reject(failure);
        const rows = rowIds ? answered.filter(({ id }) => rowIds.includes(id)) : [];
        return Promise.resolve({ ...sheet, version: sweeps[0]![0]!, rows });
      },
      async scan(_id: number, _query: unknown, onRows: (rows: unknown, sheet: unknown) => Promise<void>) {
        scanned++;
        await onRows(answered, { ...sheet, version: 5 });
        return { ...sheet, version: 5 };
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
  const source = createReconcileSource(parts, callback, { reason: "manual", since: undefined }, {
    lease: lease!,
    work,
  });
  const error = await source.derive(signal).catch((error) => error);
  const { reconciled, rowCount: kept } = (await mirror.sheet(sheetId))!;
  return { probed, swept, scanned, kept, error, ...JSON.parse(reconciled!) };
}

test("a sheet is swept if its version, its number of rows or that of the mirror is another", async () => {
  assert.equal((await compare({})).swept, 0);
  const { swept, kept, found } = await compare({ mirrored: 1 });
  assert.deepEqual([swept, kept, found.created], [1, 2, 1]);
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

test("what fails is told at once", async () => {
  const failure = new Error("503");
  const { error, probed } = await compare({ failure });
  assert.deepEqual([error, probed], [failure, 1]);
});

test("a sheet whose first read was killed is read as if it were the first time", async () => {
  const { scanned, probed, kept, found } = await compare({ isWhole: false, mirrored: 1 });
  assert.deepEqual([scanned, probed, kept, found], [1, 0, 2, undefined]);
});

test("a row that a callback in the lane tells of is left to it, and the next comparison looks again", async () => {
  const { swept, kept, found, version } = await compare({ mirrored: 1, waitsFor: 2 });
  assert.deepEqual([swept, kept, found.created, version], [1, 1, 0, undefined]);
});
