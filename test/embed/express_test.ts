import { getRequestListener } from "@hono/node-server";
import express from "express";
import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { createReceiver, signBody } from "../../mod.ts";
import { callbackBody, createLog, SECRET } from "../support/callbacks.ts";
import { sendWireRequest } from "../suites/send_wire_request.ts";

async function withExpress(
  build: (app: express.Express, listener: express.RequestHandler) => void,
  use: (url: string, log: readonly string[]) => Promise<void>,
): Promise<void> {
  const log = createLog();
  const receiver = createReceiver({ secrets: SECRET, logger: log });
  const app = express();
  // Not for the whole process: Bun runs other test files in it, too.
  const listener = getRequestListener(receiver.fetch, { overrideGlobalObjects: false });
  build(app, (request, response) => void listener(request, response));
  const server = app.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`, log.lines);
  } finally {
    server.close();
  }
}

const body = callbackBody();
const callback = async () => ({
  body,
  headers: { "Content-Type": "application/json", "Smartsheet-Hmac-SHA256": await signBody(body, SECRET) },
});
const challenge = {
  body: '{"challenge":"V","webhookId":1}',
  headers: { "Content-Type": "application/json", "Smartsheet-Hook-Challenge": "V" },
};

test("a receiver in front of express.json() takes callbacks and challenges", async () => {
  await withExpress((app, listener) => app.all("/webhook", listener).use(express.json()), async (url) => {
    assert.equal((await sendWireRequest(url, await callback())).status, 200);
    assert.equal((await sendWireRequest(url, challenge)).status, 200);
  });
});

test("a receiver behind express.json() refuses both, and the log says why", async () => {
  await withExpress((app, listener) => app.use(express.json()).all("/webhook", listener), async (url, log) => {
    for (const request of [await callback(), challenge, { ...await callback(), chunked: true }]) {
      const { status } = await sendWireRequest(url, request);
      assert.ok(status === 400 || status === 401, String(status));
      assert.match(log.at(-1)!, /read before, e\.g\. by express\.json\(\)|already read, e\.g\. by express\.json\(\)/);
    }
  });
});
