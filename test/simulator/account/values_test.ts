import assert from "node:assert/strict";
import { test } from "node:test";
import { createSimulated } from "../../support/simulated.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

const DETAILS = "include=objectValue&level=2";

/** A sheet with one column of each type, and a row. */
async function createTyped(options: Parameters<typeof createSimulated>[0] = {}) {
  const simulated = createSimulated(options);
  const { simulator, call, ask } = simulated;
  const { sheetId, columnIds, rowIds: [rowId] } = simulator.createSheet("Typed", [
    "Name",
    { title: "Done", type: "CHECKBOX" },
    { title: "Flag", type: "CHECKBOX", symbol: "FLAG", validation: true },
    { title: "Day", type: "DATE" },
    { title: "Start", type: "ABSTRACT_DATETIME" },
    { title: "Owner", type: "CONTACT_LIST" },
    { title: "Team", type: "MULTI_CONTACT_LIST" },
    { title: "State", type: "PICKLIST", options: ["open", "done"] },
    { title: "Strict", type: "PICKLIST", options: ["open", "done"], validation: true },
    { title: "Health", type: "PICKLIST", symbol: "RYG" },
    { title: "Tags", type: "MULTI_PICKLIST", options: ["red", "blue"] },
    { title: "Closed", type: "MULTI_PICKLIST", options: ["red", "blue"], validation: true },
    { title: "Length", type: "DURATION" },
    { title: "After", type: "PREDECESSOR" },
  ], [["first"], ["second"]]);
  const path = `/2.0/sheets/${sheetId}`;
  const put = (title: string, cell: Record<string, unknown>, query = "") =>
    ask("PUT", `${path}/rows?${query}`, { id: rowId, cells: [{ columnId: columnIds[title], ...cell }] });
  const read = async (title: string, query = DETAILS): Promise<Any> => {
    const { cells } = await call("GET", `${path}/rows/${rowId}?${query}`);
    const { columnId: _, ...cell } = cells.find(({ columnId }: Any) => columnId === columnIds[title]);
    return cell;
  };
  return { ...simulated, path, sheetId, columnIds, rowId: rowId!, put, read };
}

const ann = { objectType: "CONTACT", email: "ann@example.com", name: "Ann" };
const bob = { objectType: "CONTACT", email: "bob@example.com" };
const team = { objectType: "MULTI_CONTACT", values: [ann, bob] };
const tags = (...values: string[]) => ({ objectType: "MULTI_PICKLIST", values });
const time = "2026-01-31T13:30:00";
const abstract = (value: string) => ({ value, objectValue: { objectType: "ABSTRACT_DATETIME", value } });
const date = (value: string) => ({ value, objectValue: { objectType: "DATE", value } });
const text = (value: string) => ({ value, displayValue: value, objectValue: value });
const duration = (value: string, parts: Record<string, unknown>) => ({
  value,
  displayValue: value,
  objectValue: { objectType: "DURATION", ...parts },
});

test("each type keeps a value that conforms to it, and shows it again", async () => {
  const { put, read } = await createTyped();
  const cases: [title: string, written: Record<string, unknown>, shown: Record<string, unknown>][] = [
    ["Name", { value: "50%" }, text("50%")],
    ["Name", { value: "true" }, text("true")],
    ["Name", { value: 1.5 }, { value: 1.5, displayValue: "1.5", objectValue: 1.5 }],
    ["Name", { value: true }, { value: true, displayValue: "true", objectValue: true }],
    ["Name", { value: "x".repeat(4000) }, text("x".repeat(4000))],
    ["Name", { value: "x".repeat(4001) }, text("x".repeat(4000))],
    ["Done", { value: true }, { value: true, objectValue: true }],
    ["Done", { value: "" }, { value: false, objectValue: false }],
    ["Flag", { value: false }, { value: false, objectValue: false }],
    ["Day", { value: "2026-01-31" }, date("2026-01-31")],
    ["Day", { value: "2026-01-31T23:00:00" }, date("2026-01-31")],
    ["Day", { objectValue: { objectType: "DATE", value: "2028-02-29" } }, date("2028-02-29")],
    ["Start", { value: time }, abstract(time)],
    ["Start", { value: "2026-01-31" }, abstract("2026-01-31T00:00:00")],
    ["Start", { objectValue: { objectType: "ABSTRACT_DATETIME", value: time } }, abstract(time)],
    ["Owner", { value: ann.email, displayValue: "Ann" }, { value: ann.email, displayValue: "Ann", objectValue: ann }],
    ["Owner", { value: bob.email }, { value: bob.email, displayValue: bob.email, objectValue: bob }],
    ["Owner", { objectValue: ann }, { value: ann.email, displayValue: "Ann", objectValue: ann }],
    ["Team", { objectValue: team }, {
      value: "Ann, bob@example.com",
      displayValue: "Ann, bob@example.com",
      objectValue: team,
    }],
    ["State", { value: "open" }, text("open")],
    ["Strict", { value: "done" }, text("done")],
    ["Health", { value: "Green" }, text("Green")],
    ["Tags", { objectValue: tags("blue", "red") }, { ...text("blue, red"), objectValue: tags("blue", "red") }],
    ["Length", { value: "4d 6h 30m" }, duration("4d 6h 30m", { days: 4, hours: 6, minutes: 30 })],
    ["Length", { value: "1.5w" }, duration("1.5w", { weeks: 1.5 })],
    ["Length", { value: "e3h 6ms" }, duration("e3h 6ms", { hours: 3, milliseconds: 6, elapsed: true })],
    ["Length", { objectValue: { objectType: "DURATION", days: 2.5 } }, duration("2.5d", { days: 2.5 })],
  ];
  for (const [title, written, shown] of cases) {
    const { status, body } = await put(title, written);
    assert.equal(status, 200, JSON.stringify([title, written, body]));
    assert.deepEqual(await read(title), shown, JSON.stringify([title, written]));
  }
});

