import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cell } from "../../src/api/sheet.ts";
import { answeredRow } from "../../src/mirror/values/answered_row.ts";
import { compareRows } from "../../src/mirror/derive/compare.ts";
import { writeCell } from "../../src/mirror/values/write_cell.ts";
import { answerTo, column, storeRow } from "./sample.ts";

test("answeredRow() makes of the answer to a write what a later read shows, so that there is no difference", () => {
  const columns = [
    column(1, "Tags", "MULTI_PICKLIST"),
    column(2, "Team", "MULTI_CONTACT_LIST"),
    column(3, "After", "PREDECESSOR"),
    column(4, "Item"),
  ];
  const values = [["a, b", "c"], ["ada@example.com", "Drivers"], [{ rowId: 8, lag: "1d" }], "Rope"];
  const written = columns.map((column, index) => writeCell(column, values[index]!));
  const read = { id: 5, cells: written.map((cell, index) => answerTo(cell, columns[index]!)) };
  const answered = { id: 5, cells: read.cells.map(({ objectValue: _, ...cell }: Cell) => cell) };
  assert.ok(compareRows(storeRow(answered, columns), storeRow(read, columns), columns), "without it there is one");
  const known = storeRow(answeredRow(answered, written), columns);
  assert.equal(compareRows(known, storeRow(read, columns), columns), undefined);
  assert.deepEqual(known.cells.get(1)?.value, ["a, b", "c"]);
});

test("answeredRow() takes what was written where the answer shows no cell of it", () => {
  const columns = [column(1, "Item"), column(2, "Tags", "MULTI_PICKLIST"), column(3, "Sum"), column(4, "Note")];
  const values = ["Rope", ["a", "b"], { formula: "=1 + 1" }, null];
  const written = columns.map((column, index) => writeCell(column, values[index]!));
  const { cells } = storeRow(answeredRow({ id: 5, cells: [{ columnId: 1, value: "Cord" }] }, written), columns);
  assert.deepEqual([...cells].map(([id, { value, formula }]) => [id, value, formula]), [
    [1, "Cord", undefined],
    [2, ["a", "b"], undefined],
    [3, null, "=1 + 1"],
  ]);
});
