import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { test } from "node:test";
import { createTeller } from "../../../src/cli/demo/teller.ts";
import { startChild } from "../../support/runtime.ts";
import { withFolder } from "../../support/run_cli.ts";

const main = new URL("../../../src/cli/main.ts", import.meta.url);

const startDemo = (folder: string, args: string[], ready: RegExp) =>
  startChild(main, ["demo", ...args], {
    ready,
    env: { TMPDIR: folder },
    permissions: [
      "--allow-env=PORT,SHEETHOOK_*,SMARTSHEET_API_URL,TMPDIR,TMP,TEMP",
      "--allow-net=127.0.0.1",
      `--allow-read=${folder}`,
      `--allow-write=${folder}`,
    ],
  });

test("demo tells its story, which happens, ends by itself and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const demo = await startDemo(folder, [], /(All of that happened)/);
    assert.equal(await demo.exited, 0);
    const told = [
      /the webhook is ENABLED/,
      /compared: Status: Open -> Approved/,
      /the cell Ticket holds "T-1"/,
      /they call nobody/,
      /there is one ticket/,
      /the handler fails/,
      /Ticket holds "T-2"/,
      /nothing ran twice/,
      /hears of all four: three updated, one deleted/,
      /DISABLED_CALLBACK_FAILED/,
      /one edit made 5 writes/,
    ];
    for (const part of told) assert.match(demo.output, part);
    assert.equal(demo.output.match(/^ {3}ok /gm)?.length, 17);
    for (const line of demo.output.split("\n")) assert.ok(line.length <= 80, line);
    assert.ok(!demo.output.includes("\u001b"), "no colours");
    assert.deepEqual(await readdir(folder), []);
  });
});

test("demo that is ended in the middle of its story fails, and leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const demo = await startDemo(folder, [], /(The challenge)/);
    assert.equal(await demo.stop(), 1);
    assert.match(demo.output, /sheethook: SIGTERM: the demo was stopped before its end/);
    assert.doesNotMatch(demo.output, /All of that happened/);
    assert.deepEqual(await readdir(folder), []);
  });
});

test("demo says what it lacks when it can't have a folder", async () => {
  await withFolder(async (folder) => {
    const demo = await startDemo(`${folder}/none`, [], /(Can't make a folder in "[^"]+none", .*set TMPDIR)/);
    assert.equal(await demo.exited, 1);
  });
});

test("demo --stay goes on: an edit reaches the handler, which writes back", async () => {
  await withFolder(async (folder) => {
    const demo = await startDemo(folder, ["--stay"], /(sheethook stays)/);
    try {
      const [, own, sheetId] = /curl (\S+)\/edits -d '\{"sheetId": (\d+)/.exec(demo.output)!;
      const cells = [{ column: "Item", value: "Nails" }, { column: "Status", value: "Approved" }];
      const edit = { method: "POST", body: JSON.stringify({ sheetId: Number(sheetId), cells }) };
      const { rowIds } = await (await fetch(`${own}/edits`, edit)).json();
      await demo.waitFor(/webhook \d+: 4 events to \S+\/webhook: 200/);
      // The handler's write.
      await demo.waitFor(/webhook \d+: 3 events to \S+\/webhook: 200/);
      const url = `${own!.replace("_simulator", "2.0")}/sheets/${sheetId}/rows/${rowIds[0]}`;
      const row = await (await fetch(url, { headers: { authorization: "Bearer any" } })).json();
      assert.equal(row.cells[2].value, "T-4");
      const [, console] = /console, (http:\S+\/console),/.exec(demo.output)!;
      assert.match(await (await fetch(console!)).text(), /DISABLED_CALLBACK_FAILED/);
    } finally {
      assert.equal(await demo.stop(), 0);
    }
    assert.deepEqual(await readdir(folder), []);
  });
});

test("createTeller() fails when a part of the story doesn't happen", async () => {
  const told: string[] = [];
  const teller = createTeller((text) => void told.push(text), 30);
  await teller.expect("day", () => true);
  const message = /^The demo went wrong: this didn't happen: night$/;
  await assert.rejects(teller.expect("night", () => false), { message });
  assert.deepEqual(told, ["   ok          day\n"]);
});
