import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import { createPartWriter, MirrorMoved, type Told } from "../../../src/mirror/reconcile/part_writer.ts";
import { rowToJson } from "../../../src/mirror/stored_row.ts";
import { acceptedCallback } from "../../support/callbacks.ts";
import { row, SHEET } from "../sample.ts";

const { id: sheetId } = SHEET;
const info = JSON.stringify({ name: SHEET.name, columns: SHEET.columns });
const sheet = { id: sheetId, info, version: 1, readAt: 0, isWhole: true, reconciled: null };

/** A writer over a mirror that has row 1 (a rope) and row 2 (a saw), for a callback that is taken. */
async function openWriter() {
  const inbox = memoryInbox();
  const { mirror } = inbox;
  const rows = ["Rope", "Saw"].map((item, index) => row(index + 1, { 1: item }));
  const revision = await mirror.write({
    ...{ sheet, revision: undefined, deleted: [] },
    rows: rows.map((row) => ({ id: row.id, json: rowToJson(row), readFor: 0 })),
  });
  await inbox.put(acceptedCallback({ scopeObjectId: sheetId }));
  const [lease] = await inbox.lease(1, 60_000);
  const work = (await inbox.take(lease!))!;
  assert.notEqual(revision, undefined);
  const open = async (...stored: Told[][]) =>
    createPartWriter({ mirror, lease: lease!, work, sheetId, stored }, (await mirror.sheet(sheetId))!);
  const part = async (number: number) => {
    const stored = await mirror.changesOf(work.id, number);
    return stored && JSON.parse(stored.json).changes.length;
  };
  return { mirror, writer: await open(), open, work, part };
}

test("what is compared is stored in parts, one behind the other, with what each row was read for", async () => {
  const { mirror, writer, work, part } = await openWriter();
  await writer.compare([row(1, { 1: "Rope" }), row(2, { 1: "Axe" })], SHEET);
  await writer.compare([row(3, { 1: "Nail" })], SHEET);
  await writer.delete([1], SHEET);
  await writer.end(sheet, SHEET, undefined);
  assert.deepEqual(writer.counts, { created: 1, updated: 1, deleted: 1 });
  assert.deepEqual(await Promise.all([0, 1, 2, 3].map(part)), [1, 1, 1, 0]);
  const rows = await mirror.rowsAfter(sheetId, 0, 10);
  assert.deepEqual(rows.map(({ id, readFor }) => [id, readFor]), [[2, work.id], [3, work.id]]);
});

test("a row has one change: another one is left to the next comparison", async () => {
  const { writer, part } = await openWriter();
  await writer.compare([row(2, { 1: "Axe" })], SHEET);
  assert.equal(writer.hasLeft, false);
  await writer.compare([row(2, { 1: "Nail" })], SHEET);
  assert.deepEqual([writer.hasLeft, writer.counts.updated, await part(0), await part(1)], [true, 1, 1, undefined]);
});

test("what an attempt has stored that was killed is counted, told no more, and not overwritten", async () => {
  const { writer: killed, open, part } = await openWriter();
  await killed.compare([row(2, { 1: "Axe" })], SHEET);
  const writer = await open([{ kind: "updated", rowId: 2 }]);
  await writer.compare([row(2, { 1: "Hammer" }), row(3, { 1: "Nail" })], SHEET);
  assert.deepEqual([writer.hasLeft, writer.counts], [true, { created: 1, updated: 1, deleted: 0 }]);
  assert.deepEqual([await part(0), await part(1)], [1, 1]);
});

test("a write of somebody else meanwhile ends the comparison", async () => {
  const { mirror, writer } = await openWriter();
  const { revision } = (await mirror.sheet(sheetId))!;
  await mirror.write({ sheet, revision, rows: [], deleted: [2] });
  await assert.rejects(writer.compare([row(2, { 1: "Axe" })], SHEET), MirrorMoved);
});
