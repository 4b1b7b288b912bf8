import assert from "node:assert/strict";
import { test } from "node:test";
import type { Edit } from "../../../src/simulator/simulator.ts";
import { createSimulated, patternsOf } from "../../support/simulated.ts";

/** A sheet with the rows a, b (with the children b1 and b2), c and d, an hour ago. */
async function createTree() {
  const clock = { now: 1.7e12 };
  const simulated = createSimulated({ now: () => clock.now, debounceMs: 0 });
  const { simulator, call, callbacks, idle, enabledWebhook } = simulated;
  const { sheetId, rowIds, columnIds: { Item } } = simulator.createSheet(
    "Orders",
    ["Item", "State"],
    ["a", "b", "b1", "b2", "c", "d"].map((name) => [name]),
  );
  const [a, b, b1, b2, c, d] = rowIds as [number, number, number, number, number, number];
  const path = `/2.0/sheets/${sheetId}`;
  await call("PUT", `${path}/rows`, [b1, b2].map((id) => ({ id, parentId: b, toBottom: true })));
  await enabledWebhook(sheetId);
  clock.now += 3_600_000;
  const cells = (value: string) => [{ columnId: Item, value }];
  // deno-lint-ignore no-explicit-any
  const rows = async (): Promise<any[]> => (await call("GET", path)).rows;
  /** Names in the order of the sheet, those of children behind their parents'. */
  const outline = async () => {
    const all = await rows();
    const nameOf = (id: number): string => {
      const { parentId, cells: [{ value = "" }] } = all.find((row) => row.id === id);
      return parentId === undefined ? value : `${nameOf(parentId)}/${value}`;
    };
    return all.map(({ id }) => nameOf(id)).join(" ");
  };
  const move = (body: unknown) => call("PUT", `${path}/rows`, body);
  const edit = async (change: Edit) => {
    callbacks.length = 0;
    const result = simulator.edit(change);
    await idle();
    return { ...result, told: callbacks.flatMap(patternsOf) };
  };
  return { ...simulated, clock, path, a, b, b1, b2, c, d, cells, rows, outline, move, edit };
}

test("rows move with their children, to the top, to the bottom, and next to others", async () => {
  const { a, b, b1, c, d, move, outline } = await createTree();
  assert.equal(await outline(), "a b b/b1 b/b2 c d");
  await move({ id: b, toBottom: true });
  assert.equal(await outline(), "a c d b b/b1 b/b2");
  await move({ id: b, toTop: true });
  assert.equal(await outline(), "b b/b1 b/b2 a c d");
  await move({ id: d, siblingId: b });
  assert.equal(await outline(), "b b/b1 b/b2 d a c", "below its children, too");
  await move({ id: c, siblingId: b, above: true });
  assert.equal(await outline(), "c b b/b1 b/b2 d a");
  await move({ id: a, parentId: b });
  assert.equal(await outline(), "c b b/a b/b1 b/b2 d");
  await move({ id: d, parentId: b, toBottom: true });
  assert.equal(await outline(), "c b b/a b/b1 b/b2 b/d");
  await move({ id: b, parentId: c });
  assert.equal(await outline(), "c c/b c/b/a c/b/b1 c/b/b2 c/b/d");
  await move({ id: b1, parentId: null, toTop: true });
  assert.equal(await outline(), "b1 c c/b c/b/a c/b/b2 c/b/d");
});

test("new rows of one request stand in their order, wherever they are put", async () => {
  const { b, c, cells, call, path, outline } = await createTree();
  const add = (place: Record<string, unknown>, names: string[]) =>
    call("POST", `${path}/rows`, names.map((name) => ({ ...place, cells: cells(name) })));
  await add({ toTop: true }, ["1", "2"]);
  await add({ siblingId: c, above: true }, ["3", "4"]);
  await add({ siblingId: b }, ["5", "6"]);
  await add({ parentId: b }, ["7", "8"]);
  await add({ parentId: b, toBottom: true }, ["9", "10"]);
  assert.equal(await outline(), "1 2 a b b/7 b/8 b/b1 b/b2 b/9 b/10 5 6 3 4 c d");
});

