import assert from "node:assert/strict";
import { test } from "node:test";
import type { Assumptions, Edit } from "../../../src/simulator/simulator.ts";
import { createSimulated, patternsOf } from "../../support/simulated.ts";

/** A sheet with two rows and an enabled webhook, whose events are asked for. */
async function createSheetWithRows(assumptions: Partial<Assumptions> = {}) {
  const simulated = createSimulated({ assumptions });
  const sheet = await simulated.createSheet();
  const [a, b, c] = sheet.columns.map(({ id }: { id: number }) => id);
  const rows = [1, 2].map((value) => ({ cells: [{ columnId: a, value }] }));
  const { result } = await simulated.call("POST", `/2.0/sheets/${sheet.id}/rows`, rows);
  await simulated.enabledWebhook(sheet.id);
  const { callbacks, idle, simulator } = simulated;
  async function events(act: () => unknown): Promise<string[]> {
    callbacks.length = 0;
    await act();
    await idle();
    return callbacks.flatMap(patternsOf);
  }
  const edit = (edit: Edit) => events(() => simulator.edit(edit));
  return {
    ...simulated,
    path: `/2.0/sheets/${sheet.id}`,
    sheet,
    a,
    b,
    c,
    first: result[0],
    second: result[1],
    events,
    edit,
  };
}

test("an edit makes the sheet's event, the row's and one for each changed cell", async () => {
  const { edit, a, b, c, first } = await createSheetWithRows();
  const cells = [{ columnId: a, value: 9 }, { columnId: b, value: "new" }];
  assert.deepEqual(
    await edit({ rowId: first.id, cells }),
    ["sheet.updated", "row.updated", "cell.updated", "cell.created"],
  );
  assert.deepEqual(await edit({ rowId: first.id, cells }), ["sheet.updated", "row.updated"], "nothing has changed");
  assert.deepEqual(
    await edit({ rowId: first.id, columnId: b, value: null }),
    ["sheet.updated", "row.updated", "cell.deleted"],
  );
  assert.deepEqual((await edit({ rowId: first.id, columnId: b, value: "again" })).at(-1), "cell.created");
  assert.deepEqual((await edit({ rowId: first.id, column: "C", value: true })).at(-1), "cell.created");
  assert.deepEqual(await edit({ cells: [{ columnId: c, value: 1 }] }), [
    "sheet.updated",
    "row.created",
    "cell.updated",
  ]);
});

test("cells of new rows and cleared cells make the events that are assumed", async () => {
  for (const newRowCells of ["updated", "created", "none"] as const) {
    const { edit, a } = await createSheetWithRows({ newRowCells });
    const expected = ["sheet.updated", "row.created", ...(newRowCells === "none" ? [] : [`cell.${newRowCells}`])];
    assert.deepEqual(await edit({ cells: [{ columnId: a, value: 1 }] }), expected);
  }
  const { edit, first, a } = await createSheetWithRows({ clearedCell: "updated" });
  assert.equal((await edit({ rowId: first.id, columnId: a, value: "" })).at(-1), "cell.updated");
});

test("formulas make no cell events", async () => {
  const { events, call, path, first, c } = await createSheetWithRows();
  const body = { id: first.id, cells: [{ columnId: c, formula: "=1+1" }] };
  assert.deepEqual(await events(() => call("PUT", `${path}/rows`, body)), ["sheet.updated", "row.updated"]);
  const row = await call("GET", `${path}/rows/${first.id}`);
  assert.deepEqual(row.cells[2], { columnId: c, formula: "=1+1" });
});

test("one request that changes rows makes one event of the sheet, rows before cells", async () => {
  const { events, call, path, first, second, a } = await createSheetWithRows();
  const body = [first, second].map(({ id }) => ({ id, cells: [{ columnId: a, value: "x" }] }));
  assert.deepEqual(
    await events(() => call("PUT", `${path}/rows`, body)),
    ["sheet.updated", "row.updated", "row.updated", "cell.updated", "cell.updated"],
  );
  const ids = `${first.id},${second.id}`;
  assert.deepEqual(
    await events(() => call("DELETE", `${path}/rows?ids=${ids}`)),
    ["sheet.updated", "row.deleted", "row.deleted"],
  );
});