test("a strict value that does not conform is 1042, and changes nothing", async () => {
  const { put, read, columnIds, rowId } = await createTyped();
  const refused: [title: string, written: Record<string, unknown>][] = [
    ["Name", { objectValue: ann }],
    ["Done", { value: "true" }],
    ["Done", { value: 1 }],
    ["Day", { value: "31.1.2026" }],
    ["Day", { value: "2026-02-30" }],
    ["Day", { value: 46000 }],
    ["Start", { value: "soon" }],
    ["Owner", { value: "Ann" }],
    ["Team", { value: "ann@example.com" }],
    ["Team", { objectValue: tags("red") }],
    ["Team", { objectValue: { objectType: "MULTI_CONTACT", values: [{ email: "Ann" }] } }],
    ["State", { value: "gone" }],
    ["State", { value: 1 }],
    ["Health", { value: "Pink" }],
    ["Tags", { value: "red" }],
    ["Tags", { objectValue: tags("red", "green") }],
    ["Length", { value: 3 }],
    ["Length", { value: "3 days" }],
    ["After", { value: "1" }],
    ["After", { objectValue: { objectType: "PREDECESSOR_LIST", predecessors: [{ rowId, type: "XX" }] } }],
  ];
  for (const [title, written] of refused) {
    const before = await read(title);
    const { status, body } = await put(title, written);
    assert.deepEqual([status, body.errorCode, body.detail], [400, 1042, { index: 0, rowId }], JSON.stringify(written));
    assert.deepEqual(await read(title), before);
  }
  const { body } = await put("State", { value: "gone" });
  assert.equal(
    body.message,
    `The value for cell in column ${columnIds.State}, gone, did not conform to the strict requirements for type PICKLIST.`,
  );
});

test("a datetime takes no time zone: 5536", async () => {
  const { put } = await createTyped();
  for (const value of [`${time}Z`, `${time}+00:00`]) {
    assert.equal((await put("Start", { value })).body.errorCode, 5536);
  }
});

