import assert from "node:assert/strict";
import { test } from "node:test";
import { createApp } from "../../src/serve/app.ts";
import { recordingLogger } from "./recording_logger.ts";

const ask = (path: string, method = "GET") => new Request(`http://localhost${path}`, { method });

function app(fetch: (request: Request) => Response | Promise<Response>) {
  const log = recordingLogger();
  const refused: number[] = [];
  const onRefused = (status: number) => void refused.push(status);
  const settings = { fetch, path: "/webhook", onRefused, logger: log.logger };
  return { log, refused, app: createApp(settings) };
}

test("createApp() hands every path to fetch, and serves no /healthz, if it is told to", async () => {
  const fetch = (request: Request) => new Response(new URL(request.url).pathname);
  const door = createApp({
    fetch,
    path: "*",
    onRefused: () => assert.fail("nothing is refused"),
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
    const detail = "Nothing is served at this path";
    assert.deepEqual(await response.json(), { type: "about:blank", title: "Not Found", status: 404, detail });
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

test("createApp() tells of POSTs that don't come as far as fetch, or that it rejects", async () => {
  const { app: door, refused } = app(() => Promise.reject(new Error("no")));
  for (const [path, method] of [["/wrong", "POST"], ["/wrong", "GET"], ["/webhook", "POST"], ["/healthz", "GET"]]) {
    await door.fetch(ask(path!, method));
  }
  assert.deepEqual(refused, [404, 500]);
});