test("rows answer as Smartsheet's: a list for a list, one for one, with the sheet's version", async () => {
  const { call, path, a, first } = await createSheetWithRows();
  const one = await call("POST", `${path}/rows`, { toTop: true, cells: [{ columnId: a, value: "top" }] });
  assert.deepEqual([one.message, one.resultCode, one.version], ["SUCCESS", 0, 3]);
  assert.equal(one.result.rowNumber, 1);
  assert.deepEqual(one.result.cells[0], { columnId: a, value: "top", displayValue: "top" });
  const list = await call("PUT", `${path}/rows`, [{ id: first.id, cells: [{ columnId: a, value: 5 }] }]);
  assert.deepEqual([list.version, list.result[0].rowNumber], [4, 2]);
  assert.deepEqual(list.result[0].cells[0], { columnId: a, value: 5, displayValue: "5" });
});

test("rows stand where they are put", async () => {
  const { call, path, a, first, second } = await createSheetWithRows();
  const cells = [{ columnId: a, value: "x" }];
  const add = async (body: unknown) => (await call("POST", `${path}/rows`, body)).result;
  const [x, y] = await add([{ toTop: true, cells }, { toTop: true, cells }]);
  const [v, w] = await add([{ toBottom: true, cells }, { toBottom: true, cells }]);
  const below = await add({ siblingId: first.id, cells });
  const above = await add({ siblingId: first.id, above: true, cells });
  const child = await add({ parentId: second.id, cells });
  await call("PUT", `${path}/rows`, { id: x.id, toBottom: true });
  const { rows } = await call("GET", path);
  const ids = rows.map(({ id }: { id: number }) => id);
  assert.deepEqual(ids, [y, above, first, below, second, child, v, w, x].map(({ id }) => id));
  assert.equal(rows[5].parentId, second.id);
  await call("DELETE", `${path}/rows?ids=${second.id}`);
  assert.equal((await call("GET", path)).totalRowCount, 7, "its child is gone, too");
});

test("a sheet is asked for by rows, columns, time and version", async () => {
  let clock = 1.7e12;
  const { call, createSheet } = createSimulated({ now: () => clock });
  const sheet = await createSheet();
  const path = `/2.0/sheets/${sheet.id}`;
  const [a, b] = sheet.columns.map(({ id }: { id: number }) => id);
  const add = async (value: number) => (await call("POST", `${path}/rows`, { cells: [{ columnId: a, value }] })).result;
  const old = await add(1);
  clock += 60_000;
  const recent = await add(2);
  const idsOf = async (query: string) =>
    (await call("GET", `${path}?${query}`)).rows.map(({ id }: { id: number }) => id);
  assert.deepEqual(await idsOf(""), [old.id, recent.id]);
  assert.deepEqual(await idsOf(`rowIds=${recent.id},${old.id}`), [old.id, recent.id]);
  assert.deepEqual(await idsOf(`rowsModifiedSince=${new Date(clock - 1000).toISOString()}`), [recent.id]);
  assert.deepEqual(await idsOf("pageSize=1&page=2"), [recent.id]);
  const { columns, rows } = await call("GET", `${path}?columnIds=${b}`);
  assert.deepEqual([columns.length, columns[0].title, columns[0].index, rows[0].cells], [1, "B", 1, [{ columnId: b }]]);
  assert.deepEqual(await call("GET", `${path}/version`), { version: 3 });
  assert.deepEqual(await call("GET", `${path}?ifVersionAfter=3`), { version: 3 });
  assert.equal((await call("GET", `${path}?ifVersionAfter=2`)).rows.length, 2);
});

test("history tells a cell's values, newest first, and who gave them", async () => {
  const { call, path, first, a, simulator } = await createSheetWithRows();
  const { userId } = simulator.edit({ rowId: first.id, columnId: a, value: "theirs", user: "ann@example.com" });
  const history = await call("GET", `${path}/rows/${first.id}/columns/${a}/history`);
  assert.deepEqual(history.data.map(({ value }: { value: unknown }) => value), ["theirs", 1]);
  assert.deepEqual(history.data[0].modifiedBy, { id: userId });
  assert.notEqual(history.data[1].modifiedBy.id, userId);
});

