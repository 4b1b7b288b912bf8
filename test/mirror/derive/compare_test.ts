import assert from "node:assert/strict";
import { test } from "node:test";
import { compareRows, differenceOfEvents } from "../../../src/mirror/derive/compare.ts";
import { rowFromJson, rowToJson } from "../../../src/mirror/stored_row.ts";
import { choices, column, row, SHEET } from "../sample.ts";

const { columns } = SHEET;
const contacts = (...values: { email?: string; name?: string }[]) => ({
  value: values.map(({ name }) => name).join(", "),
  objectValue: { objectType: "MULTI_CONTACT", values: values.map((each) => ({ objectType: "CONTACT", ...each })) },
});

test("compareRows() names the changed columns with their values before and now, in the order of the sheet", () => {
  const before = row(5, { 1: "Rope", 2: "Open", 4: choices("a") });
  const after = row(5, { 1: "Rope", 2: "Approved", 3: "ada@example.com" });
  assert.deepEqual(compareRows(before, after, columns), {
    kind: "updated",
    columns: [
      { columnId: 2, title: "Status", from: "Open", to: "Approved" },
      { columnId: 3, title: "Owner", from: null, to: { email: "ada@example.com" } },
      { columnId: 4, title: "Tags", from: ["a"], to: null },
    ],
  });
});

test("compareRows() takes a row that appears or goes for one that was empty, or is now", () => {
  const known = row(5, { 2: "Open" });
  assert.deepEqual(compareRows(undefined, known, columns), {
    kind: "created",
    columns: [{ columnId: 2, title: "Status", from: null, to: "Open" }],
  });
  assert.deepEqual(compareRows(known, undefined, columns), {
    kind: "deleted",
    columns: [{ columnId: 2, title: "Status", from: "Open", to: null }],
  });
  assert.deepEqual(compareRows(undefined, row(5), columns), { kind: "created", columns: [] });
  assert.deepEqual(compareRows(row(5), undefined, columns), { kind: "deleted", columns: [] });
  assert.equal(compareRows(undefined, undefined, columns), undefined);
});

test("compareRows() leaves out columns, and a row in which nothing else changed", () => {
  const [before, after] = [row(5, { 1: "Rope", 2: "Open" }), row(5, { 1: "Cord", 2: "Approved" })];
  const left = compareRows(before, after, columns, new Set([2]));
  assert.deepEqual(left?.columns.map(({ title }) => title), ["Item"]);
  assert.equal(compareRows(before, after, columns, new Set([1, 2])), undefined);
  assert.equal(compareRows(undefined, after, columns, new Set([1, 2]))?.kind, "created");
});

test("compareRows() looks at values, not at formats, formulas, links or places", () => {
  const pairs: [unknown, unknown][] = [
    [{ value: 5, displayValue: "5" }, { value: 5, displayValue: "$5.00" }],
    [{ value: 5, formula: "=2 + 3" }, { value: 5, formula: "=1 + 4" }],
    [{ value: 5, formula: "=2 + 3" }, 5],
    [{ value: "Docs", hyperlink: { url: "https://a.example" } }, {
      value: "Docs",
      hyperlink: { url: "https://b.example" },
    }],
    [{ value: "", formula: '=""' }, ""],
  ];
  for (const [from, to] of pairs) {
    assert.equal(compareRows(row(5, { 1: from }), row(5, { 1: to }), columns), undefined, JSON.stringify([from, to]));
  }
  assert.equal(
    compareRows(row(5, { 1: "a" }), { ...row(5, { 1: "a" }), rowNumber: 9, parentId: 3 }, columns),
    undefined,
  );
  for (const [from, to] of [[5, "5"], [0, null], [false, null], ["a", "A"], ["a", "a "], [true, false]]) {
    assert.equal(
      compareRows(row(5, { 1: from }), row(5, { 1: to }), columns)?.kind,
      "updated",
      JSON.stringify([from, to]),
    );
  }
});

