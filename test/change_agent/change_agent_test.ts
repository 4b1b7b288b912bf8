import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { createChangeAgent } from "../../src/change_agent/change_agent.ts";

const OURS = "inventory-sync";

/** What `context.fetch` hands to the runtime's fetch. */
async function sent(url: string | URL | Request, init?: RequestInit, received: string[] = ["a"], apiUrl?: string) {
  let request: Request | undefined;
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    request = new Request(input, init);
    return Promise.resolve(new Response());
  };
  await createChangeAgent(OURS, apiUrl, fetch).fetch(received)(url, init);
  return { agent: request!.headers.get("Smartsheet-Change-Agent"), redirect: request!.redirect, request: request! };
}

test("fetch() carries the change agent on writes to Smartsheet's hosts", async () => {
  for (const host of ["api.smartsheet.com", "api.smartsheet.eu", "api.smartsheet.au", "api.smartsheetgov.com"]) {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "put"]) {
      const { agent, redirect } = await sent(`https://${host}/2.0/sheets/1/rows`, { method });
      assert.equal(agent, `a,${OURS}`, `${method} ${host}`);
      assert.equal(redirect, "error");
    }
  }
  for (
    const url of [
      "https://api.smartsheet.com:443/2.0",
      "https://api.smartsheet.com./",
      "https://API.smartsheet.eu.:443",
    ]
  ) {
    assert.equal((await sent(new URL(url), { method: "PUT" })).agent, `a,${OURS}`, url);
  }
});

test("fetch() leaves reads, and every other host, as they are", async () => {
  for (const method of ["GET", "HEAD", "OPTIONS", "get", undefined]) {
    assert.equal((await sent("https://api.smartsheet.com/2.0", method ? { method } : undefined)).agent, null, method);
  }
  const others = [
    "http://api.smartsheet.com/",
    "https://api.smartsheet.com:8443/",
    "https://api.smartsheet.com.example.com/",
    "https://api.smartsheet.com../",
    "https://xapi.smartsheet.com/",
    "https://app.smartsheet.com/",
    "https://example.com/?https://api.smartsheet.com",
    "http://localhost:8787/",
    "http://127.0.0.1/",
  ];
  for (const url of others) {
    const { agent, redirect } = await sent(url, { method: "PUT" });
    assert.equal(agent, null, url);
    assert.equal(redirect, "follow", url);
  }
});

test("fetch() carries it to apiUrl, by its whole origin", async () => {
  const apiUrl = "http://127.0.0.1:8787/2.0";
  assert.equal((await sent("http://127.0.0.1:8787/2.0/x", { method: "PUT" }, ["a"], apiUrl)).agent, `a,${OURS}`);
  assert.equal((await sent("http://127.0.0.1:8788/2.0/x", { method: "PUT" }, ["a"], apiUrl)).agent, null);
  assert.equal((await sent("http://localhost:8787/2.0/x", { method: "PUT" }, ["a"], apiUrl)).agent, null);
  const dotted = "http://proxy.internal.:8787";
  assert.equal((await sent("http://proxy.internal:8787/x", { method: "PUT" }, ["a"], dotted)).agent, `a,${OURS}`);
});

test("fetch() puts what the caller set in front, and keeps the rest of the request", async () => {
  const init = { method: "PUT", headers: { "Smartsheet-Change-Agent": "mine", authorization: "Bearer t" }, body: "{}" };
  const { agent, request } = await sent("https://api.smartsheet.com/2.0", init);
  assert.equal(agent, `mine,a,${OURS}`);
  assert.equal(request.headers.get("authorization"), "Bearer t");
  assert.equal(await request.text(), "{}");
  assert.equal(init.headers["Smartsheet-Change-Agent"], "mine", "the caller's own object is untouched");
  const again = { ...init, headers: { "Smartsheet-Change-Agent": `a,${OURS}` } };
  assert.equal((await sent("https://api.smartsheet.com/2.0", again)).agent, `a,${OURS}`);
});

