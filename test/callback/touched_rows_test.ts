import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../src/callback/event.ts";
import { touchedRows } from "../../src/callback/touched_rows.ts";
import { cellEvent, rowEvent } from "../support/callbacks.ts";
import { fixture } from "../support/fixtures.ts";

test("touchedRows() folds the events of one edit", () => {
  assert.deepEqual(touchedRows(JSON.parse(fixture("two-rows-edited-2025")).events), [
    { rowId: 2862041824825220, columnIds: [2477271520333700], change: "updated" },
    { rowId: 6151780615131012, columnIds: [2477271520333700], change: "updated" },
  ]);
  assert.deepEqual(touchedRows(JSON.parse(fixture("row-created-cell-updated-2022")).events), [
    { rowId: 3987537850460036, columnIds: [2650235767940996], change: "created" },
  ]);
});

test("touchedRows() keeps each column once, and the last of created and deleted", () => {
  const events = [
    cellEvent(7, 1),
    cellEvent(7, 2),
    cellEvent(7, 1),
    rowEvent(7, { eventType: "created" }),
    rowEvent(7),
    rowEvent(8, { eventType: "created" }),
    rowEvent(8, { eventType: "deleted" }),
  ];
  assert.deepEqual(touchedRows(events as AnyEvent[]), [
    { rowId: 7, columnIds: [1, 2], change: "created" },
    { rowId: 8, columnIds: [], change: "deleted" },
  ]);
});

test("touchedRows() isn't misled by what names no row", () => {
  const events = [
    rowEvent(1, { objectType: "sheet" }),
    rowEvent(2, { objectType: "comment" }),
    rowEvent(3, { objectType: "attachment" }),
    { objectType: "cell", eventType: "updated" },
    { objectType: "row", eventType: "updated", id: "9" },
    ...[0, -1, 1.5, 2 ** 53, NaN].map((id) => rowEvent(id)),
    {},
  ];
  assert.deepEqual(touchedRows(events as AnyEvent[]), []);
});