test("strict false makes of a value what it can, and text of the rest", async () => {
  const { put, read } = await createTyped();
  const cases: [title: string, value: unknown, shown: Record<string, unknown>][] = [
    ["Name", "100.5", { value: 100.5, displayValue: "100.5", objectValue: 100.5 }],
    ["Name", "$5,000", { value: 5000, displayValue: "$5,000", objectValue: 5000 }],
    ["Name", "50%", { value: 0.5, displayValue: "50%", objectValue: 0.5 }],
    ["Name", "5 ropes", text("5 ropes")],
    ["Name", "$", text("$")],
    ["Name", 2 ** 54, text(String(2 ** 54))],
    ["Done", "True", { value: true, objectValue: true }],
    ["Done", "yes", { value: "yes", objectValue: "yes" }],
    ["Day", "1/31/2026", date("2026-01-31")],
    ["Day", "2026-01-31", date("2026-01-31")],
    ["Day", "tomorrow", { value: "tomorrow", objectValue: "tomorrow" }],
    ["Owner", ann.email, { value: ann.email, displayValue: ann.email, objectValue: { ...ann, name: undefined } }],
    ["Owner", "whoever", text("whoever")],
    ["State", "gone", text("gone")],
    ["State", "7", { value: 7, displayValue: "7", objectValue: 7 }],
    ["Team", "ann and bob", text("ann and bob")],
    ["Tags", "red", text("red")],
    ["Length", 3, duration("3d", { days: 3 })],
    ["Length", "a while", text("a while")],
  ];
  for (const [title, value, shown] of cases) {
    const { status, body } = await put(title, { value, strict: false });
    assert.equal(status, 200, JSON.stringify([title, value, body]));
    assert.deepEqual(await read(title), JSON.parse(JSON.stringify(shown)), JSON.stringify([title, value]));
  }
  await put("Tags", { objectValue: tags("red", "green"), strict: false });
  assert.deepEqual((await read("Tags")).objectValue, tags("red", "green"), "other choices than the options");
});

test("validation refuses what is no option or of another type, unless it is overridden", async () => {
  const { put, read } = await createTyped();
  const refused: [title: string, written: Record<string, unknown>][] = [
    ["Strict", { value: "gone" }],
    ["Flag", { value: "perhaps" }],
    ["Closed", { objectValue: tags("red", "green") }],
  ];
  for (const [title, written] of refused) {
    const { status, body } = await put(title, { ...written, strict: false });
    assert.deepEqual([status, body.errorCode], [400, 5536]);
    assert.match(body.message, /^VALIDATION: /);
    assert.equal(
      (await put(title, { ...written, overrideValidation: true })).body.errorCode,
      1042,
      "strict stays strict",
    );
  }
  assert.equal((await put("Strict", { value: "gone", strict: false, overrideValidation: true })).status, 200);
  assert.equal((await put("Flag", { value: "perhaps", strict: false }, "overrideValidation=true")).status, 200);
  assert.equal((await read("Strict")).value, "gone");
  assert.equal((await put("Strict", { value: "open", strict: false })).status, 200);
});

test("predecessors name rows by id, and show the numbers that these have now", async () => {
  const { put, read, call, simulator, path, sheetId, rowId } = await createTyped();
  const { rowIds: [other] } = simulator.edit({ sheetId, cells: [{ column: "Name", value: "third" }] });
  const lag = { objectType: "DURATION", days: 2, hours: 4 };
  const predecessors = [{ rowId: other, type: "FS", lag }, { rowId: other, type: "SS" }];
  await put("After", { objectValue: { objectType: "PREDECESSOR_LIST", predecessors } });
  const shown = (rowNumber: number) => ({
    value: `${rowNumber}FS +2d 4h, ${rowNumber}SS`,
    displayValue: `${rowNumber}FS +2d 4h, ${rowNumber}SS`,
    objectValue: {
      objectType: "PREDECESSOR_LIST",
      predecessors: [{ rowId: other, rowNumber, type: "FS", lag }, { rowId: other, rowNumber, type: "SS" }],
    },
  });
  assert.deepEqual(await read("After"), shown(3));
  await call("PUT", `${path}/rows`, { id: other, toTop: true });
  assert.deepEqual(await read("After"), shown(1));
  simulator.edit({ sheetId, deleteRowIds: [other!] });
  assert.deepEqual([(await read("After")).value, (await read("After")).objectValue.predecessors[1]], [
    "#REF, #REF",
    { rowId: other, invalid: true, type: "SS" },
  ]);
  simulator.edit({ sheetId, rowId, column: "After", value: "2FS +1d" });
  assert.equal((await read("After")).value, "2FS +1d", "as a person types it");
  const unknown = { objectType: "PREDECESSOR_LIST", predecessors: [{ rowId: 1 }] };
  assert.equal((await put("After", { objectValue: unknown })).body.errorCode, 1034);
  await put("After", { value: null });
  assert.deepEqual(await read("After"), {});
});

test("lists are emptied by null and by no items", async () => {
  const { put, read } = await createTyped();
  for (const empty of [{ value: null }, { objectValue: { objectType: "MULTI_CONTACT", values: [] } }]) {
    await put("Team", { objectValue: team });
    assert.equal((await put("Team", empty)).status, 200);
    assert.deepEqual(await read("Team"), {});
  }
});

