import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulator, type SimulatorOptions } from "../../../src/simulator/simulator.ts";
import { createSimulated } from "../../support/simulated.ts";

/** A sheet with the rows 1 to `count` in column A, whose time stands still unless a test moves it. */
async function createReadable(count: number, options: SimulatorOptions = {}) {
  const clock = { now: 1.7e12 };
  const simulated = createSimulated({ now: () => clock.now, ...options });
  const sheet = await simulated.createSheet();
  const [a, b, c]: number[] = sheet.columns.map(({ id }: { id: number }) => id);
  const path = `/2.0/sheets/${sheet.id}`;
  const add = async (values: unknown[]): Promise<number[]> => {
    const rows = values.map((value) => ({ cells: [{ columnId: a, value }] }));
    const { result } = await simulated.call("POST", `${path}/rows`, rows);
    return result.map(({ id }: { id: number }) => id);
  };
  const ids = count ? await add(Array.from({ length: count }, (_, index) => index + 1)) : [];
  const idsOf = async (query: string): Promise<number[]> =>
    (await simulated.call("GET", `${path}?${query}`)).rows.map(({ id }: { id: number }) => id);
  const versionOf = async (): Promise<number> => (await simulated.call("GET", `${path}/version`)).version;
  return { ...simulated, clock, sheet, path, a: a!, b: b!, c: c!, ids, add, idsOf, versionOf };
}

const iso = (ms: number) => new Date(ms).toISOString();

test("a URL of over 8,000 bytes is answered with 414 and a page of HTML", async () => {
  const { simulator, path, ids } = await createReadable(1);
  const get = (query: string) =>
    simulator.fetch(new Request(`http://localhost${path}?${query}`, { headers: { authorization: "Bearer any" } }));
  const idList = (count: number, comma: string) => `rowIds=${Array(count).fill(ids[0]).join(comma)}`;
  assert.equal((await get(idList(400, "%2C"))).status, 200);
  const refused = await get(idList(450, "%2C"));
  assert.equal(refused.status, 414);
  assert.match(refused.headers.get("content-type")!, /^text\/html/);
  assert.match(await refused.text(), /^<html>/);
});

test("rowsModifiedSince is strictly later, in whole seconds", async () => {
  const { clock, add, idsOf } = await createReadable(0);
  clock.now += 400;
  const [id] = await add(["x"]);
  assert.deepEqual(await idsOf(`rowsModifiedSince=${iso(clock.now - 400)}`), [], "the same second");
  assert.deepEqual(await idsOf(`rowsModifiedSince=${iso(clock.now - 401)}`), [id], "the second before");
});

test("rowsModifiedSince leaves out rows that have become empty, and deleted ones", async () => {
  const { clock, ids, idsOf, simulator, call, path } = await createReadable(3);
  const since = `rowsModifiedSince=${iso(clock.now)}`;
  clock.now += 10_000;
  simulator.edit({ rowId: ids[0]!, column: "A", value: null });
  simulator.edit({ rowId: ids[1]!, column: "B", value: "x" });
  simulator.edit({ deleteRowIds: [ids[2]!] });
  assert.deepEqual(await idsOf(since), [ids[1]]);
  assert.equal((await call("GET", path)).totalRowCount, 2);
  assert.deepEqual(await idsOf(""), [ids[0], ids[1]]);
});

test("pages are cut first and filtered second, and one past the end is the last one again", async () => {
  const { ids, idsOf, call, path } = await createReadable(5);
  const wanted = `rowIds=${ids[0]},${ids[4]}&pageSize=2`;
  assert.deepEqual(await idsOf(`${wanted}&page=1`), [ids[0]]);
  assert.deepEqual(await idsOf(`${wanted}&page=2`), [], "a page in the middle");
  assert.deepEqual(await idsOf(`${wanted}&page=3`), [ids[4]]);
  assert.deepEqual(await idsOf("pageSize=2&page=4"), [ids[4]]);
  assert.deepEqual(await idsOf("pageSize=2&page=400"), [ids[4]]);
  const probe = await call("GET", `${path}?pageSize=1`);
  assert.deepEqual([probe.totalRowCount, probe.columns.length, probe.version, probe.rows.length], [5, 3, 2, 1]);
  const columns = await call("GET", `${path}/columns?pageSize=2&page=9`);
  assert.deepEqual([columns.pageNumber, columns.totalPages, columns.data.length], [2, 2, 1]);
});

