import assert from "node:assert/strict";
import { test } from "node:test";
import { type Api, createApi } from "../../../src/api/api.ts";
import type { SheetRead, SimulatorOptions } from "../../../src/simulator/simulator.ts";
import { createLog } from "../../support/callbacks.ts";
import { createSimulated } from "../../support/simulated.ts";

let tokens = 0;

/** A sheet of 10 rows, read in pages of 4 by the client of the project. */
function createPaged(options: SimulatorOptions = {}) {
  const simulated = createSimulated(options);
  const { simulator } = simulated;
  const { sheetId, rowIds } = simulator.createSheet("Orders", ["Item"], Array.from({ length: 10 }, (_, n) => [n]));
  const waits: number[] = [];
  const api: Api = createApi({
    token: `pages${tokens++}`,
    fetch: simulator.fetch,
    logger: createLog(),
    sleep: (ms) => Promise.resolve(void waits.push(ms)),
    // A clock that is always a minute further lets nobody wait for the budget of requests.
    now: () => 1.7e12 + waits.length * 60_000,
  });
  const read = async () => {
    const pages = await Array.fromAsync(api.sheets.pages(sheetId, { pageSize: 4 }));
    return { ids: pages.flatMap(({ rows }) => rows.map(({ id }) => id)), pages };
  };
  return { ...simulated, sheetId, rowIds: rowIds as number[], api, read, waits };
}

test("onRead() hears of each read of a sheet, and what it edits is between two pages", async () => {
  const reads: SheetRead[] = [];
  const edits: Record<string, () => unknown> = {};
  const { read, rowIds, simulator, sheetId, call } = createPaged({
    onRead(read) {
      reads.push(read);
      if (read.page === 1 && read.pages > 1) edits.next?.();
    },
  });
  edits.next = () => simulator.edit({ rowId: rowIds[0]!, delete: true });
  const slidUp = await read();
  assert.deepEqual(slidUp.ids, [...rowIds.slice(0, 4), ...rowIds.slice(5)], "the fifth row slid to the page before");
  assert.deepEqual(slidUp.pages.map(({ totalRowCount }) => totalRowCount), [10, 9, 9]);
  assert.deepEqual(reads, [1, 2, 3].map((page) => ({ sheetId, page, pages: 3, pageSize: 4 })));

  edits.next = () => simulator.edit({ rowId: rowIds[9]!, toTop: true });
  const slidDown = await read();
  assert.deepEqual(slidDown.ids, [...rowIds.slice(1, 5), rowIds[4], ...rowIds.slice(5, 9)], "one twice, one missed");
  const [first, second] = slidDown.pages.map(({ version }) => version);
  assert.equal(second, first! + 1);

  delete edits.next;
  reads.length = 0;
  await call("GET", `/2.0/sheets/${sheetId}`);
  await call("GET", `/2.0/sheets/${sheetId}?pageSize=1`);
  await call("GET", `/2.0/sheets/${sheetId}?ifVersionAfter=99`);
  await call("GET", `/2.0/sheets/${sheetId}/version`);
  assert.deepEqual(reads, [
    { sheetId, page: 1, pages: 1, pageSize: 9 },
    { sheetId, page: 1, pages: 9, pageSize: 1 },
  ]);
});

test("idle() rejects with what onRead throws, and the sheet is read all the same", async () => {
  const { read, rowIds, idle } = createPaged({
    logger: createLog(),
    onRead() {
      throw new Error("not this one");
    },
  });
  assert.deepEqual((await read()).ids, rowIds);
  await assert.rejects(idle(), /not this one/);
});

test("a fault lets rows slide between two pages, by an edit that is told as any other", async () => {
  const kinds = new Set<string>();
  for (let seed = 1; seed <= 40; seed++) {
    const { read, rowIds, simulator, sheetId, call, enabledWebhook, idle, callbacks } = createPaged({ seed });
    await enabledWebhook(sheetId);
    const before = await call("GET", `/2.0/sheets/${sheetId}/version`);
    simulator.failNext("sliding-rows", 1, { after: 1 });
    const { pages, ids } = await read();
    await idle();
    const after = await call("GET", `/2.0/sheets/${sheetId}`);
    const now: number[] = after.rows.map(({ id }: { id: number }) => id);
    assert.notDeepEqual(now, rowIds);
    assert.deepEqual(ids.slice(0, 8), rowIds.slice(0, 8), "after the second page");
    assert.deepEqual(pages[2]!.rows.map(({ id }) => id), now.slice(8));
    const [events] = callbacks.map(({ body }) => body.events);
    const { id, eventType } = events.find(({ objectType }: { objectType: string }) => objectType === "row");
    assert.equal(after.version, before.version + (eventType === "deleted" ? 0 : 1));
    kinds.add(eventType === "updated" ? now[0] === id ? "up" : "down" : eventType);
  }
  assert.deepEqual([...kinds].sort(), ["created", "deleted", "down", "up"]);
});

test("no row slides behind the last page, nor behind a page of one row", async () => {
  const { call, sheetId, rowIds } = createPaged({ faults: { "sliding-rows": 1 } });
  for (const query of ["", "?pageSize=1", "?page=3&pageSize=4", "?page=9&pageSize=4", `?rowIds=${rowIds[0]}`]) {
    await call("GET", `/2.0/sheets/${sheetId}${query}`);
  }
  const { rows } = await call("GET", `/2.0/sheets/${sheetId}`);
  assert.deepEqual(rows.map(({ id }: { id: number }) => id), rowIds);
});

test("failNext() can let some requests pass before, so that a 429 comes in the middle of a sheet", async () => {
  const { read, rowIds, simulator, waits, ask, call, sheetId } = createPaged();
  const reads = async (count: number) => {
    const statuses = [];
    for (let n = 0; n < count; n++) statuses.push((await ask("GET", `/2.0/sheets/${sheetId}?pageSize=4`)).status);
    return statuses;
  };
  simulator.failNext("rate-limit", 2, { after: 1 });
  assert.deepEqual(await reads(4), [200, 429, 429, 200]);
  await call("POST", "/_simulator/faults", { "rate-limit": { times: 1, after: 2 } });
  assert.deepEqual(await reads(4), [200, 200, 429, 200]);
  await call("POST", "/_simulator/faults", { "rate-limit": { after: 1 } });
  assert.deepEqual(await reads(3), [200, 429, 200]);
  for (const given of [{ times: 1, after: -1 }, { times: "x" }, null]) {
    const { body } = await ask("POST", "/_simulator/faults", { "rate-limit": given });
    assert.equal(body.errorCode, 1031, JSON.stringify(given));
  }
  simulator.failNext("rate-limit", 1, { after: 1 });
  assert.deepEqual((await read()).ids, rowIds);
  assert.deepEqual(waits, [60_000]);
});
