import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp } from "../../src/serve/app.ts";
import { recordingLogger } from "./recording_logger.ts";

const ask = (path: string, method = "GET") => new Request(`http://localhost${path}`, { method });

function app(fetch: (request: Request) => Response | Promise<Response>, maxRequests = 256) {
  const log = recordingLogger();
  return { log, app: createApp({ fetch, path: "/webhook", everyPath: false, maxRequests, logger: log.logger }) };
}

test("createApp() hands every path to fetch, and serves no /healthz, if it is told to", async () => {
  const fetch = (request: Request) => new Response(new URL(request.url).pathname);
  const door = createApp({
    fetch,
    path: "/webhook",
    everyPath: true,
    maxRequests: 256,
    logger: recordingLogger().logger,
  });
  for (const path of ["/", "/healthz", "/webhook", "/console/callbacks/1"]) {
    assert.equal(await (await door.fetch(ask(path))).text(), path);
  }
});

test("createApp() hands any method on the callback path to fetch, untouched", async () => {
  const seen: Request[] = [];
  const { app: door } = app((request) => {
    seen.push(request);
    return new Response("mine", { status: 405 });
  });
  for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PROPFIND"]) {
    const request = ask("/webhook?a=b", method);
    assert.equal((await door.fetch(request)).status, 405);
    assert.equal(seen.at(-1), request);
  }
});

test("createApp() answers GET /healthz", async () => {
  const { app: door } = app(() => assert.fail("not for fetch"));
  const response = await door.fetch(ask("/healthz"));
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "ok");
  assert.equal((await door.fetch(ask("/healthz", "POST"))).status, 404);
});

test("createApp() answers any other path with 404, never with a redirect", async () => {
  const { app: door } = app(() => assert.fail("not for fetch"));
  for (const path of ["/", "/webhook/", "//webhook", "/webhook/a", "/Webhook", "/healthz/", "/webhook%2F", "/%"]) {
    const response = await door.fetch(ask(path, "POST"));
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.deepEqual(await response.json(), { type: "about:blank", title: "Not Found", status: 404 });
  }
});

test("createApp() answers 500 and logs if fetch rejects or throws", async () => {
  for (
    const fetch of [() => Promise.reject(new Error("secret reason")), () => {
      throw new Error("secret reason");
    }]
  ) {
    const { app: door, log } = app(fetch);
    const response = await door.fetch(ask("/webhook", "POST"));
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.doesNotMatch(await response.text(), /secret/);
    assert.deepEqual(log.lines, ["error sheethook: fetch should never reject: Error: secret reason"]);
  }
});

test("createApp() answers 503 over maxRequests, says so once, and recovers", async () => {
  const waiting: ((response: Response) => void)[] = [];
  const { app: door, log } = app(() => new Promise((resolve) => waiting.push(resolve)), 2);
  const post = async () => await door.fetch(ask("/webhook", "POST"));
  const first = [post(), post()];
  for (let i = 0; i < 3; i++) {
    const refused = await post();
    assert.equal(refused.status, 503);
    assert.match(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assert.equal(refused.headers.get("content-type"), "application/problem+json");
  }
  assert.equal((await door.fetch(ask("/healthz"))).status, 200);
  assert.equal(log.lines.length, 1);
  assert.match(log.lines[0]!, /^warn .*2 requests are being answered/);

  for (const resolve of waiting.splice(0)) resolve(new Response("done"));
  assert.deepEqual((await Promise.all(first)).map(({ status }) => status), [200, 200]);
  const next = post();
  waiting[0]!(new Response("done"));
  assert.equal((await next).status, 200);
});