test("pages are cut before rowsModifiedSince filters them", async () => {
  const { clock, ids, idsOf, simulator } = await createReadable(5);
  const since = `rowsModifiedSince=${iso(clock.now)}&pageSize=2`;
  clock.now += 5000;
  for (const rowId of [ids[0]!, ids[4]!]) simulator.edit({ rowId, column: "A", value: "new" });
  const pages = [];
  for (const page of [1, 2, 3, 4]) pages.push(await idsOf(`${since}&page=${page}`));
  assert.deepEqual(pages, [[ids[0]], [], [ids[4]], [ids[4]]]);
});

test("a read of one column has all attributes of the rows", async () => {
  const { clock, ids, simulator, call, path, a } = await createReadable(3);
  const since = iso(clock.now);
  clock.now += 5000;
  simulator.edit({ rowId: ids[1]!, column: "B", value: "another column" });
  simulator.edit({ rowId: ids[2]!, parentId: ids[0]! });
  const { rows } = await call("GET", `${path}?columnIds=${a}&pageSize=10000&page=1`);
  const old = "2023-11-14T22:13:20Z";
  const now = "2023-11-14T22:13:25Z";
  const attributes = ["id", "rowNumber", "parentId", "createdAt", "modifiedAt"];
  assert.deepEqual(rows.map((row: Record<string, unknown>) => attributes.map((name) => row[name])), [
    [ids[0], 1, undefined, old, old],
    [ids[2], 2, ids[0], old, now],
    [ids[1], 3, undefined, old, now],
  ]);
  const columnsOf = ({ cells }: { cells: { columnId: number }[] }) => cells.map(({ columnId }) => columnId);
  assert.deepEqual(rows.map(columnsOf), [[a], [a], [a]]);
  const changed = await call("GET", `${path}?columnIds=${a}&rowsModifiedSince=${since}`);
  assert.deepEqual(changed.rows.map(({ id }: { id: number }) => id), [ids[2], ids[1]]);
});

test("one of rowIds that isn't there refuses all of them, or is assumed to be left out", async () => {
  const { ids, ask, path } = await createReadable(1);
  const { status, body } = await ask("GET", `${path}?rowIds=${ids[0]},1`);
  assert.deepEqual([status, body.errorCode], [404, 1006]);
  const mild = await createReadable(1, { assumptions: { missingRowIds: "left-out" } });
  assert.deepEqual(await mild.idsOf(`rowIds=${mild.ids[0]},1`), mild.ids);
});

test("the version grows with cells, rows, comments, discussions, attachments; with a deleted row if it is assumed", async () => {
  for (const deletedRowVersion of ["stays", "grows"] as const) {
    const { ids, path, call, versionOf, simulator } = await createReadable(2, { assumptions: { deletedRowVersion } });
    const rises = async (act: () => unknown) => {
      const before = await versionOf();
      await act();
      return await versionOf() - before;
    };
    const rowPath = `${path}/rows/${ids[0]}`;
    const { result: { id } } = await call("POST", `${rowPath}/discussions`, { comment: { text: "?" } });
    assert.equal(await rises(() => simulator.edit({ comment: "?", rowId: ids[0]! })), 1);
    assert.equal(await rises(() => simulator.edit({ attachment: "https://example.com/" })), 1);
    assert.equal(await rises(() => call("POST", `${path}/discussions/${id}/comments`, { text: "!" })), 1);
    assert.equal(await rises(() => call("DELETE", `${path}/discussions/${id}`)), 1);
    assert.equal(await rises(() => simulator.edit({ rowId: ids[0]!, column: "B", value: 1 })), 1);
    assert.equal(await rises(() => simulator.edit({ column: "A", value: 1 })), 1);
    const deletion = await rises(() => simulator.edit({ deleteRowIds: [ids[1]!] }));
    assert.equal(deletion, deletedRowVersion === "grows" ? 1 : 0);
    assert.deepEqual(await call("GET", `${path}?ifVersionAfter=${await versionOf()}`), { version: await versionOf() });
  }
});

