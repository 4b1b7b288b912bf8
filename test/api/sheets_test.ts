import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Api, createApi } from "../../src/api/api.ts";
import { createSimulator, type SimulatorOptions } from "../../src/simulator/simulator.ts";
import { createLog } from "../support/callbacks.ts";
import { freshToken } from "./fake_smartsheet.ts";

interface SimulatedSheet {
  readonly api: Api;
  readonly sheetId: number;
  readonly columnIds: readonly number[];
  /** The paths and queries that were asked for since it was emptied. */
  readonly seen: string[];
  readonly simulator: ReturnType<typeof createSimulator>;
  add(count: number): Promise<number[]>;
}

/** A sheet at a simulator, and a client for it. */
async function createSheet(columnCount = 2, options: SimulatorOptions = {}): Promise<SimulatedSheet> {
  const simulator = createSimulator({ seed: 1, ...options });
  const seen: string[] = [];
  const api = createApi({
    token: freshToken(),
    requestsPerMinute: 10_000,
    logger: createLog(),
    fetch: (request) => {
      seen.push(request.url.slice("https://api.smartsheet.com/2.0".length));
      assert.ok(request.url.length <= 7_500, `a URL of ${request.url.length} bytes`);
      return simulator.fetch(request);
    },
  });
  const columns = Array.from({ length: columnCount }, (_, index) => ({ title: `C${index}`, primary: index === 0 }));
  const request = new Request("http://localhost/2.0/sheets", {
    method: "POST",
    headers: { authorization: "Bearer any" },
    body: JSON.stringify({ name: "Orders", columns }),
  });
  const { result } = await (await simulator.fetch(request)).json();
  const columnIds: number[] = result.columns.map(({ id }: { id: number }) => id);
  return {
    ...{ api, simulator, seen, sheetId: result.id, columnIds },
    async add(count) {
      const ids: number[] = [];
      for (let left = count; left > 0; left -= 500) {
        const rows = Array.from({ length: Math.min(left, 500) }, (_, value) => ({
          cells: [{ columnId: columnIds[0]!, value }, { columnId: columnIds.at(-1)!, value: "last" }],
        }));
        ids.push(...(await api.rows.add(result.id, rows)).map(({ id }) => id));
      }
      seen.length = 0;
      return ids;
    },
  };
}

const idsOf = (rows: readonly { readonly id: number }[] = []) => rows.map(({ id }) => id);

describe("sheets.get()", () => {
  it("reads 900 rows by their ids in three requests, in the order of the sheet", async () => {
    const { api, sheetId, add, seen, columnIds } = await createSheet();
    const ids = await add(900);
    const asked = [...ids.toReversed(), ...ids.slice(0, 10)];
    const sheet = await api.sheets.get(sheetId, { rowIds: asked, columnIds: [columnIds[0]!] });
    assert.deepEqual(idsOf(sheet.rows), ids);
    assert.deepEqual([seen.length, sheet.totalRowCount, sheet.version], [3, 900, 3]);
  });

  it("asks for 400 ids of 16 digits in one request", async () => {
    const { api, sheetId, seen } = await createSheet(2, { assumptions: { missingRowIds: "left-out" } });
    const rowIds = Array.from({ length: 400 }, (_, index) => 7960873114331012 + index);
    await api.sheets.get(sheetId, {
      rowIds,
      include: ["objectValue", "columnType", "writerInfo"],
      exclude: ["nonexistentCells"],
      level: 2,
    });
    assert.equal(seen.length, 1);
  });

  it("asks for no more than 400 ids at once", async () => {
    const { api, sheetId, seen } = await createSheet(2, { assumptions: { missingRowIds: "left-out" } });
    await api.sheets.get(sheetId, { rowIds: Array.from({ length: 401 }, (_, index) => index + 1) });
    assert.equal(seen.length, 2);
  });

  it("leaves out ids that aren't there, whether Smartsheet refuses them or not", async () => {
    for (const missingRowIds of ["refused", "left-out"] as const) {
      const { api, sheetId, add, simulator, seen } = await createSheet(2, { assumptions: { missingRowIds } });
      const ids = await add(800);
      const gone = [ids[0]!, ids[399]!, ids[799]!];
      simulator.edit({ deleteRowIds: gone });
      const { rows } = await api.sheets.get(sheetId, { rowIds: ids });
      assert.deepEqual(idsOf(rows), ids.filter((id) => !gone.includes(id)));
      assert.ok(seen.length <= 6, `${seen.length} requests`);
      const none = await api.sheets.get(sheetId, { rowIds: gone.slice(0, 1) });
      assert.deepEqual([none.rows, none.totalRowCount, none.columns?.length], [[], 797, 2]);
    }
  });

  it("fails if it is the sheet that isn't there", async () => {
    const { api } = await createSheet();
    await assert.rejects(api.sheets.get(1, { rowIds: [1, 2] }), { errorCode: 1006 });
  });

  it("reads no rows where no ids are given", async () => {
    const { api, sheetId, add } = await createSheet();
    await add(3);
    const { rows, totalRowCount } = await api.sheets.get(sheetId, { rowIds: [] });
    assert.deepEqual([rows, totalRowCount], [[], 3]);
  });

  it("tells just the version if nothing is newer, however many ids are given", async () => {
    const { api, sheetId, add } = await createSheet();
    const rowIds = await add(900);
    const { version } = await api.sheets.get(sheetId, { rowIds });
    const { answeredAt, ...rest } = await api.sheets.get(sheetId, { rowIds, ifVersionAfter: version });
    assert.deepEqual([rest, typeof answeredAt], [{ version }, "string"]);
    assert.equal((await api.sheets.get(sheetId, { rowIds, ifVersionAfter: version - 1 })).rows?.length, 900);
  });

  it("takes more column ids than a URL holds", async () => {
    const { api, sheetId, add, columnIds, seen } = await createSheet(220);
    const rowIds = await add(500);
    const wanted = columnIds.slice(1);
    const { columns, rows } = await api.sheets.get(sheetId, { rowIds, columnIds: wanted });
    assert.deepEqual([idsOf(columns), rows!.length], [wanted, 500]);
    assert.deepEqual(rows![0]!.cells.map(({ columnId }) => columnId), wanted);
    assert.equal(seen.length, 2);
  });

  it("tells version, count and columns by one request for one row", async () => {
    const { api, sheetId, add, seen } = await createSheet();
    await add(5);
    const { version, totalRowCount, columns, rows } = await api.sheets.get(sheetId, { pageSize: 1 });
    assert.deepEqual([version, totalRowCount, columns?.length, rows?.length, seen.length], [2, 5, 2, 1, 1]);
  });
});