test("comments, attachments and columns make their events, which name no row", async () => {
  const { events, call, path, first, simulator, callbacks } = await createSheetWithRows();
  let discussion: { id: number; comments: { id: number }[] } | undefined;
  const start = async () => {
    const body = { comment: { text: "?" } };
    discussion = (await call("POST", `${path}/rows/${first.id}/discussions`, body)).result;
  };
  assert.deepEqual(await events(start), ["discussion.created", "comment.created"]);
  assert.deepEqual(Object.keys(callbacks[0]!.body.events[1]), ["objectType", "eventType", "id", "userId", "timestamp"]);
  const comment = `${path}/comments/${discussion!.comments[0]!.id}`;
  assert.deepEqual(await events(() => call("PUT", comment, { text: "!" })), ["comment.updated"]);
  assert.equal((await call("GET", comment)).text, "!");
  assert.deepEqual(await events(() => call("DELETE", comment)), ["comment.deleted"]);
  const reply = () => call("POST", `${path}/discussions/${discussion!.id}/comments`, { text: "." });
  assert.deepEqual(await events(reply), ["comment.created"]);
  const end = () => call("DELETE", `${path}/discussions/${discussion!.id}`);
  assert.deepEqual(await events(end), ["discussion.deleted", "comment.deleted"]);

  const link = { name: "map", url: "https://example.com/map", attachmentType: "LINK" };
  let attachment = 0;
  const attach = async () => attachment = (await call("POST", `${path}/rows/${first.id}/attachments`, link)).result.id;
  assert.deepEqual(await events(attach), ["attachment.created"]);
  assert.deepEqual(await events(() => call("DELETE", `${path}/attachments/${attachment}`)), ["attachment.deleted"]);
  assert.deepEqual(
    await events(() => {
      simulator.edit({ comment: "?", rowId: first.id });
      simulator.edit({ attachment: "https://example.com/" });
    }),
    ["discussion.created", "comment.created", "attachment.created"],
  );

  const column = { title: "D", type: "CHECKBOX", index: 1 };
  let added = 0;
  const add = async () => added = (await call("POST", `${path}/columns`, [column])).result[0].id;
  assert.deepEqual(await events(add), ["sheet.updated", "column.created"]);
  assert.equal((await call("GET", `${path}/columns/${added}`)).index, 1);
  const rename = () => call("PUT", `${path}/columns/${added}`, { title: "E" });
  assert.deepEqual(await events(rename), ["sheet.updated", "column.updated"]);
  assert.deepEqual(
    await events(() => call("DELETE", `${path}/columns/${added}`)),
    ["sheet.updated", "column.deleted"],
  );
});

test("edits may say nothing: the time is written into the primary column", async () => {
  const { edit, call, path, first } = await createSheetWithRows();
  assert.deepEqual(await edit({ rowId: first.id }), ["sheet.updated", "row.updated", "cell.updated"]);
  assert.match((await call("GET", `${path}/rows/${first.id}`)).cells[0].value, /^\d{4}-\d\d-\d\dT/);
  assert.deepEqual(await edit({}), ["sheet.updated", "row.created", "cell.updated"]);
});

test("edits of many rows are made as a whole, or not at all", async () => {
  const { edit, call, path, first } = await createSheetWithRows();
  const rows = [{ id: first.id, cells: [{ column: "A", value: 7 }] }, {
    cells: [{ columnId: 1, value: 1 }],
  }];
  await assert.rejects(edit({ rows }));
  assert.equal((await call("GET", `${path}/rows/${first.id}`)).cells[0].value, 1);
  assert.deepEqual(await edit({ rows: [rows[0]!, { cells: [] }] }), [
    "sheet.updated",
    "row.updated",
    "cell.updated",
    "row.created",
  ]);
});

test("edits take ids as text, too", async () => {
  const { edit, first } = await createSheetWithRows();
  assert.deepEqual(await edit({ rowId: `${first.id}`, column: "B", value: "z" } as unknown as Edit), [
    "sheet.updated",
    "row.updated",
    "cell.created",
  ]);
});

test("a person deletes a row, with its children", async () => {
  const { edit, events, call, path, first, second } = await createSheetWithRows();
  await events(() => call("PUT", `${path}/rows`, { id: second.id, parentId: first.id }));
  const deletion = ["sheet.updated", "row.deleted", "row.deleted"];
  assert.deepEqual(await edit({ rowId: first.id, delete: true }), deletion);
  assert.deepEqual((await call("GET", path)).rows, []);
});

test("a silent edit makes no event, and shows in reads alone", async () => {
  const { edit, call, path, first, second } = await createSheetWithRows();
  const { version } = await call("GET", path);
  assert.deepEqual(await edit({ rowId: first.id, column: "B", value: 7, silent: true }), []);
  assert.deepEqual(await edit({ rowId: second.id, delete: true, silent: true }), []);
  const sheet = await call("GET", path);
  assert.deepEqual([sheet.totalRowCount, sheet.rows[0].cells[1].value, sheet.version], [1, 7, version + 1]);
});

