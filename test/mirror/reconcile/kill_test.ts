import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createApi } from "../../../src/api/api.ts";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { sqliteInbox } from "../../../src/inbox/sqlite.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { createSimulator } from "../../../src/simulator/simulator.ts";
import { createLog, SECRET } from "../../support/callbacks.ts";
import { startServe, withFolder } from "../../support/run_cli.ts";
import type { Child } from "../../support/runtime.ts";
import { until } from "../../support/until.ts";

/** The requests of a comparison: `serve` is killed before the answer to one of them, for each sheet another one. */
const MOMENTS = ["the probe", "the sweep", "the changed rows", "the confirmation"];

const HANDLERS = `
import { appendFileSync } from "node:fs";
export default function register(receiver) {
  const write = (line) => appendFileSync(process.env.SHEETHOOK_TEST_TOLD, JSON.stringify(line) + "\\n");
  receiver.onChange((change, { idempotencyKey }) => {
    const { kind, row, sheet, source } = change;
    write({ key: idempotencyKey, sheet: sheet.name, kind, item: row.cells.Item, source });
  });
  receiver.onGap(({ sheet, created, updated, deleted, isComplete }, { idempotencyKey }) => {
    write({ key: idempotencyKey, sheet: sheet.name, created, updated, deleted, isComplete });
  });
}
`;

test("serve is killed while it compares sheets: each change is told once", async () => {
  await withFolder(async (folder) => {
    const held = new Set<number>();
    let isHolding = false;
    const release = Promise.withResolvers<void>();
    const counts = new Map<number, number>();
    const simulator = createSimulator({ seed: 1, assumptions: { missingRowIds: "left-out" } });
    const server = await startServer({
      port: 0,
      hostname: "127.0.0.1",
      path: "*",
      async fetch(request) {
        const sheetId = Number(/\/sheets\/(\d+)/.exec(request.url)?.[1]);
        const count = (counts.get(sheetId) ?? 0) + 1;
        counts.set(sheetId, count);
        if (isHolding && count > sheets.findIndex((sheet) => sheet.sheetId === sheetId)) {
          held.add(sheetId);
          await release.promise;
        }
        return await simulator.fetch(request);
      },
    });
    const sheets = MOMENTS.map((name) =>
      simulator.createSheet(name, ["Item"], ["Rope", "Saw", "Nail"].map((item) => [item]))
    );
    const file = join(folder, "inbox.db");
    const inbox = sqliteInbox(file);
    const apiUrl = `${server.url}/2.0`;
    // Only asks: serve works.
    const api = createApi({ token: "any", apiUrl });
    const { reconcile } = createReceiver({ secrets: SECRET, inbox, api, logger: createLog() });
    const module = join(folder, "handlers.ts");
    const told = join(folder, "told.jsonl");
    const env = {
      SHEETHOOK_INBOX: `sqlite:${file}`,
      SHEETHOOK_SECRET: SECRET,
      SHEETHOOK_SECRETS_FILE: join(folder, "secrets.json"),
      SHEETHOOK_TEST_TOLD: told,
      SMARTSHEET_API_URL: apiUrl,
      SMARTSHEET_ACCESS_TOKEN: "any",
    };
    let serve: Child | undefined;
    const start = async () => {
      serve = await startServe([module, "--log-level", "error"], { env, reads: [folder], writes: [folder] });
    };
    const ask = async () => {
      for (const { sheetId } of sheets) await reconcile({ sheetId });
    };
    const settled = () => until("nothing is pending", async () => (await inbox.overview()).pending === 0, 120_000);
    try {
      await writeFile(join(folder, "package.json"), '{"type": "module"}');
      await writeFile(module, HANDLERS);
      await writeFile(told, "");
      await start();
      await ask();
      await settled();

      for (const { sheetId, rowIds: [rope, saw] } of sheets) {
        simulator.edit({ sheetId, rowId: rope!, cells: [{ column: "Item", value: "Tape" }] });
        simulator.edit({ sheetId, deleteRowIds: [saw!] });
        simulator.edit({ sheetId, cells: [{ column: "Item", value: "Glue" }], toTop: true });
      }
      counts.clear();
      isHolding = true;
      await ask();
      await until("each comparison is held", () => held.size === sheets.length);
      await serve!.kill();
      isHolding = false;
      release.resolve();
      await start();
      await settled();

      const lines = (await readFile(told, "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
      for (const name of MOMENTS) {
        const own = lines.filter(({ sheet }) => sheet === name);
        assert.equal(new Set(own.map(({ key }) => key)).size, own.length, "a handler that ended isn't called again");
        const changes = own.filter(({ kind }) => kind).map(({ kind, item, source }) => `${source} ${kind} ${item}`);
        const expected = ["reconcile created Glue", "reconcile deleted Saw", "reconcile updated Tape"];
        assert.deepEqual(changes.sort(), expected, name);
        const { key: _, ...gap } = own.at(-1);
        assert.deepEqual(gap, { sheet: name, created: 1, updated: 1, deleted: 1, isComplete: true });
      }
    } finally {
      release.resolve();
      await serve?.kill();
      simulator.stop();
      await server.stop();
      await inbox.close();
    }
  });
});