test("fetch() takes a Request, whose init wins", async () => {
  const request = () =>
    new Request("https://api.smartsheet.com/2.0", {
      method: "PUT",
      body: "{}",
      headers: { "smartsheet-change-agent": "mine" },
    });
  assert.equal((await sent(request())).agent, `mine,a,${OURS}`);
  assert.equal((await sent(request())).redirect, "error");
  assert.equal(await (await sent(request())).request.text(), "{}");
  assert.equal((await sent(request(), { headers: {} })).agent, `a,${OURS}`);
  assert.equal((await sent(new Request("https://api.smartsheet.com/2.0"), { method: "DELETE" })).agent, `a,${OURS}`);
});

test("fetch() follows no redirect with the header, on this runtime's own fetch", async (t) => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.url} ${request.headers["smartsheet-change-agent"]}`);
    response.writeHead(request.url === "/there" ? 200 : 307, { location: "/there" }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const url = `http://127.0.0.1:${port}/here`;
  const fetch = createChangeAgent(OURS, url, globalThis.fetch).fetch([]);
  await assert.rejects(fetch(url, { method: "POST", body: "{}" }), TypeError);
  assert.deepEqual(seen, [`/here ${OURS}`]);
  const manual = await fetch(url, { method: "POST", body: "{}", redirect: "manual" });
  assert.equal(manual.status, 307);
  await manual.body?.cancel();
  const followed = await fetch(url);
  assert.equal(followed.status, 200);
  await followed.body?.cancel();
  assert.deepEqual(seen, [`/here ${OURS}`, `/here ${OURS}`, "/here undefined", "/there undefined"]);
});

test("createChangeAgent() refuses a name that couldn't be told apart in a list", () => {
  const fetch = globalThis.fetch;
  for (const name of ["", " ", " a", "a ", "a,b", "a%b", "a\n", "é", "a".repeat(129), undefined]) {
    assert.throws(() => createChangeAgent(name as string, undefined, fetch), /changeAgent.* should be /, String(name));
  }
  for (const name of ["a", "a b", "a".repeat(128), "~!+;"]) createChangeAgent(name, undefined, fetch);
  for (const url of ["", "smartsheet.com", "ftp://example.com"]) {
    assert.throws(() => createChangeAgent("a", url, fetch), /apiUrl.* should be /, url);
  }
});

test("fetch() sends no write before it is confirmed, and none that isn't", async () => {
  const seen: string[] = [];
  const fetch = async () => {
    seen.push("sent");
    return new Response();
  };
  const confirm = async () => {
    await delay(1);
    seen.push("confirmed");
    if (seen.length > 2) throw new Error("lost");
  };
  const { fetch: write } = createChangeAgent(OURS, undefined, fetch);
  const url = "https://api.smartsheet.com/2.0/sheets/1/rows";
  const watched = write([], { confirm, onRefused() {} });
  await watched(url);
  await watched(url, { method: "POST" });
  assert.deepEqual(seen, ["sent", "confirmed", "sent"]);
  await assert.rejects(watched(url, { method: "POST" }), /lost/);
  assert.deepEqual(seen.slice(3), ["confirmed"]);
});

test("fetch() tells of each write that is answered with 400 or more", async () => {
  const refused: number[] = [];
  for (const status of [200, 399, 400, 404, 500]) {
    const { fetch: write } = createChangeAgent(OURS, undefined, async () => new Response(null, { status }));
    const watched = write([], { confirm() {}, onRefused: (_write, answer) => void refused.push(answer.status) });
    for (const method of ["POST", "GET"]) await watched("https://api.smartsheet.com/2.0", { method });
  }
  assert.deepEqual(refused, [400, 404, 500]);
});

test("origin() tells each list by itself, whatever came before", () => {
  const { origin } = createChangeAgent(OURS, undefined, fetch);
  const lists = ["a", OURS, OURS, undefined, "a", "", `b,${OURS}`, "b"];
  assert.deepEqual(lists.map(origin), ["other", "own", "own", "other", "other", "other", "own", "other"]);
});
