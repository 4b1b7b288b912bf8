import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { createSimulator, type FaultName } from "../../../src/simulator/simulator.ts";
import { createSimulated } from "../../support/simulated.ts";

const headers = { authorization: "Bearer any" };

/** A sheet with three rows, and a way to ask for it. */
function createFaulty() {
  const simulated = createSimulated();
  const { sheetId, rowIds, columnIds } = simulated.simulator.createSheet("Orders", ["Item"], [["a"], ["b"], ["c"]]);
  const path = `/2.0/sheets/${sheetId}`;
  const get = (query = "") => simulated.simulator.fetch(new Request(`http://localhost${path}${query}`, { headers }));
  return { ...simulated, path, sheetId, rowIds, columnIds, get };
}

test("failNext() makes a fault occur as often as it says, and no more", async () => {
  const { simulator, get } = createFaulty();
  simulator.failNext("server-error", 2);
  const statuses = async (count: number) => {
    const seen = [];
    for (let n = 0; n < count; n++) seen.push((await get()).status);
    return seen;
  };
  assert.deepEqual(await statuses(4), [500, 500, 200, 200]);
  simulator.failNext("server-error", 5);
  simulator.failNext("server-error", 0);
  assert.deepEqual(await statuses(1), [200]);
  assert.throws(() => simulator.failNext("rain" as FaultName), { code: "option_invalid" });
});

test("the next faults can be asked for by a request", async () => {
  const { call, ask, get } = createFaulty();
  await call("POST", "/_simulator/faults", { "bad-token": 1 });
  assert.deepEqual([(await get()).status, (await get()).status], [401, 200]);
  for (const body of [{ rain: 1 }, { "bad-token": -1 }, { "bad-token": "x" }]) {
    assert.equal((await ask("POST", "/_simulator/faults", body)).body.errorCode, 1031);
  }
});

test("faults answer with a page of HTML, and carry nothing out", async () => {
  for (const [fault, status] of [["html-page", 200], ["bad-gateway", 502]] as const) {
    const { simulator, path, get } = createFaulty();
    simulator.failNext(fault);
    const body = JSON.stringify({ name: "New" });
    const answer = await simulator.fetch(new Request(`http://localhost${path}`, { method: "PUT", headers, body }));
    assert.equal(answer.status, status);
    assert.match(answer.headers.get("content-type")!, /^text\/html/);
    assert.match(await answer.text(), /^<html>/);
    assert.equal((await (await get()).json()).name, "Orders");
  }
});

test("faults let an answer break off, after what was asked for is done", async () => {
  const { simulator, path, get } = createFaulty();
  simulator.failNext("half-json");
  const body = JSON.stringify({ name: "New" });
  const answer = await simulator.fetch(new Request(`http://localhost${path}`, { method: "PUT", headers, body }));
  assert.deepEqual([answer.status, answer.headers.get("content-type")], [200, "application/json"]);
  const text = await answer.text();
  assert.ok(text.length > 0);
  assert.throws(() => JSON.parse(text), SyntaxError);
  assert.equal((await (await get()).json()).name, "New");
});

test("faults never answer, after what was asked for is done, until the client gives up", async () => {
  const { simulator, path, rowIds, get } = createFaulty();
  simulator.failNext("no-answer");
  const patience = new AbortController();
  const { signal } = patience;
  const url = `http://localhost${path}/rows?ids=${rowIds[0]}`;
  const asked = simulator.fetch(new Request(url, { method: "DELETE", headers, signal }));
  assert.equal((await (await get()).json()).totalRowCount, 2, "done");
  patience.abort(new Error("enough"));
  await assert.rejects(asked, /enough|abort/i);
});

test("faults never answer a client of the server either, and the server can stop", async () => {
  const simulator = createSimulator();
  const { sheetId } = simulator.createSheet("Orders", ["Item"]);
  const server = await startServer({ fetch: simulator.fetch, port: 0, hostname: "127.0.0.1", path: "*" });
  const url = `${server.url}/2.0/sheets/${sheetId}`;
  simulator.failNext("no-answer");
  const put = { method: "PUT", headers, body: JSON.stringify({ name: "New" }), signal: AbortSignal.timeout(200) };
  await assert.rejects(fetch(url, put), { name: "TimeoutError" });
  assert.equal((await fetch(url, { headers }).then((answer) => answer.json())).name, "New");
  await server.stop();
});

test("a fault leaves one row out of an answer to rowIds", async () => {
  const { simulator, rowIds, get } = createFaulty();
  simulator.failNext("missing-row");
  const idsOf = async (query: string) => (await (await get(query)).json()).rows.map(({ id }: { id: number }) => id);
  assert.deepEqual(await idsOf(""), rowIds, "only with rowIds");
  assert.deepEqual(await idsOf(`?rowIds=${rowIds.join()}`), rowIds.slice(0, 2));
  assert.deepEqual(await idsOf(`?rowIds=${rowIds.join()}`), rowIds);
});

test("a fault hides a new row from reads by id, of ids and of the whole sheet", async () => {
  const { simulator, path, sheetId, rowIds, ask, call } = createFaulty();
  simulator.failNext("late-row");
  const [late] = simulator.edit({ sheetId, cells: [{ column: "Item", value: "d" }] }).rowIds;
  assert.equal((await ask("GET", `${path}/rows/${late}`)).body.errorCode, 1006);
  assert.equal((await ask("GET", `${path}?rowIds=${rowIds[0]},${late}`)).body.errorCode, 1006);
  const { rows, totalRowCount } = await call("GET", path);
  assert.deepEqual([rows.length, totalRowCount], [3, 3]);
  const { rowIds: [next] } = simulator.edit({ sheetId, cells: [{ column: "Item", value: "e" }] });
  assert.equal((await call("GET", `${path}/rows/${next}`)).id, next, "one row alone");
});
