// Writes by column title, with an API that notes what it is asked.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { NewCell, NewRow } from "../../src/api/sheet.ts";
import type { ChangesApi } from "../../src/mirror/api_port.ts";
import { createRowWrites } from "../../src/mirror/row_writes.ts";
import { SHEET } from "./sample.ts";

function createWrites() {
  const batches: number[] = [];
  const cells: NewCell[] = [];
  let lastId = 100;
  const answer = (rows: readonly NewRow[]) => {
    batches.push(rows.length);
    cells.push(...rows.flatMap((row) => row.cells));
    return Promise.resolve(rows.map(() => ({ id: ++lastId, cells: [] })));
  };
  const rows: ChangesApi["rows"] = {
    add: (_, rows) => answer(rows),
    update: (_, rows) => answer(rows as readonly NewRow[]),
    delete(_, rowIds) {
      batches.push(rowIds.length);
      return Promise.resolve(rowIds);
    },
  };
  const sheets = { columns: () => Promise.resolve(SHEET.columns) } as unknown as ChangesApi["sheets"];
  const writes = createRowWrites({ api: { sheets, rows }, mirror: undefined, isTold: false })({
    changeAgent: "ours",
    signal: new AbortController().signal,
    confirm() {},
    sheet: SHEET,
  });
  return { ...writes, batches, cells };
}

test("a column may be given by its id, however short that is", async () => {
  const { updateRow, cells } = createWrites();
  await updateRow({ id: 5, sheetId: SHEET.id }, { 1: "Rope", Status: "Open" });
  assert.deepEqual(cells, [{ columnId: 1, value: "Rope" }, { columnId: 2, value: "Open" }]);
  await assert.rejects(updateRow({ id: 5, sheetId: SHEET.id }, { 9: "Rope" }), {
    code: "column_unknown",
    message: /^No column has the title "9": .*"Item", "Status"/,
  });
});

test("any number of rows is added and deleted, at most 500 in a request", async () => {
  const { addRows, deleteRows, batches } = createWrites();
  const ids = await addRows(SHEET.id, Array.from({ length: 1001 }, (_, n) => ({ Item: n })));
  assert.deepEqual([ids.length, batches.splice(0)], [1001, [500, 500, 1]]);
  await deleteRows(SHEET.id, ids.slice(0, 900));
  assert.deepEqual(batches.splice(0), [400, 400, 100]);
  assert.deepEqual(await addRows(SHEET.id, []), []);
  await deleteRows(SHEET.id, []);
  assert.deepEqual(batches, []);
});
