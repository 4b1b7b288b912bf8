import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ApiOptions, createApi } from "../../src/api/api.ts";
import { createRowSplitter } from "../../src/api/reading/split_rows.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import { createFakeSmartsheet, freshToken, ok, type Scripted } from "./fake_smartsheet.ts";

/** A body that comes in pieces of `size` bytes. */
function inPieces(text: string, size: number): Response {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at += size));
    },
  });
  return new Response(body);
}

const columns = [{ id: 1, title: "Item", type: "TEXT_NUMBER", primary: true }];
const rowsOf = (from: number, count: number) => Array.from({ length: count }, (_, index) => ({ id: from + index }));
const answer = (attributes: object) => ({ version: 1, name: "Orders", totalRowCount: 2, columns, ...attributes });

/** Reads what a script answers. @returns the ids in the order in which they came */
async function scan(script: readonly (() => Scripted)[], options?: Partial<ApiOptions>) {
  const { api, seen } = createFakeSmartsheet(script, options);
  const ids: number[] = [];
  const sheet = await api.sheets.scan(7, { pageSize: 2 }, (rows, sheet) => {
    assert.deepEqual(sheet.columns, columns);
    ids.push(...rows.map(({ id }) => id));
  });
  return { ids, sheet, calls: seen.map(({ call }) => call) };
}

describe("createRowSplitter()", () => {
  it("takes out the rows of the outermost object, however its text is cut", () => {
    const rows = [{ id: 1, cells: [{ value: '"rows":[{}]' }] }, { id: 2, rows: [{ id: 3 }], "}": "\\" }, {}];
    const sheet = {
      name: 'He said "rows":[',
      columns: [{ rows: [1], options: ["]", "{"] }],
      rows,
      parent: { rows: [4] },
    };
    for (const text of [JSON.stringify(sheet), JSON.stringify(sheet, undefined, 2)]) {
      for (const size of [1, 2, 7, 1000]) {
        const taken: unknown[] = [];
        let head: unknown;
        const splitter = createRowSplitter((json) => {
          head ??= JSON.parse(splitter.head());
          taken.push(JSON.parse(json));
        });
        for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
        assert.deepEqual(taken, rows);
        const { parent, ...front } = { ...sheet, rows: [] };
        assert.deepEqual([head, JSON.parse(splitter.end())], [front, { ...front, parent }]);
      }
    }
  });

  it("leaves what isn't a sheet as it is", () => {
    for (const text of ['{"rows":[]}', "<html>[{", '[{"rows":[1]}]', '"rows"', '{"rows":null}', ""]) {
      const splitter = createRowSplitter(() => assert.fail("no row"));
      splitter.push(text);
      assert.equal(splitter.end(), text);
    }
  });
});

describe("sheets.scan()", () => {
  it("gives all rows of a sheet, some at a time", async () => {
    const simulator = createSimulator({ seed: 1 });
    const titles = Array.from({ length: 5 }, (_, index) => `Column ${index}`);
    const { sheetId } = simulator.createSheet(
      "Orders",
      titles,
      Array.from({ length: 5001 }, (_, row) => [`Größe ${row}`]),
    );
    let requests = 0;
    const fetch = async (request: Request) => {
      requests++;
      return inPieces(await (await simulator.fetch(request)).text(), 60_001);
    };
    const api = createApi({ token: freshToken(), fetch });
    const values: unknown[] = [];
    let most = 0;
    const sheet = await api.sheets.scan(sheetId, {}, (rows) => {
      most = Math.max(most, rows.length);
      values.push(...rows.map(({ cells }) => cells[0]!.value));
    });
    assert.deepEqual(values, Array.from({ length: 5001 }, (_, row) => `Größe ${row}`));
    assert.equal(sheet.totalRowCount, 5001);
    assert.equal(requests, 3);
    assert.ok(most < 200);
  });

  it("waits for columns that come behind the rows", async () => {
    const { columns, ...rest } = answer({ rows: rowsOf(1, 2) });
    assert.deepEqual((await scan([ok({ ...rest, columns })])).ids, [1, 2]);
  });

  it("asks for a page again that breaks off, and gives its rows once more", async () => {
    const page = answer({ totalRowCount: 4, rows: rowsOf(3, 2) });
    const broken = () => inPieces(JSON.stringify(page).slice(0, -20), 10);
    const { ids, calls } = await scan([ok({ ...page, rows: rowsOf(1, 2) }), broken, ok(page)]);
    assert.deepEqual([...new Set(ids)], [1, 2, 3, 4]);
    assert.equal(calls.length, 3);
  });

  it("ends where nothing tells how many rows there are: at a page that isn't full, or repeats the one before", async () => {
    const { totalRowCount: _, ...page } = answer({});
    const pages = [ok({ ...page, rows: rowsOf(1, 2) }), ok({ ...page, rows: rowsOf(3, 1) })];
    assert.deepEqual((await scan(pages)).calls.length, 2);
    const full = [ok({ ...page, rows: rowsOf(1, 2) }), ok({ ...page, rows: rowsOf(3, 2) })];
    const { ids, calls } = await scan(full);
    assert.deepEqual([[...new Set(ids)], calls.length], [[1, 2, 3, 4], 3]);
  });

  it("reads a sheet without rows, and refuses what is none", async () => {
    assert.deepEqual((await scan([ok(answer({ totalRowCount: 0, rows: [] }))])).ids, []);
    assert.deepEqual((await scan([ok(answer({ totalRowCount: 0 }))])).ids, []);
    await assert.rejects(scan([ok(answer({}))]), { code: "api_unanswered", message: /no columns or no rows/ });
    await assert.rejects(scan([ok({ version: 1, rows: [] })]), {
      code: "api_unanswered",
      message: /no columns or no rows/,
    });
    const html = () => new Response("<html></html>");
    await assert.rejects(scan([html]), { code: "api_unanswered", message: /a page of HTML/ });
  });

  it("rejects at once with what its reader throws", async () => {
    const { api, seen } = createFakeSmartsheet([ok(answer({ rows: rowsOf(1, 2) }))]);
    const error = new Error("The disk is full");
    await assert.rejects(api.sheets.scan(7, {}, () => Promise.reject(error)), error);
    assert.equal(seen.length, 1);
  });
});