test("a read of a sheet, and nothing else, tells the limit of reads, which requestsPerMinute enforces", async () => {
  const clock = { now: 1.7e12 };
  const formats = { "epoch-seconds": "1700000060", "epoch-ms": "1700000060000", "seconds-left": "60" } as const;
  for (const [readResetFormat, reset] of Object.entries(formats)) {
    const assumptions = { readResetFormat: readResetFormat as keyof typeof formats };
    const options = { now: () => clock.now, assumptions, requestsPerMinute: 10_000 };
    const { simulator, call, createSheet } = createSimulated(options);
    const { id } = await createSheet();
    const limits = async (path: string, token = "any") => {
      const headers = { authorization: `Bearer ${token}` };
      const { status, headers: told } = await simulator.fetch(new Request(`http://localhost/2.0${path}`, { headers }));
      return [status, ...["limit", "remaining", "reset"].map((name) => told.get(`x-ratelimit-${name}`))];
    };
    assert.deepEqual(await limits(`/sheets/${id}/version`), [200, null, null, null]);
    assert.deepEqual(await limits(`/sheets/${id}`), [200, "80000", "79600", reset]);
    assert.deepEqual(await limits(`/sheets/${id}?ifVersionAfter=9`), [200, "80000", "79200", reset]);
    for (let read = 2; read < 200; read++) await call("GET", `/2.0/sheets/${id}`);
    assert.deepEqual(await limits(`/sheets/${id}`), [429, null, null, null]);
    assert.deepEqual((await limits(`/sheets/${id}`, "other"))[0], 200);
    assert.deepEqual((await limits(`/sheets/${id}/version`))[0], 200);
    clock.now += 60_000;
    assert.deepEqual((await limits(`/sheets/${id}`))[2], "79600");
    clock.now = 1.7e12;
  }
  const { simulator, createSheet } = createSimulated();
  const { id } = await createSheet();
  for (let read = 0; read < 250; read++) {
    const headers = { authorization: "Bearer any" };
    const answer = await simulator.fetch(new Request(`http://localhost/2.0/sheets/${id}`, { headers }));
    assert.deepEqual([answer.status, answer.headers.get("x-ratelimit-remaining")], [200, "79600"]);
  }
});

test("a row that was just created may be missing for some time", async () => {
  const { clock, ids, ask, idsOf, path, call } = await createReadable(1, { faults: { "late-row": 1 } });
  assert.equal((await ask("GET", `${path}/rows/${ids[0]}`)).body.errorCode, 1006);
  assert.deepEqual([await idsOf(""), (await call("GET", path)).totalRowCount], [[], 0]);
  clock.now += 2000;
  assert.deepEqual(await idsOf(""), ids);
  assert.equal((await call("GET", `${path}/rows/${ids[0]}`)).id, ids[0]);
});

