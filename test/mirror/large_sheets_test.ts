// Sheets at the limits of Smartsheet: 20,000 rows, 400 columns, 500,000 cells, 4,000 characters in a cell.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import type { Change } from "../../src/mirror/change.ts";
import { withMirrored } from "../support/mirrored.ts";

const folder = mkdtempSync(join(tmpdir(), "sheethook-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const columnsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ title: `Column ${index}` }));
const told = ({ kind, row, columns }: Change) =>
  `${kind} ${row.cells["Column 0"]} ${columns.map(({ title, from, to }) => `${title}: ${from} -> ${to}`).join()}`;

test("a sheet of 20,000 rows and 25 columns is read in 10 requests, then each change in one", async () => {
  const rows = Array.from(
    { length: 20_000 },
    (_, row) => Array.from({ length: 25 }, (_, column) => `${row}/${column}`),
  );
  const inbox = sqliteInbox(join(folder, "rows.db"));
  await withMirrored({ inbox, columns: columnsOf(25), rows }, async (world) => {
    const { receiver, edit, settle, rowIds, requests, sheet, call } = world;
    const changes: string[] = [];
    receiver.onChange((change) => void changes.push(told(change)));
    edit({ "Column 24": "new" }, rowIds[19_999]);
    await settle();
    assert.deepEqual(changes.splice(0), ["updated 19999/0 Column 24: undefined -> new"]);
    assert.equal(requests.splice(0).length, 10);
    const { rowCount, isWhole } = (await inbox.mirror.sheet(sheet.id))!;
    assert.deepEqual([rowCount, isWhole], [20_000, true]);

    edit({ "Column 24": "newer" }, rowIds[19_999]);
    await settle();
    assert.deepEqual(changes.splice(0), ["updated 19999/0 Column 24: new -> newer"]);
    assert.equal(requests.splice(0).length, 1);
    await call("DELETE", `/2.0/sheets/${sheet.id}/rows?ids=${rowIds[3]}`);
    await settle();
    assert.deepEqual(changes.map((change) => change.slice(0, 36)), ["deleted 3/0 Column 0: 3/0 -> null,Co"]);
    assert.equal((await inbox.mirror.sheet(sheet.id))!.rowCount, 19_999);
  });
});

for (const [name, open] of [["memory", memoryInbox], ["SQLite", () => sqliteInbox(join(folder, "wide.db"))]] as const) {
  test(`rows of 400 columns with 4,000 characters each are told as they are, over a ${name} inbox`, async () => {
    const text = (row: number, column: number) => `${row}/${column} ü`.padEnd(4000, "x");
    const rows = [0, 1, 2].map((row) => Array.from({ length: 400 }, (_, column) => text(row, column)));
    await withMirrored({ inbox: open(), columns: columnsOf(400), rows, receiver: { attempts: 1 } }, async (world) => {
      const { receiver, edit, settle, rowIds, inbox, call, sheet } = world;
      const changes: Change[] = [];
      receiver.onChange({ column: "Column 0" }, async (change, { updateRow }) => {
        changes.push(change);
        await updateRow(change.row, { "Column 399": "y".repeat(4000) });
      });
      edit({ "Column 0": "first" }, rowIds[1]);
      await settle();
      edit({ "Column 0": "second" }, rowIds[1]);
      await settle();
      const [, { before, row, columns }] = changes as [Change, Change];
      assert.equal(changes.length, 2);
      assert.deepEqual(columns.map(({ title, from, to }) => [title, from, to]), [["Column 0", "first", "second"]]);
      for (const { cells } of [before!, row]) {
        assert.equal(Object.keys(cells).length, 400);
        for (let column = 1; column < 399; column++) assert.equal(cells[`Column ${column}`], text(1, column));
        assert.equal(cells["Column 399"], "y".repeat(4000));
      }
      await call("DELETE", `/2.0/sheets/${sheet.id}/rows?ids=${rowIds.join()}`);
      await settle();
      assert.deepEqual([(await inbox.mirror.sheet(sheet.id))!.rowCount, (await inbox.overview()).dead], [0, 0]);
    });
  });
}

test("text of 4,001 characters is refused before it is written, with the title of its column", async () => {
  await withMirrored({ receiver: { attempts: 1 } }, async ({ receiver, edit, settle, inbox, requests }) => {
    receiver.onChange(({ row }, { updateRow }) => updateRow(row, { Ticket: "x".repeat(4001) }));
    edit({ Item: "Rope" });
    await settle();
    const [id] = await inbox.find({ states: ["dead"] });
    const { error } = (await inbox.show(id!))!.deadCalls[0]!;
    assert.match(
      error,
      /Value of TEXT_NUMBER column "Ticket" is "x{100}"\.\.\. \(4001 characters\), but should be text of at/,
    );
    assert.ok(requests.every((request) => request.startsWith("GET")));
  });
});
