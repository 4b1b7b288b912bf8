import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChangesApi } from "../../../src/mirror/api_port.ts";
import type { PartWriter } from "../../../src/mirror/reconcile/part_writer.ts";
import { readDifferent } from "../../../src/mirror/reconcile/read_different.ts";
import { SHEET } from "../sample.ts";

/** Reads what may differ from a sheet that has the rows `there`, and tells what was compared and deleted. */
async function readFrom(
  { there, toRead = [], missing = [], isTorn = false, extra = [] }: {
    readonly there: readonly number[];
    readonly toRead?: readonly number[];
    readonly missing?: readonly number[];
    readonly isTorn?: boolean;
    /** Rows that answers have, though they weren't asked for. */
    readonly extra?: readonly number[];
  },
) {
  const get: ChangesApi["sheets"]["get"] = (id, { rowIds = [] }) => {
    const rows = [...rowIds.filter((id) => there.includes(id)), ...extra].map((id) => ({
      id,
      rowNumber: id,
      cells: [],
    }));
    return Promise.resolve({ id, name: "Orders", version: 5, columns: [...SHEET.columns], rows });
  };
  const compared: number[] = [];
  const deleted: number[] = [];
  const writer = {
    compare: (rows: readonly { readonly id: number }[]) =>
      Promise.resolve(void compared.push(...rows.map(({ id }) => id))),
    delete: (ids: readonly number[]) => Promise.resolve(void deleted.push(...ids)),
  } as unknown as PartWriter;
  const { isComplete } = await readDifferent(
    {
      api: { sheets: { get } } as unknown as ChangesApi,
      sheetId: SHEET.id,
      sweep: { sheet: SHEET, version: 5, answeredAt: undefined, rows: new Map(), rowCount: 10, isTorn },
      different: { toRead: new Set(toRead), missing, isDated: true, hasLeft: false },
      since: undefined,
      left: new Set(),
    },
    writer,
    new AbortController().signal,
  );
  return { isComplete, compared, deleted };
}

test("rows that may differ are read and compared; one that has gone since is left to the next comparison", async () => {
  assert.deepEqual(await readFrom({ there: [1, 2], toRead: [1, 2] }), {
    isComplete: true,
    compared: [1, 2],
    deleted: [],
  });
  assert.deepEqual(await readFrom({ there: [1], toRead: [1, 2] }), { isComplete: false, compared: [1], deleted: [] });
});

test("a row that a sweep lacks is deleted only if Smartsheet hasn't got it when it is asked for it", async () => {
  assert.deepEqual(await readFrom({ there: [8], missing: [7, 8] }), { isComplete: true, compared: [8], deleted: [7] });
  assert.deepEqual(await readFrom({ there: [8], missing: [7, 8], isTorn: true }), {
    isComplete: false,
    compared: [8],
    deleted: [],
  });
});

test("what wasn't asked for is no answer", async () => {
  assert.deepEqual(await readFrom({ there: [1], toRead: [1], extra: [5] }), {
    isComplete: true,
    compared: [1],
    deleted: [],
  });
});