test("compareRows() takes who wrote a row last, and when, for no difference by themselves", () => {
  const [at, by] = ["MODIFIED_DATE", "MODIFIED_BY"].map((systemColumnType, n) =>
    column(6 + n, systemColumnType, n ? "CONTACT_LIST" : "ABSTRACT_DATETIME", { systemColumnType })
  );
  const all = [...columns, at!, by!];
  const before = row(5, { 1: "Rope", 6: "2026-11-22T07:40:32Z", 7: "ann@example.com" }, all);
  const after = (item: string) => row(5, { 1: item, 6: "2026-11-22T07:40:33Z", 7: "bob@example.com" }, all);
  assert.equal(compareRows(before, after("Rope"), all), undefined);
  assert.deepEqual(compareRows(before, after("Cord"), all)?.columns.map(({ columnId }) => columnId), [1, 6, 7]);
  assert.deepEqual(compareRows(undefined, after("Rope"), all)?.columns.map(({ columnId }) => columnId), [1, 6, 7]);
});

test("compareRows() compares contacts by e-mail address and name, lists by content", () => {
  const ada = { email: "ada@example.com", name: "Ada" };
  const [bob, drivers] = [{ email: "bob@example.com", name: "Bob" }, { name: "Drivers" }];
  const same: [unknown, unknown][] = [
    [contacts(ada, bob), contacts(bob, ada)],
    [contacts(ada, drivers), contacts(drivers, ada)],
    [contacts(ada), contacts({ email: "Ada@example.com", name: "Ada" })],
    [contacts({ email: ada.email }), contacts(ada)],
  ];
  for (const [from, to] of same) {
    assert.equal(compareRows(row(5, { 5: from }), row(5, { 5: to }), columns), undefined, JSON.stringify([from, to]));
  }
  const others: [unknown, unknown][] = [
    [contacts(ada), contacts(bob)],
    [contacts(ada), contacts(ada, bob)],
    [contacts(ada, ada), contacts(ada, bob)],
    [contacts(ada), contacts({ ...ada, name: "Ada Lovelace" })],
    [contacts(ada), contacts({ name: "ada@example.org" })],
  ];
  for (const [from, to] of others) {
    assert.equal(
      compareRows(row(5, { 5: from }), row(5, { 5: to }), columns)?.kind,
      "updated",
      JSON.stringify([from, to]),
    );
  }
  const tags = (...values: string[]) => row(5, { 4: choices(...values) });
  assert.equal(compareRows(tags("a", "b"), tags("b", "a"), columns), undefined);
  assert.equal(compareRows(tags("a, b"), tags("a", "b"), columns)?.kind, "updated");
});

test("compareRows() knows predecessors by their row, not by its number", () => {
  const columns = [column(1, "After", "PREDECESSOR")];
  const after = (value: string, ...predecessors: unknown[]) =>
    row(5, { 1: { value, objectValue: { objectType: "PREDECESSOR_LIST", predecessors } } }, columns);
  const lag = { objectType: "DURATION", days: 1 };
  const before = after("2FS +1d", { rowId: 8, rowNumber: 2, type: "FS", lag });
  assert.equal(compareRows(before, after("3FS +1d", { rowId: 8, rowNumber: 3, type: "FS", lag }), columns), undefined);
  assert.equal(
    compareRows(before, after("2FS +1d", { rowId: 9, rowNumber: 2, type: "FS", lag }), columns)?.kind,
    "updated",
  );
  assert.equal(compareRows(before, after("2FS", { rowId: 8, rowNumber: 2, type: "FS" }), columns)?.kind, "updated");
});

test("compareRows() sees through JSON: a row that was kept differs in nothing", () => {
  const wide = Array.from({ length: 400 }, (_, index) => column(index + 1, `Column ${index + 1}`, "MULTI_PICKLIST"));
  const before = row(5, Object.fromEntries(wide.map(({ id }) => [id, choices("a", `${id}`)])), wide);
  assert.equal(before.cells.size, 400);
  assert.equal(compareRows(rowFromJson(rowToJson(before)), before, wide), undefined);
});

test("differenceOfEvents() has the columns that events name, without values before", () => {
  const after = row(5, { 1: "Rope", 2: "Open" });
  assert.deepEqual(differenceOfEvents("updated", [2, 99], after, columns), {
    kind: "updated",
    columns: [{ columnId: 2, title: "Status", from: undefined, to: "Open" }],
  });
  assert.deepEqual(differenceOfEvents("created", [2], after, columns).columns[0]?.from, null);
  assert.deepEqual(differenceOfEvents("deleted", [], undefined, columns), { kind: "deleted", columns: [] });
});
