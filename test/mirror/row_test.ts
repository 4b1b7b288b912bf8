import assert from "node:assert/strict";
import { test } from "node:test";
import { createRow, replaceCells } from "../../src/mirror/row.ts";
import { column, row, SHEET, storeRow } from "./sample.ts";

test("createRow() shows what is known of a row, with all its cells by title", () => {
  const stored = storeRow({
    id: 5,
    rowNumber: 2,
    parentId: 4,
    createdAt: "2026-11-20T07:40:32Z",
    modifiedAt: "2026-11-22T07:40:32Z",
    modifiedBy: { email: "ada@example.com", name: "Ada Lovelace" },
    cells: [{ columnId: 1, value: "Rope" }, { columnId: 3, value: "ada@example.com", displayValue: "Ada Lovelace" }],
  });
  assert.deepEqual(createRow(stored, SHEET), {
    id: 5,
    sheetId: 77,
    rowNumber: 2,
    parentId: 4,
    createdAt: "2026-11-20T07:40:32Z",
    modifiedAt: "2026-11-22T07:40:32Z",
    modifiedBy: { email: "ada@example.com", name: "Ada Lovelace" },
    cells: {
      Item: "Rope",
      Status: null,
      Owner: { email: "ada@example.com", name: "Ada Lovelace" },
      Tags: null,
      Team: null,
    },
  });
});

test("createRow() shows one cell by the id of its column: value, display value, formula, link", () => {
  const hyperlink = { url: "https://example.com" };
  const { cell } = createRow(
    row(5, { 1: { value: 1234.5, displayValue: "$1,234.50", formula: "=A1", hyperlink }, 2: "Open" }),
    SHEET,
  );
  assert.deepEqual(cell(1), { value: 1234.5, displayValue: "$1,234.50", formula: "=A1", hyperlink });
  assert.deepEqual(cell(2), { value: "Open", displayValue: "Open", formula: undefined, hyperlink: undefined });
  const empty = { value: null, displayValue: undefined, formula: undefined, hyperlink: undefined };
  assert.deepEqual(cell(3), empty);
  assert.deepEqual(cell(99), empty, "a column that the sheet hasn't");
});

test("createRow() takes any title, and of two columns with one title the first", () => {
  const columns = ["__proto__", "constructor", "Notes", "Notes"].map((title, index) => column(index + 1, title));
  const { cells, cell } = createRow(row(5, { 1: "a", 2: "b", 3: "c", 4: "d" }, columns), { id: 77, columns });
  assert.deepEqual(Object.entries(cells), [["__proto__", "a"], ["constructor", "b"], ["Notes", "c"]]);
  assert.equal(cells.constructor, "b");
  assert.equal(cell(4).value, "d");
  const empty = createRow(row(5, { 4: "d" }, columns), { id: 77, columns });
  assert.equal(empty.cells.Notes, null, "an empty cell of the first isn't filled from the second");
});

test("createRow() makes a row that is plain for JSON, and keeps its cells when those by title are replaced", () => {
  const created = createRow(row(5, { 1: "Rope" }), SHEET);
  assert.deepEqual(JSON.parse(JSON.stringify(created)).cells.Item, "Rope");
  assert.ok(!Object.keys(created).includes("cell"));
  const replaced = replaceCells(created, { item: "ROPE" });
  assert.equal(replaced.cells.item, "ROPE");
  assert.equal(replaced.cell(1).value, "Rope");
  assert.equal(replaced.sheetId, 77);
});