test("an edit refuses what it doesn't know, and names what there is", async () => {
  const { ask, first } = await createSheetWithRows();
  const edits: [unknown, number, RegExp][] = [
    [{ rowID: first.id }, 1008, /Unknown attribute "rowID" of the edit: it has sheetId, user, rowId, /],
    [{ rows: [{ rowId: 1, cells: [] }] }, 1008, /Unknown attribute "rowId" of the row: it has id, cells/],
    [
      { cells: [{ title: "A", value: 1 }] },
      1008,
      /Unknown attribute "title" of the cell: it has columnId, column, value, objectValue, /,
    ],
    [{ rowId: first.id, delete: "yes" }, 1031, /'yes' was not valid for the attribute delete/],
    [{ comment: "?", silent: true }, 1031, /silent, which goes with rows and cells alone/],
    [{ delete: true }, 1012, /rowId \(of the row to delete\)/],
  ];
  for (const [edit, errorCode, message] of edits) {
    const { status, body } = await ask("POST", "/_simulator/edits", edit);
    assert.deepEqual([status, body.errorCode], [400, errorCode]);
    assert.match(body.message, message);
  }
});

test("createSheet() makes a sheet, whose first column is the primary one", async () => {
  const { simulator, call } = createSimulated();
  const { sheetId, columnIds } = simulator.createSheet("Orders", ["Item", "State"]);
  const { name, columns } = await call("GET", `/2.0/sheets/${sheetId}`);
  assert.equal(name, "Orders");
  const told = columns.map(({ id, title, primary }: Record<string, unknown>) => [id, title, primary]);
  assert.deepEqual(told, [[columnIds.Item, "Item", true], [columnIds.State, "State", undefined]]);
  assert.throws(() => simulator.createSheet(" ", ["Item"]), /sheet.name/);
  assert.throws(() => simulator.createSheet("Orders", []), /columns/);
});

test("edits may make any event up", async () => {
  const { edit } = await createSheetWithRows();
  const events = [{ objectType: "proof", eventType: "approved", id: 1 }];
  assert.deepEqual(await edit({ events }), ["proof.approved"]);
});

