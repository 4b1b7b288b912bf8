import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edit } from "../../../src/simulator/simulator.ts";
import { createSimulated } from "../../support/simulated.ts";

const FORMULA = "=SUM(CHILDREN())";

/** A sheet with a formula in Sum, and a webhook. */
async function createCalculated(options: Parameters<typeof createSimulated>[0] = {}) {
  const clock = { now: 1.7e12 };
  const simulated = createSimulated({ now: () => clock.now, ...options });
  const { simulator, callbacks, idle, enabledWebhook, call } = simulated;
  const { sheetId, rowIds: [rowId] } = simulator.createSheet("Orders", ["Item", "Sum"], [["Rope", {
    formula: FORMULA,
    value: 7,
  }]]);
  await enabledWebhook(sheetId);
  const edit = async (change: Edit): Promise<string[]> => {
    callbacks.length = 0;
    simulator.edit({ rowId: rowId!, ...change });
    await idle();
    return callbacks.flatMap(({ body }) => body.events).map(({ objectType, eventType }) =>
      `${objectType}.${eventType}`
    );
  };
  const sum = async () => {
    const { columnId: _, ...cell } = (await call("GET", `/2.0/sheets/${sheetId}/rows/${rowId}`)).cells[1];
    return cell;
  };
  return { ...simulated, clock, sheetId, rowId, edit, sum };
}

test("a changed result of a formula has no event, and shows in rowsModifiedSince alone", async () => {
  const { edit, sum, clock, call, sheetId, rowId } = await createCalculated();
  assert.deepEqual(await sum(), { value: 7, displayValue: "7", formula: FORMULA });
  const since = new Date(clock.now).toISOString();
  const { version } = await call("GET", `/2.0/sheets/${sheetId}/version`);
  clock.now += 5000;
  assert.deepEqual(await edit({ column: "Sum", formula: FORMULA, value: 8 }), []);
  assert.deepEqual(await sum(), { value: 8, displayValue: "8", formula: FORMULA });
  const changed = await call("GET", `/2.0/sheets/${sheetId}?rowsModifiedSince=${since}`);
  assert.deepEqual(changed.rows.map(({ id }: { id: number }) => id), [rowId]);
  assert.equal(changed.rows[0].modifiedAt, "2023-11-14T22:13:25Z");
  assert.equal(changed.version, version + 1);
});

test("a silent edit of a result keeps the formula", async () => {
  const { edit, sum } = await createCalculated();
  assert.deepEqual(await edit({ column: "Sum", value: 9, silent: true }), []);
  assert.deepEqual(await sum(), { value: 9, displayValue: "9", formula: FORMULA });
});

test("a result that changes with another cell has no event of its own", async () => {
  const { edit, sum } = await createCalculated();
  const cells = [{ column: "Item", value: "Tar" }, { column: "Sum", formula: FORMULA, value: 8 }];
  assert.deepEqual(await edit({ cells }), ["sheet.updated", "row.updated", "cell.updated"]);
  assert.equal((await sum()).value, 8);
});

test("a result that changes in another row has no event there, but moves the time of that row and the version", async () => {
  const { simulator, clock, call, edit, idle, sheetId, rowId } = await createCalculated();
  const { rowIds: [other] } = simulator.edit({ cells: [{ column: "Item", value: 7 }] });
  await idle();
  const { version } = await call("GET", `/2.0/sheets/${sheetId}/version`);
  clock.now += 5000;
  const rows = [
    { id: other!, cells: [{ column: "Item", value: 8 }] },
    { id: rowId!, cells: [{ column: "Sum", formula: FORMULA, value: 8 }] },
  ];
  assert.deepEqual(await edit({ rows }), ["sheet.updated", "row.updated", "cell.updated"]);
  const sheet = await call("GET", `/2.0/sheets/${sheetId}`);
  const modifiedAt = "2023-11-14T22:13:25Z";
  assert.deepEqual(sheet.rows.map((row: Record<string, unknown>) => row.modifiedAt), [modifiedAt, modifiedAt]);
  assert.deepEqual([sheet.modifiedAt, sheet.version], [modifiedAt, version + 1]);
});

test("a result is set by a request as well", async () => {
  const { call, callbacks, idle, sum, rowId } = await createCalculated();
  await call("POST", "/_simulator/edits", { rowId, column: "Sum", formula: FORMULA, value: 8 });
  await idle();
  assert.deepEqual([(await sum()).value, callbacks.length], [8, 0]);
});

test("a result may be assumed to update its row", async () => {
  const { edit } = await createCalculated({ assumptions: { resultEvents: "row" } });
  const events = await edit({ column: "Sum", formula: FORMULA, value: 8 });
  assert.deepEqual(events, ["sheet.updated", "row.updated"]);
});

test("a person who types over a formula replaces it", async () => {
  const { edit, sum } = await createCalculated();
  assert.deepEqual(await edit({ column: "Sum", value: 1 }), ["sheet.updated", "row.updated", "cell.updated"]);
  assert.deepEqual(await sum(), { value: 1, displayValue: "1" });
});

test("the API writes formulas without a result, and keeps the result of one that it writes again", async () => {
  const { call, sheetId, rowId, sum } = await createCalculated();
  const [, { id: columnId }] = (await call("GET", `/2.0/sheets/${sheetId}`)).columns;
  const put = (formula: string) =>
    call("PUT", `/2.0/sheets/${sheetId}/rows`, { id: rowId, cells: [{ columnId, formula }] });
  await put(FORMULA);
  assert.deepEqual(await sum(), { value: 7, displayValue: "7", formula: FORMULA });
  await put("=1+1");
  assert.deepEqual(await sum(), { formula: "=1+1" });
});
