import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { test } from "node:test";
import { startServer } from "../../../src/cli/server_adapter.ts";
import { createSimulator, type SimulatorOptions } from "../../../src/simulator/simulator.ts";
import { createLog } from "../../support/callbacks.ts";

type Headers = Record<string, string>;

/** Serves a simulator, and tells the status of requests as a browser, or anything else, sends them. */
async function withServed(
  options: SimulatorOptions,
  use: (ask: (headers: Headers, method?: string, path?: string) => Promise<number>, port: number) => Promise<void>,
): Promise<void> {
  const { fetch } = createSimulator(options);
  const logger = createLog();
  const door = await startServer({ fetch, port: 0, hostname: "127.0.0.1", path: "*", logger });
  const port = Number(new URL(door.url).port);
  try {
    await use((headers, method = "GET", path = "/_simulator") =>
      new Promise((resolve, reject) => {
        const sent = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (answer) => {
          answer.resume().on("end", () => resolve(answer.statusCode!));
        });
        sent.on("error", reject).end(method === "POST" ? '{"events": []}' : undefined);
      }), port);
  } finally {
    await door.stop();
  }
}

test("a served simulator answers to the names of loopback alone, whatever is asked", async () => {
  await withServed({}, async (ask, port) => {
    for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, "LOCALHOST.", "127.1.2.3", `[::1]:${port}`]) {
      assert.equal(await ask({ host }), 200, host);
    }
    for (
      const host of [`evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"]
    ) {
      assert.equal(await ask({ host }), 421, host);
      assert.equal(await ask({ host, authorization: "Bearer any" }, "GET", "/2.0/sheets"), 421, host);
    }
  });
});

test("a served simulator answers to the hosts that it is given, * being any", async () => {
  await withServed({ hosts: ["Simulator", "fd00::1"] }, async (ask) => {
    for (const host of ["simulator:8787", "[fd00::1]:8787", "localhost"]) assert.equal(await ask({ host }), 200, host);
    assert.equal(await ask({ host: "other" }), 421);
  });
  await withServed({ hosts: ["*"] }, async (ask) => {
    assert.equal(await ask({ host: "anything.example" }), 200);
    assert.equal(await ask({ host: "anything.example", origin: "http://evil.example" }, "POST"), 403);
  });
});

test("requests of web pages of other origins are refused, also a POST of plain text", async () => {
  await withServed({}, async (ask, port) => {
    const edit = async (headers: Headers) =>
      await ask({ "content-type": "text/plain", ...headers }, "POST", "/_simulator/edits");
    for (const origin of ["http://evil.example", "null", `http://127.0.0.1:${port + 1}`, "https://localhost"]) {
      assert.equal(await edit({ origin }), 403, origin);
    }
    assert.equal(await ask({ "sec-fetch-site": "cross-site" }), 403);
    assert.equal(await ask({ "sec-fetch-site": "same-site" }), 403);
    assert.equal(await ask({ "sec-fetch-site": "none" }), 200);
    const own = { origin: `http://127.0.0.1:${port}`, "sec-fetch-site": "same-origin" };
    // It has no sheet: whatever the edit is, it was let through.
    for (const headers of [own, {}]) assert.equal(await edit(headers), 400);
  });
});

test("in process it is asked under any URL", async () => {
  const { fetch } = createSimulator();
  const headers = { authorization: "Bearer any" };
  const answer = await fetch(new Request("https://api.smartsheet.com/2.0/users/me", { headers }));
  assert.equal(answer.status, 200);
});
