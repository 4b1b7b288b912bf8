// Types: what is wrong here is found by the type check, not by running it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../src/callback/event.ts";
import { type Change, createChange } from "../../src/mirror/change.ts";
import { compareRows, differenceOfEvents } from "../../src/mirror/derive/compare.ts";
import type { Row } from "../../src/mirror/row.ts";
import { changeFromJson, changeToJson, storeChange, type StoredChange } from "../../src/mirror/derive/stored_change.ts";
import type { StoredRow } from "../../src/mirror/stored_row.ts";
import { choices, row, SHEET } from "./sample.ts";

const events = ["sheet", "row", "cell"].map((objectType): AnyEvent => ({
  objectType,
  eventType: "updated",
  timestamp: "2026-11-22T07:40:32Z",
}));

function derive(before: StoredRow | undefined, after: StoredRow | undefined, more: Partial<StoredChange> = {}) {
  const difference = compareRows(before, after, SHEET.columns)!;
  return storeChange(difference, {
    rowId: 5,
    before,
    after,
    by: undefined,
    source: "callback",
    events: [1, 2],
    ...more,
  });
}
const kept = (stored: StoredChange) => createChange(changeFromJson(changeToJson(stored)), SHEET, events);

test("createChange() makes the same change of one that was kept as JSON", () => {
  const before = row(5, { 1: "Rope", 2: "Open", 4: choices("a") });
  const after = row(5, { 1: "Rope", 2: "Approved", 4: choices("a", "b") });
  const by = { userId: 9, email: "ada@example.com" };
  const change = kept(derive(before, after, { by }));
  assert.deepEqual(change, createChange(derive(before, after, { by }), SHEET, events));
  assert.equal(change.kind, "updated");
  assert.equal(change.sheet.name, "Orders");
  assert.equal(change.row.cells.Status, "Approved");
  assert.equal(change.row.cell(2).value, "Approved");
  assert.equal(change.before?.cells.Status, "Open");
  assert.deepEqual(change.columns, compareRows(before, after, SHEET.columns)?.columns);
  assert.deepEqual(change.by, by);
  assert.equal(change.source, "callback");
  assert.deepEqual(change.events, [events[1], events[2]]);
});

test("createChange() has no row before for a created one, and the last known one for a deleted one", () => {
  const known = row(5, { 1: "Rope" });
  const created = kept(derive(undefined, known));
  assert.equal(created.before, undefined);
  assert.deepEqual(created.columns, [{ columnId: 1, title: "Item", from: null, to: "Rope" }]);
  const deleted = kept(derive(known, undefined, { source: "reconcile", events: [] }));
  assert.equal(deleted.row.cells.Item, "Rope");
  assert.equal(deleted.before?.cells.Item, "Rope");
  assert.deepEqual(deleted.columns, [{ columnId: 1, title: "Item", from: "Rope", to: null }]);
  assert.deepEqual(deleted.events, []);
});

test("createChange() says of a row that was never seen what is known", () => {
  const after = row(5, { 2: "Open" });
  const rest = { rowId: 5, before: undefined, by: undefined, source: "callback", events: [2] } as const;
  const updated = kept(storeChange(differenceOfEvents("updated", [2], after, SHEET.columns), { ...rest, after }));
  assert.equal(updated.before, undefined);
  assert.deepEqual(updated.columns, [{ columnId: 2, title: "Status", from: undefined, to: "Open" }]);
  const difference = differenceOfEvents("deleted", [], undefined, SHEET.columns);
  const deleted = kept(storeChange(difference, { ...rest, after: undefined }));
  assert.equal(deleted.before, undefined);
  assert.equal(deleted.row.id, 5);
  assert.equal(deleted.row.cells.Status, null);
});

test("Change narrows by its kind", () => {
  type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
  const isTrue = <T extends true>(value?: T) => value;
  const change = kept(derive(undefined, row(5))) as Change<{ Item: string }>;
  isTrue<Equal<typeof change.before, Row | undefined>>();
  isTrue<Equal<typeof change.row.cells.Item, string>>();
  if (change.kind === "created") isTrue<Equal<typeof change.before, undefined>>();
  if (change.kind === "deleted") isTrue<Equal<typeof change.before, Row>>();
  isTrue<Equal<Change<{ a: 1 }, "deleted">["row"], Row<{ a: 1 }>>>();
  assert.equal(change.kind, "created");
});
