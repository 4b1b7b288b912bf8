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
