import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import { sweepSheet } from "../../../src/mirror/reconcile/sweep.ts";
import { SHEET } from "../sample.ts";

interface Page {
  readonly version: number;
  readonly ids: readonly number[];
  readonly total: number;
}

/** Sweeps a sheet with these pages. */
async function sweep(probed: number, ...pages: Page[]) {
  async function* read() {
    for (const [index, { version, ids, total }] of pages.entries()) {
      const rows = ids.map((id) => ({ id, rowNumber: id, cells: [] }));
      yield { id: SHEET.id, version, totalRowCount: total, rows, answeredAt: `2026-01-01T00:00:0${index}Z` };
    }
  }
  const api = { sheets: { pages: read } } as unknown as ChangesApi;
  const probe = { sheet: SHEET, version: probed, answeredAt: undefined, rowCount: undefined };
  const { version, rows, isTorn, answeredAt } = await sweepSheet(api, probe, new AbortController().signal);
  return { version, ids: [...rows.keys()], isTorn, answeredAt };
}

const whole = { version: 5, ids: [1, 2, 3], isTorn: false, answeredAt: "2026-01-01T00:00:00Z" };

test("a sweep is whole if its pages have one version, and as many rows as they say", async () => {
  assert.deepEqual(await sweep(5, { version: 5, ids: [1, 2], total: 3 }, { version: 5, ids: [3], total: 3 }), whole);
  const few = await sweep(5, { version: 5, ids: [1, 2], total: 3 }, { version: 5, ids: [2], total: 3 });
  assert.deepEqual([few.ids, few.isTorn], [[1, 2], true]);
  const moved = await sweep(5, { version: 5, ids: [1, 2], total: 3 }, { version: 6, ids: [3], total: 3 });
  assert.deepEqual([moved.version, moved.isTorn], [5, true]);
});

test("a sweep has the version of the columns that it knows, which are those of the probe", async () => {
  assert.equal((await sweep(4, { version: 5, ids: [1], total: 1 })).version, 4);
  assert.equal((await sweep(6, { version: 5, ids: [1], total: 1 })).version, 5);
});
