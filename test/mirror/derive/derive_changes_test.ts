// Callbacks that mix what others did to a row with what we did.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyEvent } from "../../../src/callback/event.ts";
import { deriveRows, type RowStates } from "../../../src/mirror/derive/derive_changes.ts";
import { row, SHEET } from "../sample.ts";

const [US, THEM] = [1, 2];
const timestamp = "2026-11-22T07:40:32Z";
const ofRow = (eventType: string, userId: number): AnyEvent => ({
  ...{ objectType: "row", eventType, id: 5, userId, timestamp },
});
const ofCell = (eventType: string, columnId: number, userId: number): AnyEvent => ({
  ...{ objectType: "cell", eventType, rowId: 5, columnId, userId, timestamp },
});

function derive(events: readonly AnyEvent[], states: Partial<RowStates>) {
  const all = new Map([[5, { before: undefined, after: undefined, isSettled: true, ...states }]]);
  return deriveRows(events, all, SHEET.columns, ({ userId }) => userId === US)[0]!;
}

test("a row that we created and others edited is updated, not created, and only their columns count", () => {
  const events = [ofRow("created", US), ofCell("created", 1, US), ofRow("updated", THEM), ofCell("created", 2, THEM)];
  const { change, next } = derive(events, { after: row(5, { 1: "Rope", 2: "Open" }) });
  assert.deepEqual([change?.kind, change?.before, change?.columnIds], ["updated", undefined, [2]]);
  assert.equal(next.row?.cells.get(1)?.value, "Rope");
});

test("a row that others edited and we deleted is told to nobody, and leaves the mirror", () => {
  const events = [ofRow("updated", THEM), ofCell("updated", 1, THEM), ofRow("deleted", US)];
  for (const isSettled of [true, false]) {
    const { change, next } = derive(events, { before: row(5, { 1: "Rope" }), isSettled });
    assert.deepEqual([change, next], [undefined, { row: undefined, isAll: true }]);
  }
  assert.equal(derive(events.slice(0, 2), { before: row(5, { 1: "Rope" }) }).change?.kind, "deleted");
});

test("a row that came and went before anything is known of it is told to nobody, one that only went is", () => {
  const states = { before: undefined, after: undefined, isSettled: false };
  for (const by of [US, THEM]) {
    assert.equal(derive([ofRow("created", by), ofRow("deleted", THEM)], states).change, undefined);
  }
  assert.equal(derive([ofRow("deleted", THEM)], states).change?.kind, "deleted");
});

test("who did it isn't mixed up of the events of one and the name of another, who wrote later", () => {
  const after = { ...row(5, { 1: "Cord", 2: "Open" }), modifiedBy: { email: "ours@example.com", name: "Ours" } };
  const states = { before: row(5, { 1: "Rope" }), after };
  const theirs = [ofRow("updated", THEM), ofCell("updated", 1, THEM)];
  const ours = [ofRow("updated", US), ofCell("created", 2, US)];
  assert.deepEqual(derive([...theirs, ...ours], states).change?.by, { userId: THEM });
  const modifiedBy = { email: "ann@example.com", name: "Ann" };
  assert.deepEqual(derive([...ours, ...theirs], { ...states, after: { ...after, modifiedBy } }).change?.by, {
    userId: THEM,
    ...modifiedBy,
  });
});

test("a row that was read with its sheet is as it was, unless events tell of it what differs in nothing", () => {
  const events = [ofRow("updated", THEM), ofCell("updated", 1, THEM)];
  const states = { before: row(5, { 1: "Rope", 2: "Open" }), isSettled: false };
  const { change } = derive(events, { ...states, after: row(5, { 1: "Cord", 2: "Done" }) });
  assert.deepEqual([change?.before?.cells.get(1)?.value, change?.columnIds], ["Rope", [1, 2]]);
  const late = derive(events, { ...states, after: row(5, { 1: "Rope", 2: "Done" }) });
  assert.deepEqual([late.change?.before, late.change?.columnIds], [undefined, [1, 2]]);
});

test("what we have changed, and others in a callback that waits, isn't ours alone", () => {
  const states = { before: row(5, { 1: "Rope" }), after: row(5, { 1: "Rope", 2: "theirs" }) };
  const ours = [ofRow("updated", US), ofCell("created", 2, US)];
  const along = new Set([2]);
  assert.deepEqual(derive(ours, states).next, { row: states.after, isAll: true });
  assert.deepEqual(derive(ours, { ...states, along }).next, { row: states.before, isAll: false });
  const mixed = [...ours, ofRow("updated", THEM)];
  assert.equal(derive(mixed, states).change, undefined);
  assert.deepEqual(derive(mixed, { ...states, along }).change?.columnIds, [2]);
});

test("who did it hasn't the name of another one who has written the row since", () => {
  const modifiedBy = { email: "bob@example.com", name: "Bob" };
  const before = row(5, { 1: "Rope" });
  const at = (modifiedAt: string) => ({ ...row(5, { 1: "Cord", 2: "Open" }), modifiedBy, modifiedAt });
  const theirs = [ofRow("updated", THEM), ofCell("updated", 1, THEM)];
  const byOf = (states: Partial<RowStates>) => derive(theirs, states).change?.by;
  assert.deepEqual(byOf({ before, after: at("2026-11-22T07:40:35Z") }), { userId: THEM });
  assert.deepEqual(byOf({ before, after: at("2026-11-22T07:40:33Z") }), { userId: THEM, ...modifiedBy });
  // What we have written, and whose event hasn't come, may have been written in the same second.
  assert.deepEqual(byOf({ before: { ...before, written: [2] }, after: at(timestamp) }), { userId: THEM });
  assert.deepEqual(byOf({ before, after: at(timestamp) }), { userId: THEM, ...modifiedBy });
  const echoed = derive([ofCell("updated", 2, US), ...theirs], {
    before: { ...before, written: [2] },
    after: at(timestamp),
  });
  assert.deepEqual(echoed.change?.by, { userId: THEM, ...modifiedBy });
});

test("a row that a callback names before anything is known of it is a change, also if no cell is named", () => {
  const { change } = derive([ofRow("updated", THEM)], { after: row(5, { 1: "Rope" }), isSettled: false });
  assert.deepEqual([change?.kind, change?.before, change?.columnIds], ["updated", undefined, []]);
  const known = row(5, { 1: "Rope" });
  assert.equal(derive([ofRow("updated", THEM)], { before: known, after: known, isSettled: false }).change, undefined);
});
