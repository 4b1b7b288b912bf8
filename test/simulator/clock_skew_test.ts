import assert from "node:assert/strict";
import { test } from "node:test";
import { startServer } from "../../src/cli/server_adapter.ts";
import { createSimulated } from "../support/simulated.ts";

const HOUR = 3_600_000;
const headers = { authorization: "Bearer any" };

test("clockSkewMs shifts all times of the simulator", async () => {
  for (const clockSkewMs of [HOUR, -HOUR]) {
    const { simulator, call, callbacks, enabledWebhook, statusOf, idle } = createSimulated({
      now: () => 1.7e12,
      debounceMs: 0,
      clockSkewMs,
    });
    const time = new Date(1.7e12 + clockSkewMs);
    const iso = time.toISOString().replace(".000", "");
    const { sheetId } = simulator.createSheet("Orders", ["Item"]);
    const webhook = await enabledWebhook(sheetId);
    simulator.edit({ cells: [{ column: "Item", value: "Rope" }] });
    await idle();
    const answer = await simulator.fetch(new Request(`http://localhost/2.0/sheets/${sheetId}`, { headers }));
    const { rows: [row], ...sheet } = await answer.json();
    assert.deepEqual([sheet.modifiedAt, row.createdAt, row.modifiedAt], [iso, iso, iso]);
    assert.equal(answer.headers.get("date"), time.toUTCString());
    assert.equal(answer.headers.get("x-ratelimit-reset"), String(time.getTime() / 1000 + 60));
    const [{ timestamp, events: [event] }] = callbacks.map(({ body }) => body);
    assert.deepEqual([Date.parse(timestamp), Date.parse(event.timestamp)], [time.getTime(), time.getTime()]);
    assert.equal((await statusOf(webhook.id)).stats.lastCallbackAttempt, iso);
    assert.equal(simulator.deliveries()[0]!.sentAt, time.toISOString());
    const since = (ms: number) => `rowsModifiedSince=${new Date(time.getTime() - ms).toISOString()}`;
    const countOf = async (query: string) => (await call("GET", `/2.0/sheets/${sheetId}?${query}`)).rows.length;
    assert.deepEqual([await countOf(since(0)), await countOf(since(1000))], [0, 1]);
  }
});

test("every answer has the time of the simulator as its date, also an error, and one of the server", async () => {
  const { simulator } = createSimulated({ now: () => 1.7e12, clockSkewMs: -HOUR });
  const date = new Date(1.7e12 - HOUR).toUTCString();
  const refused = await simulator.fetch(new Request("http://localhost/2.0/sheets"));
  assert.deepEqual([refused.status, refused.headers.get("date")], [401, date]);
  const server = await startServer({ fetch: simulator.fetch, port: 0, hostname: "127.0.0.1", path: "*" });
  try {
    for (const [path, status] of [["users/me", 200], ["sheets/1", 404]] as const) {
      const answer = await fetch(`${server.url}/2.0/${path}`, { headers });
      await answer.text();
      assert.deepEqual([answer.status, answer.headers.get("date")], [status, date]);
    }
  } finally {
    await server.stop();
  }
});
