import assert from "node:assert/strict";
import { test } from "node:test";
import { copyMirror } from "../../src/inbox/copy_mirror.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import type { Mirror } from "../../src/inbox/mirror.ts";

async function put(mirror: Mirror, id: number, readAt: number, rowId: number, isWhole = true): Promise<void> {
  const sheet = { id, info: "{}", version: 1, readAt, isWhole, reconciled: null };
  const rows = [{ id: rowId, json: "{}", readFor: 0 }];
  assert.ok(await mirror.write({ sheet, revision: undefined, rows, deleted: [] }));
}

async function copyAll(source: Mirror, target: Mirror): Promise<number> {
  let sheets = 0;
  for await (const { isSheetCopied } of copyMirror(source, target, await source.sheets())) sheets += +isSheetCopied;
  return sheets;
}

test("copyMirror() replaces what was read earlier or in part, and leaves what was read later", async () => {
  const [{ mirror: source }, { mirror: target }] = [memoryInbox(), memoryInbox()];
  for (const id of [1, 2, 3]) await put(source, id, 1000, 1);
  await put(target, 1, 999, 2);
  await put(target, 2, 1001, 2);
  await put(target, 3, 1001, 2, false);
  assert.equal(await copyAll(source, target), 2);
  const found = await Promise.all([1, 2, 3].map((id) => target.rowsAfter(id, 0, 9)));
  assert.deepEqual(found.map((rows) => rows.map(({ id }) => id)), [[1], [2], [1]]);
  assert.deepEqual((await target.sheets()).map(({ isWhole }) => isWhole), [true, true, true]);
  assert.equal(await copyAll(source, target), 0);
});

test("copyMirror() leaves a sheet to somebody else who writes it meanwhile", async () => {
  const [{ mirror: source }, { mirror: target }] = [memoryInbox(), memoryInbox()];
  for (const id of [1, 2]) await put(source, id, 1000, 1);
  const drop = async (id: number) => {
    const dropped = await target.drop(id);
    if (id === 1) await put(target, 1, 5, 7);
    return dropped;
  };
  assert.equal(await copyAll(source, { ...target, drop }), 1);
  assert.deepEqual((await target.rowsAfter(1, 0, 9)).map(({ id }) => id), [7]);
  assert.deepEqual((await target.rowsAfter(2, 0, 9)).map(({ id }) => id), [1]);
});
