import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulated } from "../../support/simulated.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

const titles = (count: number) => Array.from({ length: count }, (_, column) => `Column ${column}`);

test("createSheet() makes typed columns and rows at once, without events", async () => {
  const { simulator, call, idle, callbacks } = createSimulated({ faults: { "late-row": 1 } });
  const state = { title: "State", type: "PICKLIST", options: ["open", "done"] };
  const { sheetId, columnIds, rowIds } = simulator.createSheet("Orders", ["Item", state], [
    ["Rope", "open"],
    ["Tar", null],
    [{ value: "Map", hyperlink: { url: "https://example.com/" } }],
  ]);
  const { rows, columns, totalRowCount, version } = await call("GET", `/2.0/sheets/${sheetId}`);
  assert.deepEqual([totalRowCount, version, columns[1].type], [3, 1, "PICKLIST"]);
  assert.deepEqual(rows.map(({ id }: Any) => id), rowIds);
  assert.deepEqual(rows.map(({ cells }: Any) => cells.map(({ value }: Any) => value)), [
    ["Rope", "open"],
    ["Tar", undefined],
    ["Map", undefined],
  ]);
  assert.equal(rows[2].cells[0].hyperlink.url, "https://example.com/");
  assert.deepEqual(Object.values(columnIds), columns.map(({ id }: Any) => id));
  await idle();
  assert.deepEqual(callbacks, []);
  assert.throws(() => simulator.createSheet("Orders", ["A"], [["x", "y"]]), /more values than there are columns/);
  assert.throws(() => simulator.createSheet("Orders", [{ title: "A", type: "DATE" }]), /Primary columns/);
  assert.equal((await call("GET", "/2.0/sheets")).totalCount, 1, "what is refused leaves no sheet");
});

test("one request makes a sheet with rows", async () => {
  const { call, ask } = createSimulated();
  const made = await call("POST", "/_simulator/sheets", { name: "Orders", columns: ["Item"], rows: [["Rope"], [1]] });
  const { rows } = await call("GET", `/2.0/sheets/${made.sheetId}`);
  assert.deepEqual(rows.map(({ cells }: Any) => cells[0].value), ["Rope", 1]);
  const refused = [{ columns: ["A"] }, { name: "n" }, { name: "n", columns: ["A"], rows: 5 }, {
    name: "n",
    columns: ["A"],
    rows: [5],
  }];
  for (const body of refused) assert.equal((await ask("POST", "/_simulator/sheets", body)).status, 400);
});

test("a sheet of 20,000 rows and 25 columns is read by pages and ids", async () => {
  const { simulator, call } = createSimulated();
  const rows = Array.from(
    { length: 20_000 },
    (_, row) => Array.from({ length: 25 }, (_, column) => `${row} ${column}`),
  );
  const { sheetId, rowIds } = simulator.createSheet("Large", titles(25), rows);
  const path = `/2.0/sheets/${sheetId}`;
  const page = await call("GET", `${path}?pageSize=100&page=200`);
  assert.deepEqual([page.totalRowCount, page.rows.length, page.rows[99].rowNumber], [20_000, 100, 20_000]);
  assert.equal(page.rows[99].cells[24].value, "19999 24");
  const wanted = [rowIds[19_000], rowIds[5]];
  const byId = await call("GET", `${path}?rowIds=${wanted.join()}`);
  assert.deepEqual(byId.rows.map(({ id, rowNumber }: Any) => [id, rowNumber]), [[wanted[1], 6], [wanted[0], 19_001]]);
  simulator.edit({ sheetId, deleteRowIds: [rowIds[0]!] });
  assert.equal((await call("GET", `${path}/rows/${rowIds[19_000]}`)).rowNumber, 19_000);
});

test("a row has 400 columns of 4,000 characters", async () => {
  const { simulator, call } = createSimulated();
  const { sheetId, rowIds } = simulator.createSheet("Wide", titles(400), [["x"]]);
  const path = `/2.0/sheets/${sheetId}`;
  const { columns } = await call("GET", path);
  const cells = columns.map(({ id }: Any) => ({ columnId: id, value: "y".repeat(4000) }));
  await call("PUT", `${path}/rows`, { id: rowIds[0], cells });
  const row = await call("GET", `${path}/rows/${rowIds[0]}`);
  assert.deepEqual([row.cells.length, row.cells[399].value.length], [400, 4000]);
});

test("titles of columns may be equal, and they and the name of a sheet may change", async () => {
  const { simulator, call, ask } = createSimulated();
  const { sheetId, columnIds } = simulator.createSheet("Orders", ["Item", "State", "State"]);
  const path = `/2.0/sheets/${sheetId}`;
  const titlesOf = async () => (await call("GET", path)).columns.map(({ title }: Any) => title);
  assert.deepEqual(await titlesOf(), ["Item", "State", "State"]);
  await call("PUT", `${path}/columns/${columnIds.Item}`, { title: "Thing" });
  await call("PUT", path, { name: "Purchases" });
  assert.deepEqual([await titlesOf(), (await call("GET", path)).name], [["Thing", "State", "State"], "Purchases"]);
  await call("DELETE", path);
  const { status, body } = await ask("GET", path);
  assert.deepEqual([status, body.errorCode], [404, 1006]);
});