test("a hyperlink gives the value unless there is one, and goes when the value is overwritten", async () => {
  const { put, read, simulator } = await createTyped();
  const url = "https://example.com/";
  await put("Name", { value: "map", hyperlink: { url } });
  assert.deepEqual(await read("Name", ""), { value: "map", displayValue: "map", hyperlink: { url } });
  await put("Name", { hyperlink: { url } });
  assert.equal((await read("Name")).value, url);
  const other = simulator.createSheet("Other", ["A"]).sheetId;
  await put("Name", { hyperlink: { sheetId: other } });
  const { value, hyperlink } = await read("Name");
  assert.deepEqual([value, hyperlink.sheetId, typeof hyperlink.url], ["Other", other, "string"]);
  await put("Name", { value: "plain" });
  assert.deepEqual(await read("Name", ""), { value: "plain", displayValue: "plain" });
});

test("system columns are filled in, and refuse to be written", async () => {
  let now = Date.parse("2026-01-31T10:00:00Z");
  const { simulator, call, ask } = createSimulated({ now: () => now, users: { ann: "ann@example.com" } });
  const { sheetId, columnIds, rowIds } = simulator.createSheet("Orders", [
    "Item",
    {
      title: "No",
      systemColumnType: "AUTO_NUMBER",
      autoNumberFormat: { prefix: "PO-", fill: "000", startingNumber: 7 },
    },
    { title: "Created", systemColumnType: "CREATED_DATE" },
    { title: "By", systemColumnType: "MODIFIED_BY" },
  ], [["Rope"]]);
  now += 60_000;
  const path = `/2.0/sheets/${sheetId}`;
  const cells = [{ columnId: columnIds.Item, value: "Tar" }];
  const headers = { authorization: "Bearer ann" };
  await call("PUT", `${path}/rows`, { id: rowIds[0], cells }, headers);
  await call("POST", `${path}/rows`, { cells }, headers);
  const { rows, columns } = await call("GET", `${path}?${DETAILS}`);
  assert.deepEqual(columns.map(({ type }: Any) => type), ["TEXT_NUMBER", "TEXT_NUMBER", "DATETIME", "CONTACT_LIST"]);
  assert.equal(columns[1].systemColumnType, "AUTO_NUMBER");
  assert.deepEqual(rows.map((row: Any) => row.cells.slice(1).map(({ value }: Any) => value)), [
    ["PO-007", "2026-01-31T10:00:00Z", "ann@example.com"],
    ["PO-008", "2026-01-31T10:01:00Z", "ann@example.com"],
  ]);
  assert.deepEqual(rows[0].cells[2].objectValue, { objectType: "DATETIME", value: "2026-01-31T10:00:00Z" });
  const write = { id: rowIds[0], cells: [{ columnId: columnIds.No, value: 1 }] };
  assert.equal((await ask("PUT", `${path}/rows`, write)).body.errorCode, 1046);
});

test("a column of another type makes what it can of its values", async () => {
  const { call, path, columnIds, simulator, sheetId, rowId, read } = await createTyped();
  simulator.edit({ sheetId, rowId, column: "Name", value: "first" });
  simulator.edit({ sheetId, rowId, column: "State", value: "2026-01-31" });
  await call("PUT", `${path}/columns/${columnIds.State}`, { type: "DATE" });
  assert.deepEqual(await read("State"), date("2026-01-31"));
  await call("PUT", `${path}/columns/${columnIds.State}`, { title: "Since" });
  const { columns } = await call("GET", path);
  const { title, type, options } = columns.find(({ id }: Any) => id === columnIds.State);
  assert.deepEqual([title, type, options], ["Since", "DATE", undefined]);
  await call("PUT", `${path}/columns/${columnIds.State}`, { type: "PICKLIST", symbol: "RYG" });
  await call("PUT", `${path}/columns/${columnIds.State}`, { type: "PICKLIST", symbol: "PRIORITY" });
  const [changed] = (await call("GET", path)).columns.filter(({ id }: Any) => id === columnIds.State);
  assert.deepEqual([changed.symbol, changed.options], ["PRIORITY", ["High", "Low"]]);
});

test("the history of a cell shows each value as it was written", async () => {
  const { put, call, path, columnIds, rowId } = await createTyped();
  await put("Owner", { objectValue: ann });
  await put("Owner", { value: bob.email });
  const { data } = await call("GET", `${path}/rows/${rowId}/columns/${columnIds.Owner}/history`);
  assert.deepEqual(data.map(({ displayValue }: Any) => displayValue), [bob.email, "Ann"]);
});
