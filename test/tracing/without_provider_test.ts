import assert from "node:assert/strict";
import { test } from "node:test";
import { trace } from "@opentelemetry/api";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import { createReceiver } from "../../src/receiver.ts";
import { createTracing } from "../../src/tracing/tracing.ts";
import { callbackBody, createLog, SECRET, signedRequest } from "../support/callbacks.ts";
import { startSdk } from "./spans.ts";

const API_URL = "http://127.0.0.1:9/2.0";

/** Sends a callback through a queue of the host's own. @returns what it was given, and the headers of the handler's write */
async function work() {
  const log = createLog();
  let put: AcceptedCallback | undefined;
  const sent: Headers[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    apiUrl: API_URL,
    inbox: { put: (callback) => void (put = callback) },
    fetch(input, init) {
      sent.push(new Request(input, init).headers);
      return Promise.resolve(Response.json({}));
    },
    tracing: createTracing(),
    logger: log,
  });
  receiver.on("row.updated", async (_event, context) => {
    const method = await context.step("choose", () => "PUT");
    await context.fetch(`${API_URL}/sheets/1/rows`, { method, body: "[]", headers: context.traceHeaders() });
  });
  const { status } = await receiver.fetch(await signedRequest(callbackBody()));
  const result = await receiver.run(put!, { attempt: 1 });
  return { status, result, put: put!, sent, lines: log.lines.filter((line) => /^(warn|error)/.test(line)) };
}

test("without a provider, everything runs and nothing is stored or sent of a trace", async () => {
  const { status, result, put, sent, lines } = await work();
  assert.deepEqual([status, result, lines], [200, { done: true, dead: [] }, []]);
  assert.equal("traceparent" in put, false);
  assert.deepEqual(sent.map((headers) => [headers.has("traceparent"), headers.has("smartsheet-change-agent")]), [
    [false, true],
  ]);
});

test("createTracing() may come before the provider, and another tracer or option is refused", async () => {
  const tracing = createTracing();
  const sdk = startSdk();
  try {
    assert.equal(tracing.step("a", () => 1), 1);
    assert.deepEqual(sdk.spans.map(({ name }) => name), ["step"]);
    await tracing.flush();
  } finally {
    await sdk.stop();
  }
  assert.throws(() => createReceiver({ secrets: SECRET, tracing: trace.getTracer("mine") as never }), {
    code: "option_invalid",
    message: /tracing is an object, but should be what createTracing\(\)/,
  });
  assert.throws(() => createTracing({ path: "/webhook" } as object), { code: "option_invalid" });
});

test("an SDK that throws changes nothing", async () => {
  const sdk = startSdk(() => {
    throw new Error("the processor is broken");
  });
  try {
    const { status, result, lines } = await work();
    assert.deepEqual([status, result, lines], [200, { done: true, dead: [] }, []]);
  } finally {
    await sdk.stop();
  }
  trace.setGlobalTracerProvider({
    getTracer() {
      throw new Error("the provider is broken");
    },
  });
  try {
    const { status, result, put } = await work();
    assert.deepEqual([status, result, put.traceparent], [200, { done: true, dead: [] }, undefined]);
  } finally {
    trace.disable();
  }
});