test("a row cannot move below itself, nor can two of one request below each other", async () => {
  const { a, b, b1, c, ask, path, move, outline } = await createTree();
  for (const place of [{ parentId: b }, { siblingId: b }, { parentId: b1 }, { siblingId: b1 }]) {
    assert.equal((await ask("PUT", `${path}/rows`, { id: b, ...place })).body.errorCode, 1031);
  }
  for (const place of [{ parentId: 1 }, { siblingId: 1 }]) {
    const { body } = await ask("PUT", `${path}/rows`, { id: b, ...place });
    assert.deepEqual([body.errorCode, /row\.(\w+)/.exec(body.message)![1]], [1031, Object.keys(place)[0]]);
  }
  await move([{ id: a, parentId: c }, { id: c, parentId: a }]);
  assert.equal(await outline(), "b b/b1 b/b2 c c/a d");
});

test("a parent that was moved is deleted with its children", async () => {
  const { b, move, simulator, outline } = await createTree();
  await move({ id: b, toBottom: true });
  simulator.edit({ rowId: b, delete: true });
  assert.equal(await outline(), "a c d");
});

test("a person moves a row: it alone has an event and a new time, the version grows, the others slide", async () => {
  const { b, b1, d, edit, rows, call, path, clock, outline } = await createTree();
  const { version } = await call("GET", `${path}/version`);
  const before = new Map((await rows()).map(({ id, modifiedAt }) => [id, modifiedAt]));
  assert.deepEqual((await edit({ rowId: b, toTop: true })).told, ["sheet.updated", "row.updated"]);
  assert.equal(await outline(), "b b/b1 b/b2 a c d");
  const after = await rows();
  const moved = after.filter(({ id, modifiedAt }) => before.get(id) !== modifiedAt);
  assert.deepEqual(moved.map(({ id }) => id), [b]);
  assert.equal(Date.parse(moved[0].modifiedAt), clock.now);
  assert.deepEqual(after.map(({ rowNumber }) => rowNumber), [1, 2, 3, 4, 5, 6]);
  assert.equal((await call("GET", `${path}/version`)).version, version + 1);

  await edit({ rows: [{ id: d, siblingId: b1 }, { toTop: true, cells: [{ column: "Item", value: "new" }] }] });
  assert.equal(await outline(), "new b b/b1 b/d b/b2 a c");
  await edit({ rowId: d, parentId: b, column: "Item", value: "d2" });
  assert.equal(await outline(), "new b b/d2 b/b1 b/b2 a c");
});

test("blank rows count and are read by id, but never show in rowsModifiedSince", async () => {
  const { a, edit, call, path, clock, rows, move } = await createTree();
  const since = `rowsModifiedSince=${new Date(clock.now - 60_000).toISOString()}`;
  const { rowIds: [blank], told } = await edit({ cells: [] });
  assert.deepEqual(told, ["sheet.updated", "row.created"]);
  const { result: { id: second } } = await call("POST", `${path}/rows`, { toTop: true });
  await move({
    id: a,
    cells: (await rows())[1].cells.map(({ columnId }: { columnId: number }) => ({ columnId, value: "" })),
  });
  const sheet = await call("GET", `${path}?${since}`);
  assert.deepEqual([sheet.totalRowCount, sheet.rows], [8, []]);
  const byId = await call("GET", `${path}?rowIds=${blank},${second},${a}&exclude=nonexistentCells`);
  assert.deepEqual(byId.rows.map(({ id, rowNumber, cells }: Record<string, unknown>) => [id, rowNumber, cells]), [
    [second, 1, []],
    [a, 2, []],
    [blank, 8, []],
  ]);
  await edit({ rowId: blank!, column: "State", value: "new" });
  const shown = await call("GET", `${path}?${since}`);
  assert.deepEqual(shown.rows.map(({ id }: { id: number }) => id), [blank]);
});
