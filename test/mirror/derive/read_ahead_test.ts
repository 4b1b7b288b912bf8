import assert from "node:assert/strict";
import { test } from "node:test";
import { createReadAheads } from "../../../src/mirror/derive/read_ahead.ts";
import { row } from "../sample.ts";

const known = (json: string) => ({ id: 1, json, readFor: 0 });

test("a row that was read ahead is that of a callback that was there when it was read, unless it was written since", () => {
  const ahead = createReadAheads()(5);
  const read = { row: row(1), readFor: 7, readAt: 100 };
  ahead.add(read, known("before"));
  for (const callback of [6, 7]) assert.equal(ahead.find(1, callback, known("before"), 100)?.row, read.row);
  assert.equal(ahead.find(1, 8, known("before"), 100), undefined);
  assert.equal(ahead.find(1, 7, known("written"), 100), undefined);
  assert.equal(ahead.find(1, 7, undefined, 100), undefined);
  assert.equal(ahead.find(2, 7, known("before"), 100), undefined);
});

test("a row that the mirror lacks, as when it was read ahead, may have come and gone there if something was read since", () => {
  const ahead = createReadAheads()(5);
  ahead.add({ row: row(1), readFor: 7, readAt: 100 }, undefined);
  ahead.add({ row: row(2), readFor: 7, readAt: 100 }, known("before"));
  assert.equal(ahead.find(1, 7, undefined, 100)?.row.id, 1);
  assert.equal(ahead.find(1, 7, undefined, 101), undefined);
  assert.equal(ahead.find(2, 7, known("before"), 101)?.row.id, 2);
});

test("what was read ahead is forgotten when it was used, or the callbacks that it was read for are over", () => {
  const ahead = createReadAheads()(5);
  for (const [id, readFor] of [[1, 7], [2, 8], [3, 9]] as const) {
    ahead.add({ row: row(id), readFor, readAt: 100 }, undefined);
  }
  ahead.delete([3]);
  ahead.expire(8);
  assert.deepEqual([1, 2, 3].map((id) => ahead.find(id, 0, undefined, 100)?.row.id), [undefined, 2, undefined]);
});

test("memory holds what was read ahead for 50 lanes, those that were used last, and for none that has no row", () => {
  const aheads = createReadAheads();
  for (let lane = 1; lane <= 50; lane++) aheads(lane).add({ row: row(lane), readFor: 7, readAt: 100 }, undefined);
  const holds = (lane: number) => aheads(lane).find(lane, 7, undefined, 100) !== undefined;
  assert.equal(holds(1), true);
  aheads(51);
  assert.equal(holds(2), false);
  assert.equal(holds(1), true);
  const first = aheads(1);
  first.delete([1]);
  assert.notEqual(aheads(1), first);
});
