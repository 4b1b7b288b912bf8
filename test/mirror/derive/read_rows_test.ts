import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import { readRows } from "../../../src/mirror/derive/read_rows.ts";

/** An API that answers with these rows, one list after another, and what it was asked for. */
function apiWith(...answers: number[][]) {
  const asked: number[][] = [];
  const get = (_sheetId: number, { rowIds }: { readonly rowIds?: readonly number[] | undefined }) => {
    asked.push([...rowIds ?? []]);
    const rows = answers[asked.length - 1]!.map((id) => ({ id, rowNumber: id, cells: [] }));
    return Promise.resolve({ id: 1, name: "Orders", version: asked.length, columns: [], rows });
  };
  return { asked, api: { sheets: { get } } as unknown as ChangesApi };
}

const read = (api: ChangesApi, wanted: readonly number[], created: readonly number[], along: readonly number[] = []) =>
  readRows(api, 1, { wanted, created: new Set(created), along, signal: new AbortController().signal });

test("readRows() takes no row that it hasn't asked for", async () => {
  const { api } = apiWith([1, 2, 3]);
  assert.deepEqual([...(await read(api, [1], [], [3])).rows.keys()], [1, 3]);
});

test("readRows() looks once more for a row that is missing, and not for one that was read along", async () => {
  const { api, asked } = apiWith([1], []);
  const { rows, version } = await read(api, [1, 2], [], [3]);
  assert.deepEqual([[...rows.keys()], asked, version], [[1], [[1, 2, 3], [2]], 2]);
});

test("readRows() waits 5 s for a row that was just created, three times", async (t) => {
  const { setTimeout } = globalThis;
  const waits: (number | undefined)[] = [];
  const noWait = (run: () => void, ms?: number) => {
    waits.push(ms);
    return setTimeout(run, 0);
  };
  Object.assign(globalThis, { setTimeout: noWait });
  t.after(() => Object.assign(globalThis, { setTimeout }));
  const late = apiWith([], [], [], [1]);
  assert.deepEqual([...(await read(late.api, [1], [1])).rows.keys()], [1]);
  assert.deepEqual(waits.splice(0), [5000, 5000, 5000]);
  const gone = apiWith([], [], [], []);
  assert.equal((await read(gone.api, [1], [1])).rows.size, 0);
  assert.equal(gone.asked.length, 4);
});