test("include, exclude and level tell types, writers and lists, and leave out empty cells", async () => {
  const { call } = createSimulated({ users: { ann: "ann@example.com" } });
  const types = ["TEXT_NUMBER", "CONTACT_LIST", "MULTI_CONTACT_LIST", "MULTI_PICKLIST", "DATE"];
  const columns = types.map((type, index) => ({
    title: type,
    type,
    primary: index === 0,
    ...(type === "MULTI_PICKLIST" ? { options: ["red", "blue"] } : {}),
  }));
  const sheet = (await call("POST", "/2.0/sheets", { name: "Orders", columns })).result;
  const path = `/2.0/sheets/${sheet.id}`;
  const [text, contact, contacts, choices, date] = sheet.columns.map(({ id }: { id: number }) => id);
  const bob = { objectType: "CONTACT", email: "bob@example.com", name: "Bob" };
  const several = { objectType: "MULTI_CONTACT", values: [bob, { objectType: "CONTACT", email: "eve@example.com" }] };
  const picked = { objectType: "MULTI_PICKLIST", values: ["red", "blue"] };
  const cells = [
    { columnId: contact, objectValue: bob },
    { columnId: contacts, objectValue: several },
    { columnId: choices, objectValue: picked },
    { columnId: date, value: "2026-11-22" },
  ];
  await call("POST", `${path}/rows`, { cells }, { authorization: "Bearer ann" });
  const read = async (query: string) => await call("GET", `${path}?${query}`);
  const ofColumns = async (query: string, name: string) =>
    (await read(query)).columns.map((column: Record<string, unknown>) => column[name]);
  const typesOf = (query: string) => ofColumns(query, "type");

  assert.deepEqual(await typesOf("level=2"), types);
  assert.deepEqual((await typesOf("level=1"))[3], "TEXT_NUMBER");
  assert.deepEqual((await typesOf("")).slice(1, 4), ["CONTACT_LIST", "TEXT_NUMBER", "TEXT_NUMBER"]);
  assert.deepEqual(await ofColumns("level=2", "version"), [0, 0, 1, 2, 0]);
  assert.deepEqual(await ofColumns("level=1", "version"), [0, 0, 1, 0, 0]);
  assert.deepEqual((await ofColumns("level=2", "options"))[3], ["red", "blue"]);
  assert.deepEqual((await ofColumns("", "options"))[3], undefined);
  const [plain] = (await read("")).rows;
  assert.deepEqual(plain.cells, [
    { columnId: text },
    { columnId: contact, value: "bob@example.com", displayValue: "Bob" },
    { columnId: contacts, value: "Bob, eve@example.com", displayValue: "Bob, eve@example.com" },
    { columnId: choices, value: "red, blue", displayValue: "red, blue" },
    { columnId: date, value: "2026-11-22" },
  ]);
  assert.equal(plain.modifiedBy, undefined);

  const query = "include=objectValue,columnType,writerInfo&exclude=nonexistentCells";
  const [typed] = (await read(`${query}&level=2`)).rows;
  const ofCells = (name: string) => typed.cells.map((cell: Record<string, unknown>) => cell[name]);
  assert.deepEqual(ofCells("columnId"), [contact, contacts, choices, date], "the empty one is left out");
  assert.deepEqual(ofCells("columnType"), types.slice(1));
  assert.deepEqual(ofCells("objectValue"), [bob, several, picked, { objectType: "DATE", value: "2026-11-22" }]);
  assert.deepEqual(typed.modifiedBy, { email: "ann@example.com", name: "ann Simulated" });
  assert.deepEqual(typed.createdBy, typed.modifiedBy);
  const [low] = (await read(query)).rows;
  assert.deepEqual(low.cells[2].objectValue, "red, blue", "means nothing without its level");
  const row = await call("GET", `${path}/rows/${typed.id}?${query}&level=2`);
  assert.deepEqual(row.cells, typed.cells);
});

test("a discussion names its row, or its sheet, as its parent", async () => {
  const { call, path, ids, sheet } = await createReadable(1);
  const body = { comment: { text: "?" } };
  const ofRow = (await call("POST", `${path}/rows/${ids[0]}/discussions`, body)).result;
  const ofSheet = (await call("POST", `${path}/discussions`, body)).result;
  const parentOf = async (id: number) => {
    const { parentType, parentId } = await call("GET", `${path}/discussions/${id}`);
    return [parentType, parentId];
  };
  assert.deepEqual(await parentOf(ofRow.id), ["ROW", ids[0]]);
  assert.deepEqual(await parentOf(ofSheet.id), ["SHEET", sheet.id]);
});

test("GET /sheets?modifiedSince lags behind", async () => {
  const { clock, call, add } = await createReadable(0);
  const listed = async (since: number): Promise<string[]> =>
    (await call("GET", `/2.0/sheets?modifiedSince=${iso(since)}`)).data.map(({ modifiedAt }: { modifiedAt: string }) =>
      modifiedAt
    );
  const start = clock.now;
  clock.now += 100_000;
  await add([1]);
  const first = clock.now;
  clock.now += 64_000;
  await add([2]);
  assert.deepEqual(await listed(start + 1), [], "65 s");
  clock.now += 1000;
  assert.deepEqual(await listed(start + 1), [`${iso(first).slice(0, 19)}Z`]);
  assert.deepEqual(await listed(first + 1), []);
  clock.now += 65_000;
  assert.equal((await listed(first + 1)).length, 1);
});

test("createSimulator() takes durations as assumptions", () => {
  const assumptions = { lateRowMs: 0 };
  assert.throws(() => createSimulator({ assumptions }), /assumptions: lateRowMs is 0, but should be a number from 1/);
});
