import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../src/api/api.ts";
import { memoryInbox } from "../../../src/inbox/memory.ts";
import type { Gap } from "../../../src/mirror/gap.ts";
import { createReceiver } from "../../../src/receiver.ts";
import { createSimulator } from "../../../src/simulator/simulator.ts";
import { createLog, SECRET } from "../../support/callbacks.ts";
import { until } from "../../support/until.ts";

const ROWS = 20_000;
const COLUMNS = 5;

test("a large sheet is compared in one request if it is unchanged, in five if a hundred rows changed", async () => {
  const logger = createLog();
  const requests: string[] = [];
  const clock = { now: Date.UTC(2026, 0, 1) };
  const now = () => clock.now;
  const simulator = createSimulator({ seed: 1, now, assumptions: { missingRowIds: "left-out" } });
  const columns = Array.from({ length: COLUMNS }, (_, index) => `Column ${index}`);
  const values = Array.from({ length: ROWS }, (_, row) => columns.map((_, column) => row * column + 1));
  const { sheetId } = simulator.createSheet("Orders", columns, values);
  clock.now += 3_600_000;
  const api = createApi({
    token: "token-of-size-test",
    logger,
    fetch(request) {
      requests.push(new URL(request.url).search);
      return simulator.fetch(request);
    },
  });
  const inbox = memoryInbox();
  const receiver = createReceiver({ secrets: SECRET, api, inbox, logger });
  const kinds: string[] = [];
  const gaps: Gap[] = [];
  receiver.onChange(({ kind }) => void kinds.push(kind));
  receiver.onGap((gap) => void gaps.push(gap));
  await receiver.start();

  async function reconcile(): Promise<number> {
    requests.length = 0;
    await receiver.reconcile({ sheetId });
    await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
    return requests.length;
  }

  try {
    assert.equal(await reconcile(), ROWS / 2000);
    assert.equal(await reconcile(), 1);

    clock.now += 3_600_000;
    const ids = (await inbox.mirror.rowsAfter(sheetId, 0, ROWS)).map(({ id }) => id);
    const cells = [{ column: "Column 3", value: "changed" }];
    simulator.edit({ sheetId, rows: ids.slice(100, 150).map((id) => ({ id, cells })) });
    simulator.edit({ sheetId, deleteRowIds: ids.slice(3000, 3030) });
    simulator.edit({ sheetId, rows: Array.from({ length: 20 }, () => ({ cells })) });
    assert.ok(await reconcile() <= 5, requests.join("\n"));
    const count = (wanted: string) => kinds.filter((kind) => kind === wanted).length;
    assert.deepEqual([count("updated"), count("deleted"), count("created"), gaps.length], [50, 30, 20, 1]);
    assert.equal(await reconcile(), 1);

    // The confirmation of 850 candidates takes three requests.
    simulator.edit({ sheetId, deleteRowIds: ids.slice(4000, 4425) });
    simulator.edit({ sheetId, deleteRowIds: ids.slice(5000, 5425) });
    assert.ok(await reconcile() <= 5 + 3, requests.join("\n"));
    assert.equal(count("deleted"), 30 + 850);

    // So many are asked for by the time of their change, which hides those that were emptied.
    clock.now += 3_600_000;
    const change = (from: number, to: number) =>
      simulator.edit({ sheetId, rows: ids.slice(from, to).map((id) => ({ id, cells })) });
    change(6000, 6500);
    change(6500, 7000);
    const emptied = columns.map((column) => ({ column, value: null }));
    simulator.edit({ sheetId, rows: ids.slice(7000, 7010).map((id) => ({ id, cells: emptied })) });
    assert.ok(await reconcile() <= 6, requests.join("\n"));
    assert.equal(count("updated"), 50 + 1000 + 10);
  } finally {
    simulator.stop();
    await receiver.stop();
  }
});
