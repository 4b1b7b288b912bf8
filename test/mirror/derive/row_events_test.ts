import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../../src/callback/event.ts";
import { rowEvents } from "../../../src/mirror/derive/row_events.ts";

const event = (attributes: Record<string, unknown>) => ({ userId: 7, ...attributes }) as AnyEvent;
const row = (eventType: string, id: number, attributes = {}) =>
  event({ objectType: "row", eventType, id, ...attributes });
const cell = (rowId: number, columnId: number, attributes = {}) =>
  event({ objectType: "cell", eventType: "updated", rowId, columnId, ...attributes });
const OURS = { changeAgent: "ours" };
const isOwn = ({ changeAgent }: AnyEvent) => changeAgent === "ours";

test("rowEvents() keeps apart what we did to a row and what others did", () => {
  const events = [row("created", 1, OURS), cell(1, 10, OURS), row("updated", 1), cell(1, 11)];
  assert.deepEqual(rowEvents(events, isOwn), [{
    rowId: 1,
    events: [2, 3],
    columnIds: new Set([11]),
    ownColumnIds: new Set([10]),
    isNew: true,
    kind: "updated",
    ownKind: "created",
    userId: 7,
    writerId: 7,
    writtenAt: NaN,
  }]);
});

test("rowEvents() keeps who changed a row, if one of its events says so", () => {
  const [told] = rowEvents([row("updated", 1), cell(1, 10, { userId: undefined })], isOwn);
  assert.equal(told!.userId, 7);
});

test("rowEvents() keeps who wrote last, also if it was we", () => {
  const [told] = rowEvents([cell(1, 10), cell(1, 11, { ...OURS, userId: 9 })], isOwn);
  assert.deepEqual([told!.userId, told!.writerId], [7, 9]);
});

test("rowEvents() keeps when a row was written last, as far as its events tell", () => {
  const [at, later] = ["2026-11-22T07:40:32.000+0000", "2026-11-22T07:40:33Z"].map((timestamp) => ({ timestamp }));
  const [told] = rowEvents([cell(1, 10, later), cell(1, 11, { ...OURS, ...at }), row("updated", 1)], isOwn);
  assert.equal(told!.writtenAt, Date.parse("2026-11-22T07:40:33Z"));
});

test("rowEvents() keeps the rows in the order of their first events, and leaves out what is about no row", () => {
  const sheet = event({ objectType: "sheet", eventType: "updated", id: 5 });
  const told = rowEvents([sheet, cell(2, 10), row("deleted", 1), cell(2, 11)], isOwn);
  assert.deepEqual(told.map(({ rowId, events, kind }) => [rowId, events, kind]), [[2, [1, 3], "updated"], [1, [
    2,
  ], "deleted"]]);
});
