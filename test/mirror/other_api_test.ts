// The whole way with an API that answers otherwise than the simulator, in each shape that its documentation leaves open.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../src/api/api.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import type { Change } from "../../src/mirror/change.ts";
import { createReceiver } from "../../src/receiver.ts";
import { callbackBody, createLog, SECRET, signedRequest } from "../support/callbacks.ts";
import { until } from "../support/until.ts";
import { createOtherApi, type Shape, SHEET_ID } from "./other_api.ts";

const SHAPES: Readonly<Record<string, Shape>> = {
  "the plainest": {},
  "ids that aren't there make it refuse all": { refusesMissing: true },
  "empty cells without a value": { emptyCells: "absent" },
  "empty cells with null": { emptyCells: null },
  "empty cells with no text": { emptyCells: "" },
  "rows in front of columns": { hasRowsFirst: true },
  "no count of rows": { leavesOut: ["totalRowCount"] },
  "no list of rows where there are none": { leavesOut: ["emptyRows"] },
  "nothing that can be missing": { leavesOut: ["index", "writers", "displayValue", "rowNumber", "name"] },
  "attributes that nobody knows": { hasExtras: true },
  "writes that show no cells": { result: "bare" },
  "writes that show a row instead of a list": { result: "single" },
  "much at once": {
    refusesMissing: true,
    emptyCells: null,
    hasRowsFirst: true,
    hasExtras: true,
    leavesOut: ["totalRowCount", "index", "writers", "displayValue", "rowNumber", "name"],
    result: "bare",
  },
};

function told({ kind, row, before, columns }: Change): string {
  const texts = columns.map(({ title, from, to }) => `${title}: ${JSON.stringify(from)} -> ${JSON.stringify(to)}`);
  return `${kind} ${before?.cells.Item} ${row.cells.Item} (${texts.join(", ")})`;
}

for (const [name, shape] of Object.entries(SHAPES)) {
  test(`onChange() with an API that answers so: ${name.replaceAll("'", "\u2019")}`, async () => {
    const other = createOtherApi(shape);
    const inbox = memoryInbox();
    const logger = createLog();
    const apiUrl = "http://127.0.0.1/2.0";
    const api = createApi({ token: "other-token", apiUrl, logger, attempts: 1, fetch: other.fetch });
    const receiver = createReceiver({ secrets: SECRET, changeAgent: "ours", inbox, api, apiUrl, logger, attempts: 1 });
    const changes: string[] = [];
    receiver.onChange((change) => void changes.push(told(change)));
    receiver.onChange({ column: "Done", to: true }, async ({ row }, { addRows, updateRow }) => {
      await updateRow(row, { Stock: 0, Owner: { email: "bob@example.com" } });
      await addRows(SHEET_ID, [{ Item: "More", Stock: 1 }]);
    });
    let callbacks = 0;
    const tell = async (events: readonly unknown[]) => {
      const nonce = `nonce ${++callbacks}`;
      const body = callbackBody({ nonce, scopeObjectId: SHEET_ID, events });
      assert.equal((await receiver.fetch(await signedRequest(body))).status, 200);
      await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
      return changes.splice(0);
    };
    try {
      await receiver.start();
      const rope = other.edit({ Item: "Rope", Stock: 5 });
      const saw = other.edit({ Item: "Saw" });
      assert.deepEqual(await tell(rope.events), ['created undefined Rope (Item: null -> "Rope", Stock: null -> 5)']);
      assert.deepEqual(await tell(saw.events), ['created undefined Saw (Item: null -> "Saw")']);
      const owned = other.edit({ Owner: "ann@example.com", Stock: 7 }, rope.id);
      assert.deepEqual(await tell(owned.events), [
        'updated Rope Rope (Stock: 5 -> 7, Owner: null -> {"email":"ann@example.com"})',
      ]);
      const emptied = other.edit({ Stock: null }, rope.id);
      assert.deepEqual(await tell(emptied.events), ["updated Rope Rope (Stock: 7 -> null)"]);
      const done = other.edit({ Done: true }, rope.id);
      assert.deepEqual(await tell(done.events), ["updated Rope Rope (Done: null -> true)"]);
      assert.deepEqual([...other.rows.values()].map(({ Item, Stock }) => [Item, Stock]), [
        ["Rope", 0],
        ["Saw", undefined],
        ["More", 1],
      ]);
      // What we have written was told to nobody, and is known.
      const renamed = other.edit({ Item: "Cord" }, rope.id);
      assert.deepEqual(await tell(renamed.events), ['updated Rope Cord (Item: "Rope" -> "Cord")']);
      assert.equal((await inbox.mirror.sheet(SHEET_ID))!.rowCount, 3);

      assert.deepEqual(await tell([...other.delete(saw.id), ...other.edit({ Stock: 2 }, rope.id).events]), [
        'deleted Saw Saw (Item: "Saw" -> null)',
        "updated Cord Cord (Stock: 0 -> 2)",
      ]);
      const rest = [...other.rows.keys()].flatMap((id) => other.delete(id));
      assert.deepEqual((await tell(rest)).map((change) => change.split(" (")[0]), [
        "deleted Cord Cord",
        "deleted More More",
      ]);
      assert.equal((await inbox.mirror.sheet(SHEET_ID))!.rowCount, 0);
      assert.equal((await inbox.overview()).dead, 0, logger.lines.join("\n"));
    } finally {
      await receiver.stop();
    }
  });
}
