import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell, Row } from "../../src/api/sheet.ts";
import { rowFromJson, rowToJson } from "../../src/mirror/stored_row.ts";
import { choices, column, row, SHEET, storeRow } from "./sample.ts";

test("rowToJson() is compact: no empty cell, no display value that is the value itself", () => {
  const stored = storeRow({
    id: 5,
    rowNumber: 2,
    cells: [
      { columnId: 2, value: "Open", displayValue: "Open" },
      { columnId: 1, value: 5, displayValue: "$5.00" },
      { columnId: 3 },
      { columnId: 4, ...choices("a", "b"), displayValue: "a, b" },
    ],
  });
  assert.equal(rowToJson(stored), '{"id":5,"rowNumber":2,"cells":[[1,5,"$5.00"],[2,"Open"],[4,["a","b"]]]}');
});

test("rowFromJson() gives back what rowToJson() was given", () => {
  const link = { url: "https://example.com", sheetId: 9 };
  const lag = { objectType: "DURATION", days: 1 };
  const columns = [...SHEET.columns, column(6, "After", "PREDECESSOR")];
  const stored = storeRow({
    id: 5,
    rowNumber: 2,
    parentId: 3,
    createdAt: "2026-11-20T07:40:32Z",
    modifiedAt: "2026-11-22T07:40:32Z",
    modifiedBy: { email: "ada@example.com" },
    cells: [
      { columnId: 1, value: 5, displayValue: "$5.00", formula: "=4 + 1", hyperlink: link },
      { columnId: 2, value: "Open", formula: "=X" },
      { columnId: 3, value: "ada@example.com", displayValue: "Ada Lovelace" },
      {
        columnId: 6,
        value: "2FS +1d",
        objectValue: { objectType: "PREDECESSOR_LIST", predecessors: [{ rowId: 8, rowNumber: 2, type: "FS", lag }] },
      },
    ],
  }, columns);
  assert.deepEqual(rowFromJson(rowToJson(stored)), stored);
  assert.deepEqual(stored.cells.get(6), { value: "2FS +1d", predecessors: [{ rowId: 8, type: "FS", lag: "1d" }] });
  assert.deepEqual(rowFromJson(rowToJson({ id: 5, cells: new Map() })), { id: 5, cells: new Map() });
});

test("rowToJson() has one text for one state, whatever the order of the answer", () => {
  const hyperlink = { url: "https://example.com", sheetId: 9 };
  const cells: Cell[] = [{ columnId: 1, value: "a", hyperlink }, { columnId: 2, value: "b" }];
  const turned: Cell[] = [
    { value: "b", columnId: 2, displayValue: "b" },
    { hyperlink: { sheetId: 9, url: "https://example.com" }, value: "a", columnId: 1 },
  ];
  const textOf = (cells: Cell[]) => rowToJson(storeRow({ id: 5, cells }));
  assert.equal(textOf(cells), textOf(turned));
});

test("storeRow() keeps formulas without a result, and takes a row without cells", () => {
  assert.deepEqual(row(5, { 1: { formula: '=""', value: "" } }).cells.get(1), { value: null, formula: '=""' });
  assert.equal(storeRow({ id: 5 } as Row).cells.size, 0);
});