test("errors are Smartsheet's", async () => {
  const { ask, path, first, a } = await createSheetWithRows();
  const cells = [{ columnId: a, value: 1 }];
  const cases: [string, string, unknown, number, number][] = [
    ["GET", "/2.0/sheets/1", undefined, 404, 1006],
    ["GET", "/2.0/nothing", undefined, 404, 1006],
    ["GET", `${path}/rows/1`, undefined, 404, 1006],
    ["GET", `${path}?rowIds=x`, undefined, 400, 1018],
    ["GET", `${path}?rowsModifiedSince=x`, undefined, 400, 1018],
    ["GET", "/2.0/webhooks?page=0", undefined, 400, 1018],
    ["POST", "/2.0/sheets", { columns: [{ title: "A", primary: true }] }, 400, 1012],
    ["POST", "/2.0/sheets", { name: "n", columns: [{ title: "A" }] }, 400, 1031],
    ["POST", `${path}/rows`, undefined, 400, 1024],
    ["POST", `${path}/rows`, [{ id: 1, cells }], 400, 1031],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: 1, value: 1 }] }], 400, 1036],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a }] }], 400, 1012],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, value: [1] }] }], 400, 1038],
    ["POST", `${path}/rows`, [{ cells: [...cells, ...cells] }], 400, 1037],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, value: 2 ** 54 }] }], 400, 1148],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, value: 1, formula: "=1" }] }], 400, 1163],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, hyperlink: { url: "http://a.b/", sheetId: 1 } }] }], 400, 1112],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, hyperlink: {} }] }], 400, 1031],
    ["POST", `${path}/rows`, [{ cells: [{ columnId: a, hyperlink: { sheetId: 1 } }] }], 404, 1006],
    ["POST", `${path}/columns`, [{ title: "Z", type: "NUMBER" }], 400, 1031],
    ["POST", `${path}/columns`, [{ title: "Z", type: "DATETIME" }], 400, 1089],
    ["POST", `${path}/columns`, [{ title: "Z", type: "DATE", symbol: "RYG" }], 400, 1058],
    ["POST", `${path}/columns`, [{ title: "Z", type: "PICKLIST", symbol: "RYG", options: ["Red"] }], 400, 1059],
    ["POST", `${path}/columns`, [{ title: "Z", type: "DATE", options: ["x"] }], 400, 1060],
    ["POST", `${path}/columns`, [{ title: "Z", type: "DATE", systemColumnType: "CREATED_BY" }], 400, 1079],
    ["POST", "/2.0/sheets", { name: "n", columns: [{ title: "A", type: "DATE", primary: true }] }, 400, 1057],
    ["PUT", `${path}/columns/${a}`, { options: ["x"] }, 400, 1090],
    ["POST", `${path}/rows`, Array(501).fill({ cells }), 400, 1008],
    ["PUT", `${path}/rows`, [{ cells }], 400, 1012],
    ["PUT", `${path}/rows`, [{ id: first.id, cells }, { id: 1, cells }], 404, 1006],
    ["DELETE", `${path}/rows`, undefined, 400, 1009],
    ["PATCH", path, undefined, 405, 1010],
    ["PUT", "/2.0/webhooks", {}, 405, 1010],
    ["GET", "/_simulator/edits", undefined, 405, 1010],
    ["GET", "/2.0/webhooks/", undefined, 404, 1006],
    ["GET", `${path}?ifVersionAfter=x`, undefined, 400, 1018],
    ["POST", `${path}/columns`, [{ title: "Z", index: -1 }], 400, 1031],
    ["PUT", `${path}/columns/${a}`, { title: 7 }, 400, 1031],
    ["DELETE", `${path}/columns/${a}`, undefined, 400, 1031],
    ["PUT", `${path}/rows`, [{ id: first.id, parentId: first.id }], 400, 1031],
    ["POST", "/2.0/sheets", { name: "x".repeat(31 * 1024 * 1024) }, 413, 1008],
    ["DELETE", `${path}/rows?ids=1`, undefined, 404, 1006],
    ["POST", "/_simulator/edits", { rowId: 1, column: "A", value: 1 }, 404, 1006],
    ["POST", "/_simulator/edits", { column: "Z", value: 1 }, 400, 1008],
    ["POST", "/_simulator/edits", [], 400, 1008],
    ...[
      { rows: 5 },
      { rows: [{ cells: 5 }] },
      { cells: "x" },
      { cells: [5] },
      { events: [5] },
      { comment: 5 },
      { attachment: {} },
      { user: 5 },
      { deleteRowIds: "x" },
    ].map((edit): typeof cases[number] => ["POST", "/_simulator/edits", edit, 400, 1031]),
  ];
  for (const [method, url, body, status, errorCode] of cases) {
    const answer = await ask(method, url, body);
    assert.deepEqual([answer.status, answer.body.errorCode], [status, errorCode], `${method} ${url}`);
    assert.deepEqual(Object.keys(answer.body).slice(0, 3), ["errorCode", "message", "refId"]);
  }
  assert.equal((await ask("GET", `${path}/rows/${first.id}`)).body.cells[0].value, 1, "nothing was changed");
});

test("a token is needed, whatever it is", async () => {
  const { ask } = createSimulated();
  for (const authorization of ["", "Bearer", "Bearer ", "Basic x"]) {
    const { status, body } = await ask("GET", "/2.0/users/me", undefined, { authorization });
    assert.deepEqual([status, body.errorCode], [401, 1001]);
  }
  assert.equal((await ask("GET", "/2.0/users/me", undefined, { authorization: "bearer x" })).status, 200);
});

test("500 rows go in one request, and a sheet that grows too large loses its webhooks", async () => {
  const { createSheet, call, enabledWebhook, statusOf, ask } = createSimulated();
  const sheet = await createSheet();
  const webhook = await enabledWebhook(sheet.id);
  const path = `/2.0/sheets/${sheet.id}`;
  const rows = Array.from({ length: 500 }, (_, value) => ({ cells: [{ columnId: sheet.columns[0].id, value }] }));
  for (let n = 0; n < 40; n++) assert.equal((await call("POST", `${path}/rows`, rows)).result.length, 500);
  assert.equal((await statusOf(webhook.id)).status, "ENABLED");
  const { result } = await call("POST", `${path}/rows`, { cells: [] });
  assert.equal((await statusOf(webhook.id)).status, "DISABLED_EXCEEDED_GRID_LIMITS");
  const enable = async () => (await ask("PUT", `/2.0/webhooks/${webhook.id}`, { enabled: true })).body.result.status;
  assert.equal(await enable(), "DISABLED_EXCEEDED_GRID_LIMITS");
  await call("DELETE", `${path}/rows?ids=${result.id}`);
  assert.equal(await enable(), "ENABLED");
});