describe("sheets.pages()", () => {
  it("reads until totalRowCount, also behind pages that a filter has emptied", async () => {
    const clock = { now: 1.7e12 };
    const { api, sheetId, add, seen, simulator } = await createSheet(2, { now: () => clock.now });
    const ids = await add(60);
    const pages = await Array.fromAsync(api.sheets.pages(sheetId, { pageSize: 20 }));
    assert.deepEqual([seen.length, pages.flatMap(({ rows }) => idsOf(rows))], [3, ids]);

    const rowsModifiedSince = new Date(clock.now);
    clock.now += 5000;
    simulator.edit({ rowId: ids[0]!, column: "C0", value: "new" });
    simulator.edit({ rowId: ids[59]!, column: "C0", value: "new" });
    const changed = await Array.fromAsync(api.sheets.pages(sheetId, { pageSize: 20, rowsModifiedSince }));
    assert.deepEqual(changed.map(({ rows }) => idsOf(rows)), [[ids[0]], [], [ids[59]]]);
  });

  it("reads a sheet without rows in one request", async () => {
    const { api, sheetId, seen } = await createSheet();
    assert.equal((await Array.fromAsync(api.sheets.pages(sheetId))).length, 1);
    assert.equal(seen.length, 1);
  });

  it("reads no page that its reader doesn't take", async () => {
    const { api, sheetId, add, seen } = await createSheet();
    await add(30);
    for await (const _ of api.sheets.pages(sheetId, { pageSize: 10 })) break;
    assert.equal(seen.length, 1);
  });

  it("fails, as the other reads do, where it isn't a sheet that comes", async () => {
    const api = createApi({ token: freshToken(), fetch: () => Promise.resolve(Response.json({ hello: 1 })) });
    for (const read of [api.sheets.get(1), api.sheets.version(1), Array.fromAsync(api.sheets.pages(1))]) {
      await assert.rejects(read, { code: "api_unanswered", message: /has no version/ });
    }
  });

  it("ends at a page that isn't full where nothing tells how many rows there are; of a filtered one, that says nothing", async () => {
    let requests = 0;
    const fetch = () => Promise.resolve(Response.json({ version: 1, rows: requests++ ? [] : [{ id: 1 }] }));
    const api = createApi({ token: freshToken(), fetch });
    assert.equal((await Array.fromAsync(api.sheets.pages(1, { pageSize: 1 }))).length, 2);
    const filtered = api.sheets.pages(1, { rowsModifiedSince: "2026-11-22T07:40:32Z" });
    await assert.rejects(Array.fromAsync(filtered), { code: "api_unanswered", message: /no totalRowCount/ });
  });
});

describe("sheets.columns()", () => {
  it("reads all columns, whose pages repeat the last one past the end", async () => {
    const { api, sheetId, columnIds } = await createSheet(400);
    assert.deepEqual(idsOf(await api.sheets.columns(sheetId)), columnIds);
  });
});

describe("rows.delete()", () => {
  it("deletes 900 rows in several requests, and ignores those that aren't there", async () => {
    const { api, sheetId, add, seen } = await createSheet();
    const ids = await add(901);
    const deleted = await api.rows.delete(sheetId, [...ids.slice(1), 1]);
    assert.deepEqual(deleted.toSorted(), ids.slice(1).toSorted());
    assert.equal(seen.length, 3);
    assert.equal((await api.sheets.get(sheetId)).totalRowCount, 1);
  });
});
