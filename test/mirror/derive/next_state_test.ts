import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type OwnChanges,
  ownColumns,
  stateOfChange,
  stateOfOwnChanges,
  writtenRow,
} from "../../../src/mirror/derive/next_state.ts";
import type { StoredRow } from "../../../src/mirror/stored_row.ts";
import { column, row, SHEET } from "../sample.ts";

const [ITEM, STATUS, OWNER] = [1, 2, 3];
const { columns } = SHEET;
const ours = (columnIds: number[], kind: OwnChanges["kind"] = "updated"): OwnChanges => ({
  kind,
  columnIds: new Set(columnIds),
});
const marked = (stored: StoredRow, ...written: number[]): StoredRow => ({ ...stored, written });
const formula = (value: number) => ({ value, formula: "=COUNT(CHILDREN())" });

test("behind a change of others, what we have written stays marked until its own event comes", () => {
  const before = marked(row(5, { [ITEM]: "Rope" }), ITEM, STATUS);
  const after = row(5, { [ITEM]: "Saw" });
  assert.deepEqual(stateOfChange(before, after, ours([ITEM])), { row: marked(after, STATUS), isAll: true });
  assert.deepEqual(stateOfChange(before, after, ours([ITEM, STATUS])), { row: after, isAll: true });
  assert.deepEqual(stateOfChange(before, undefined, ours([])), { row: undefined, isAll: true });
});

test("a row that is gone is known to be gone only if we have deleted it", () => {
  const before = row(5, { [ITEM]: "Rope" });
  assert.deepEqual(stateOfOwnChanges(before, undefined, ours([], "deleted"), columns), { row: undefined, isAll: true });
  assert.deepEqual(stateOfOwnChanges(before, undefined, ours([ITEM]), columns), { row: before, isAll: false });
});

test("a row that wasn't known becomes known by what we did only if we have created it", () => {
  const after = row(5, { [ITEM]: "Rope", [STATUS]: "Open" });
  assert.deepEqual(stateOfOwnChanges(undefined, after, ours([ITEM]), columns), { row: undefined, isAll: false });
  assert.deepEqual(stateOfOwnChanges(undefined, after, ours([], "created"), columns), { row: after, isAll: true });
  assert.deepEqual(stateOfOwnChanges(undefined, after, ours([ITEM, STATUS], "created"), columns), {
    row: after,
    isAll: true,
  });
  assert.deepEqual(stateOfOwnChanges(undefined, after, ours([ITEM], "created"), columns), {
    row: row(5, { [ITEM]: "Rope" }),
    isAll: false,
  });
});

test("what others have done beside us doesn't slip into the state behind our own changes", () => {
  const before = marked(row(5, { [ITEM]: "Rope", [STATUS]: "Open" }), STATUS, OWNER);
  const after = row(5, { [ITEM]: "Saw", [STATUS]: "Approved" });
  assert.deepEqual(stateOfOwnChanges(before, after, ours([ITEM]), columns), {
    row: marked(row(5, { [ITEM]: "Saw", [STATUS]: "Open" }), STATUS, OWNER),
    isAll: false,
  });
});

test("results of formulas and what Smartsheet fills in come along with our own changes", () => {
  const more = [
    ...columns,
    column(6, "Count"),
    column(7, "Modified", "ABSTRACT_DATETIME", {
      systemColumnType: "MODIFIED_DATE",
    }),
  ];
  const before = row(5, { [ITEM]: "Rope", 6: formula(1), 7: "2026-01-01T00:00:00Z" }, more);
  const after = row(5, { [ITEM]: "Saw", 6: formula(2), 7: "2026-01-02T00:00:00Z" }, more);
  assert.deepEqual(stateOfOwnChanges(before, after, ours([ITEM]), more), { row: after, isAll: true });
  const edited = row(5, { [ITEM]: "Saw", 6: { value: 2, formula: "=1+1" }, 7: "2026-01-02T00:00:00Z" }, more);
  assert.equal(stateOfOwnChanges(before, edited, ours([ITEM]), more).isAll, false);
});

test("a column that we have written differs because of others, unless it is the result of its formula", () => {
  const before = marked(row(5, { [ITEM]: "Rope", [STATUS]: formula(1) }), ITEM, STATUS);
  const after = row(5, { [ITEM]: "Saw", [STATUS]: formula(2), [OWNER]: "ann@example.com" });
  assert.deepEqual([...ownColumns(before, after, [ITEM, STATUS, OWNER])], [STATUS, OWNER]);
});

test("a write marks the columns that it has changed, beside those that are marked already", () => {
  const known = marked(row(5, { [ITEM]: "Rope", [OWNER]: "ann@example.com" }), ITEM);
  const answered = row(5, { [ITEM]: "Rope", [STATUS]: "Open", [OWNER]: "ann@example.com" });
  assert.deepEqual(writtenRow(known, answered, [STATUS, OWNER]), marked(answered, ITEM, STATUS));
  assert.deepEqual(writtenRow(row(5, { [ITEM]: "Rope" }), answered, [ITEM]), row(5, { [ITEM]: "Rope" }));
});
