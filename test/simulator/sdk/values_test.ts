import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import smartsheet from "smartsheet";
import { startServer } from "../../../src/cli/server_adapter.ts";
import type { Server } from "../../../src/serve/options.ts";
import { createSimulator } from "../../../src/simulator/simulator.ts";

// deno-lint-ignore no-explicit-any
type Any = any;

// The judge: Smartsheet's own SDK, which writes and reads each type as its documentation says.
describe("the official SDK, with values", () => {
  let client: Any, sheetId: number, rowId: number, api: Server;
  const ids = new Map<string, number>();

  before(async () => {
    api = await startServer({ fetch: createSimulator({ seed: 4 }).fetch, port: 0, hostname: "127.0.0.1", path: "*" });
    client = smartsheet.createClient({ accessToken: "any", baseUrl: `${api.url}/2.0/` });
    const columns = [
      { title: "Name", type: "TEXT_NUMBER", primary: true },
      { title: "Done", type: "CHECKBOX", symbol: "STAR" },
      { title: "Day", type: "DATE" },
      { title: "Start", type: "ABSTRACT_DATETIME" },
      { title: "Owner", type: "CONTACT_LIST" },
      { title: "Team", type: "MULTI_CONTACT_LIST" },
      { title: "State", type: "PICKLIST", options: ["open", "done"] },
      { title: "Health", type: "PICKLIST", symbol: "RYG" },
      { title: "Tags", type: "MULTI_PICKLIST", options: ["red", "blue"] },
      { title: "Length", type: "DURATION" },
      { title: "After", type: "PREDECESSOR" },
      { title: "No", type: "TEXT_NUMBER", systemColumnType: "AUTO_NUMBER" },
    ];
    const { result } = await client.sheets.createSheet({ body: { name: "Tasks", columns } });
    sheetId = result.id;
    for (const { id, title } of result.columns) ids.set(title, id);
    const added = await client.sheets.addRows({ sheetId, body: [cell("Name", { value: "first" })] });
    rowId = added.result[0].id;
  });
  after(() => api.stop());

  const cell = (title: string, value: Record<string, unknown>) => ({ cells: [{ columnId: ids.get(title), ...value }] });
  const write = (title: string, value: Record<string, unknown>) =>
    client.sheets.updateRow({ sheetId, body: [{ id: rowId, ...cell(title, value) }] });
  async function read(title: string, queryParameters: Record<string, unknown> = {}): Promise<Any> {
    const row = await client.sheets.getRow({ sheetId, rowId, queryParameters });
    return row.cells.find(({ columnId }: Any) => columnId === ids.get(title));
  }
  const typed = { include: "objectValue,columnType", level: 2 };

  it("writes and reads a value of each type", async () => {
    const ann = { objectType: "CONTACT", email: "ann@example.com", name: "Ann" };
    const team = { objectType: "MULTI_CONTACT", values: [ann, { objectType: "CONTACT", email: "bob@example.com" }] };
    const tags = { objectType: "MULTI_PICKLIST", values: ["blue", "red"] };
    const time = "2026-01-31T13:30:00";
    const cases: [
      title: string,
      written: Record<string, unknown>,
      value: unknown,
      display: unknown,
      object: unknown,
    ][] = [
      ["Name", { value: "Rope" }, "Rope", "Rope", "Rope"],
      ["Name", { value: 7.5 }, 7.5, "7.5", 7.5],
      ["Done", { value: true }, true, undefined, true],
      ["Day", { value: "2026-01-31" }, "2026-01-31", undefined, { objectType: "DATE", value: "2026-01-31" }],
      ["Start", { value: time }, time, undefined, { objectType: "ABSTRACT_DATETIME", value: time }],
      ["Owner", { value: ann.email, displayValue: "Ann" }, ann.email, "Ann", ann],
      ["Team", { objectValue: team }, "Ann, bob@example.com", "Ann, bob@example.com", team],
      ["State", { value: "done" }, "done", "done", "done"],
      ["Health", { value: "Red" }, "Red", "Red", "Red"],
      ["Tags", { objectValue: tags }, "blue, red", "blue, red", tags],
      ["Length", { value: "2d 4h" }, "2d 4h", "2d 4h", { objectType: "DURATION", days: 2, hours: 4 }],
    ];
    for (const [title, written, value, display, object] of cases) {
      assert.equal((await write(title, written)).message, "SUCCESS");
      const found = await read(title, typed);
      assert.deepEqual([found.value, found.displayValue, found.objectValue], [value, display, object], title);
    }
    const sheet = await client.sheets.getSheet({ sheetId, queryParameters: { level: 2 } });
    assert.deepEqual(sheet.columns.map(({ symbol }: Any) => symbol).filter(Boolean), ["STAR", "RYG"]);
    assert.deepEqual(sheet.columns.map(({ version }: Any) => version).filter(Boolean), [1, 2]);
  });

  it("reads lists as text without a level", async () => {
    const { columns } = await client.sheets.getSheet({ sheetId });
    const types = columns.filter(({ title }: Any) => ["Team", "Tags"].includes(title)).map(({ type }: Any) => type);
    assert.deepEqual(types, ["TEXT_NUMBER", "TEXT_NUMBER"]);
    const found = await read("Tags", { include: "objectValue,columnType" });
    assert.deepEqual([found.columnType, found.value, found.objectValue], ["TEXT_NUMBER", "blue, red", "blue, red"]);
    assert.equal((await read("Team", { include: "columnType", level: 1 })).columnType, "MULTI_CONTACT_LIST");
    assert.equal((await read("Tags", { include: "columnType", level: 1 })).columnType, "TEXT_NUMBER");
  });

  it("adds a predecessor with a lag, and gets its text, as in the recorded answer of Smartsheet", async () => {
    const lag = {
      objectType: "DURATION",
      weeks: 1.5,
      days: 2.5,
      hours: 3.5,
      minutes: 4.5,
      seconds: 5.5,
      milliseconds: 6,
    };
    const objectValue = {
      objectType: "PREDECESSOR_LIST",
      predecessors: [{ rowId, type: "FS", lag: { ...lag, negative: false, elapsed: false } }],
    };
    const { result } = await client.sheets.addRows({
      sheetId,
      body: [cell("After", { objectValue })],
      queryParameters: { include: "objectValue" },
    });
    const found = result[0].cells.find(({ columnId }: Any) => columnId === ids.get("After"));
    assert.deepEqual(found, {
      columnId: ids.get("After"),
      value: "1FS +1.5w 2.5d 3.5h 4.5m 5.5s 6ms",
      displayValue: "1FS +1.5w 2.5d 3.5h 4.5m 5.5s 6ms",
      objectValue: { objectType: "PREDECESSOR_LIST", predecessors: [{ rowId, rowNumber: 1, type: "FS", lag }] },
    });
  });

  it("writes hyperlinks and formulas, but no value beside a formula", async () => {
    await write("Name", { value: "map", hyperlink: { url: "https://example.com/" } });
    assert.deepEqual((await read("Name")).hyperlink, { url: "https://example.com/" });
    await write("Name", { value: "", hyperlink: null });
    assert.deepEqual(await read("Name"), { columnId: ids.get("Name") });
    await write("Name", { formula: "=1+1" });
    assert.equal((await read("Name")).formula, "=1+1");
    await assert.rejects(write("Name", { formula: "=1+1", value: "2" }), { statusCode: 400, errorCode: 1163 });
  });

  it("is refused a value of another type, unless strict is false", async () => {
    const refused: [string, unknown][] = [["Done", "true"], ["Day", "soon"], ["Owner", "Ann"], ["State", "gone"]];
    for (const [title, value] of refused) {
      await assert.rejects(write(title, { value }), { statusCode: 400, errorCode: 1042 });
      await write(title, { value, strict: false });
    }
    assert.equal((await read("Done")).value, true);
    assert.equal((await read("State")).value, "gone");
    await assert.rejects(write("No", { value: 1 }), { errorCode: 1046 });
    assert.equal((await read("No")).value, "1");
  });
});
