import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { EXACT } from "../../../src/mirror/derive/next_state.ts";
import { findDifferent, sinceWithMargin } from "../../../src/mirror/reconcile/find_different.ts";
import type { PartWriter } from "../../../src/mirror/reconcile/part_writer.ts";
import type { Sweep } from "../../../src/mirror/reconcile/sweep.ts";
import { rowToJson, type StoredRow } from "../../../src/mirror/stored_row.ts";
import { row, SHEET } from "../sample.ts";

const OLD = "2026-01-01T00:00:00Z";
const SINCE = "2026-02-01T00:00:00Z";

const dated = (id: number, modifiedAt: string | undefined, item = "Rope"): StoredRow => ({
  ...row(id, item ? { 1: item } : {}),
  ...(modifiedAt && { modifiedAt }),
});

/** Compares a mirror with these rows with a sweep that has those. */
async function compare(
  { known, now, left = [], readFor = 0, answeredAt }: {
    readonly known: readonly StoredRow[];
    readonly now: readonly StoredRow[];
    readonly left?: readonly number[];
    readonly readFor?: number;
    readonly answeredAt?: string;
  },
) {
  const { mirror } = memoryInbox();
  const sheet = { id: SHEET.id, info: "{}", version: 1, readAt: 0, isWhole: true, reconciled: null };
  const rows = known.map((row) => ({ id: row.id, json: rowToJson(row), readFor }));
  await mirror.write({ sheet, revision: undefined, rows, deleted: [] });
  const moved: StoredRow[] = [];
  const writer = { move: (rows: readonly StoredRow[]) => Promise.resolve(void moved.push(...rows)) };
  const sweep: Sweep = {
    ...{ sheet: SHEET, version: 2, answeredAt, isTorn: false, rowCount: now.length },
    rows: new Map(now.map((row) => [row.id, row])),
  };
  const { toRead, ...found } = await findDifferent(
    { mirror, sheetId: SHEET.id, sweep, left: new Set(left), since: SINCE },
    writer as unknown as PartWriter,
  );
  return { toRead: [...toRead], ...found, moved };
}

const NOTHING = { toRead: [], missing: [], isDated: true, hasLeft: false, moved: [] };

test("findDifferent() reads no row that is as it was, on however many pages", async () => {
  const rows = Array.from({ length: 450 }, (_, index) => dated(index + 1, OLD));
  assert.deepEqual(await compare({ known: rows, now: rows }), NOTHING);
});

test("findDifferent() reads rows that are new, that changed at another time, lately, or lost what names them", async () => {
  const known = [dated(1, OLD), dated(2, "2026-01-31T23:59:59Z"), dated(3, OLD)];
  const now = [dated(1, "2025-12-31T00:00:00Z"), dated(2, "2026-01-31T23:59:59Z"), dated(3, OLD, ""), dated(4, OLD)];
  assert.deepEqual((await compare({ known, now })).toRead, [1, 2, 3, 4]);
});

test("findDifferent() tells which rows are gone, but for those that are told of later, or are new", async () => {
  const known = [dated(1, OLD), dated(2, OLD)];
  assert.deepEqual(await compare({ known, now: [] }), { ...NOTHING, missing: [1, 2] });
  assert.deepEqual(await compare({ known, now: [], left: [2] }), { ...NOTHING, missing: [1], hasLeft: true });
  const added = [{ ...dated(5, SINCE), createdAt: SINCE }];
  const soon = "2026-02-01T00:00:19Z";
  const late = "2026-02-01T00:00:20Z";
  assert.deepEqual(await compare({ known: added, now: [], readFor: EXACT, answeredAt: soon }), {
    ...NOTHING,
    hasLeft: true,
  });
  assert.deepEqual((await compare({ known: added, now: [], readFor: EXACT, answeredAt: late })).missing, [5]);
  assert.deepEqual((await compare({ known: added, now: [], answeredAt: soon })).missing, [5]);
});

test("findDifferent() leaves rows to the callbacks that wait, and says so", async () => {
  const known = [dated(1, OLD)];
  const now = [dated(1, SINCE)];
  assert.deepEqual(await compare({ known, now, left: [1] }), { ...NOTHING, hasLeft: true });
});

test("findDifferent() knows a sweep that tells no times, and stores rows that only moved", async () => {
  const [known] = [dated(1, undefined)];
  const { isDated } = await compare({ known: [known!], now: [known!] });
  assert.equal(isDated, false);
  const before = dated(1, OLD);
  const after = { ...before, rowNumber: 7 };
  assert.deepEqual(await compare({ known: [before], now: [after] }), { ...NOTHING, moved: [after] });
});

test("sinceWithMargin() is 5 s earlier, in whole seconds", () => {
  assert.equal(sinceWithMargin("2026-01-01T00:00:10.500Z"), "2026-01-01T00:00:05Z");
  assert.deepEqual([sinceWithMargin(undefined), sinceWithMargin("no time")], [undefined, undefined]);
});
