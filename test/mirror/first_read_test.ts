import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { startServer } from "../../src/cli/server_adapter.ts";
import { sqliteInbox } from "../../src/inbox/sqlite.ts";
import { rowFromJson } from "../../src/mirror/stored_row.ts";
import { createSimulator } from "../../src/simulator/simulator.ts";
import { acceptedCallback, callbackBody, cellEvent, rowEvent } from "../support/callbacks.ts";
import { withFolder } from "../support/run_cli.ts";
import { type Child, startChild } from "../support/runtime.ts";
import { until } from "../support/until.ts";

const PROGRAM = new URL("./first_read_program.ts", import.meta.url);
const ROWS = 5000;
/** Where the process is killed: before that page is answered, or in the middle of it. */
const MOMENTS = { "before page 1": 1, "before page 2": 2, "within page 2": 2, "before page 3": 3 } as const;
type Moment = keyof typeof MOMENTS;
const moments = Object.keys(MOMENTS) as Moment[];

test("a process that is killed while it first reads a sheet loses no change and tells none twice; the mirror is whole then", async () => {
  const simulator = createSimulator({ seed: 1 });
  const sheets = moments.map((name) => {
    const rows = Array.from({ length: ROWS }, (_, row) => [`Item ${row}`, row]);
    return { name, ...simulator.createSheet(name, ["Item", "Stock"], rows) };
  });
  /** Requests that get no answer, or half of one, until the process is killed. */
  const held: (() => void)[] = [];
  let isHeld = true;
  const server = await startServer({
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const { name } = sheets.find(({ sheetId }) => pathname.endsWith(`/${sheetId}`))!;
      const answer = await simulator.fetch(request);
      if (!isHeld || Number(searchParams.get("page")) !== MOMENTS[name]) return answer;
      const text = await answer.text();
      const { promise, resolve } = Promise.withResolvers<void>();
      held.push(resolve);
      if (name.startsWith("within")) {
        const half = new TextEncoder().encode(text.slice(0, text.length / 2));
        return new Response(
          new ReadableStream({
            async start(controller) {
              controller.enqueue(half);
              await promise;
              controller.error(new Error("killed"));
            },
          }),
        );
      }
      await promise;
      return new Response(text);
    },
    port: 0,
    hostname: "127.0.0.1",
    path: "*",
  });
  await withFolder(async (folder) => {
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    const children: Child[] = [];
    const start = async () => {
      const permissions = ["--allow-net=127.0.0.1", `--allow-read=${folder}`, `--allow-write=${folder}`];
      children.push(await startChild(PROGRAM, [file, `${server.url}/2.0`], { permissions, ready: /(ready) to work/ }));
    };
    /** A person changes the stock of a row, and Smartsheet tells it. */
    const edit = async (row: number, value: number) => {
      for (const { sheetId, rowIds, columnIds } of sheets) {
        const id = rowIds[row]!;
        simulator.edit({ sheetId, rowId: id, column: "Stock", value });
        const nonce = `${sheetId} ${row} ${value}`;
        const events = [rowEvent(id), cellEvent(id, columnIds.Stock!)];
        const body = callbackBody({ nonce, scopeObjectId: sheetId, events });
        await inbox.put(acceptedCallback({ digest: nonce, timestamp: nonce }, body));
      }
    };
    const lines = () => children.flatMap(({ output }) => output.split("\n").filter((line) => line.startsWith("told")));
    try {
      await edit(4999, -1);
      await start();
      await until("all sheets are at their moments", () => held.length === sheets.length);
      await children[0]!.kill();
      assert.deepEqual(lines(), []);
      const before = await inbox.mirror.sheets();
      assert.ok(before.every(({ isWhole }) => !isWhole));
      assert.ok(before.some(({ rowCount }) => rowCount > 0), "something was read");
      isHeld = false;
      for (const resolve of held) resolve();
      await edit(0, -2);
      await start();
      await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
      await edit(0, -3);
      await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
      await until("all is told", () => lines().length >= 3 * sheets.length);
      const expected = sheets.flatMap(({ name }) => [
        `told updated ${name} Item 4999 (Stock: undefined -> -1)`,
        `told updated ${name} Item 0 (Stock: undefined -> -2)`,
        `told updated ${name} Item 0 (Stock: -2 -> -3)`,
      ]);
      assert.deepEqual(lines().toSorted(), expected.toSorted());
      for (const { sheetId, rowIds, columnIds } of sheets) {
        const { isWhole, rowCount } = (await inbox.mirror.sheet(sheetId))!;
        assert.deepEqual([isWhole, rowCount], [true, ROWS]);
        const stocks = (await inbox.mirror.rowsAfter(sheetId, 0, ROWS + 1)).map(({ id, json }): [number, unknown] => {
          return [id, rowFromJson(json).cells.get(columnIds.Stock!)?.value];
        });
        const stockOf = (row: number) => row === 0 ? -3 : row === 4999 ? -1 : row;
        assert.deepEqual(new Map(stocks), new Map(rowIds.map((id, row) => [id, stockOf(row)])));
      }
    } finally {
      isHeld = false;
      for (const resolve of held) resolve();
      for (const child of children) await child.kill();
      await inbox.close();
      await server.stop();
    }
  });
});
