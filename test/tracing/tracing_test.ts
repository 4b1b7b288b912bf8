import assert from "node:assert/strict";
import { after, afterEach, before, test } from "node:test";
import { trace } from "@opentelemetry/api";
import { createApi } from "../../src/api/api.ts";
import type { AcceptedCallback } from "../../src/callback/callback.ts";
import { Discard, SheethookError, Skip } from "../../src/errors.ts";
import { memoryInbox } from "../../src/inbox/memory.ts";
import { createReceiver, type Receiver, type ReceiverOptions } from "../../src/receiver.ts";
import { createTracing } from "../../src/tracing/tracing.ts";
import {
  callbackBody,
  createLog,
  rowEvent,
  SECRET,
  SHEET_ID,
  signedRequest,
  WEBHOOK_ID,
} from "../support/callbacks.ts";
import { startSdk, treeOf } from "./spans.ts";
import { until } from "../support/until.ts";

const API_URL = "http://127.0.0.1:9/2.0";
const ROWS_URL = `${API_URL}/sheets/11/rows`;
const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const MESSAGE_ID = `${WEBHOOK_ID}/0fcb8d84-f214-49c3-bd91-a7b91661ad6b`;

let sdk: ReturnType<typeof startSdk>;
before(() => {
  sdk = startSdk();
});
afterEach(() => void sdk.spans.splice(0));
after(() => sdk.stop());

const spanOf = (name: string) => {
  const span = sdk.spans.find((span) => span.name === name);
  assert.ok(span, `no span ${name} among ${sdk.spans.map(({ name }) => name)}`);
  return span;
};

/** Requests that the receiver sends, and the answer to each. */
function createService(answer: (request: Request) => Response = () => Response.json({})) {
  const requests: Request[] = [];
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    requests.push(request);
    return Promise.resolve(answer(request));
  };
  return { requests, fetch };
}

function createTraced(options: Partial<ReceiverOptions> = {}): Receiver {
  return createReceiver({
    secrets: SECRET,
    apiUrl: API_URL,
    logger: createLog(),
    tracing: createTracing({ route: "/webhook" }),
    ...options,
  });
}

/** Sends a callback, and waits until its inbox owes nothing. */
async function work(receiver: Receiver, inbox: ReturnType<typeof memoryInbox>, body = callbackBody()): Promise<void> {
  await receiver.start();
  assert.equal((await receiver.fetch(await signedRequest(body))).status, 200);
  await until("nothing is pending", async () => (await inbox.overview()).pending === 0);
  await receiver.stop();
}

test("one trace goes from the request over the inbox and a handler to the write", async () => {
  const inbox = memoryInbox();
  const { requests, fetch } = createService();
  const receiver = createTraced({ inbox, fetch });
  receiver.on("row.updated", async function notify(_event, context) {
    await context.step("look up", () => 1);
    trace.getTracer("handler").startSpan("of the handler").end();
    await context.fetch(ROWS_URL, { method: "PUT", body: "[]" });
  });
  await work(receiver, inbox);
  assert.deepEqual(treeOf(sdk.spans), [
    "SERVER POST /webhook",
    "  PRODUCER send callbacks",
    "    INTERNAL wait callbacks",
    "    CONSUMER process callbacks",
    "      INTERNAL row.updated",
    "        INTERNAL step",
    "        INTERNAL of the handler",
    "        CLIENT PUT /2.0/sheets/{id}/rows",
  ]);
  assert.equal(new Set(sdk.spans.map((span) => span.spanContext().traceId)).size, 1);
  const sent = spanOf("send callbacks").spanContext();
  assert.deepEqual(spanOf("process callbacks").links.map(({ context }) => context.spanId), [sent.spanId]);
  const { traceId, spanId } = spanOf("PUT /2.0/sheets/{id}/rows").spanContext();
  assert.equal(requests[0]?.headers.get("traceparent"), `00-${traceId}-${spanId}-01`);
  assert.equal(requests[0]?.headers.get("smartsheet-change-agent"), "sheethook");
});

test("spans have the attributes of the semantic conventions", async () => {
  const inbox = memoryInbox();
  const { fetch } = createService(() => Response.json({}, { status: 404 }));
  const receiver = createTraced({ inbox, fetch });
  receiver.on("row.updated", async function notify(_event, context) {
    await context.step("look up", () => 1);
    await context.fetch(`${ROWS_URL}?level=2`);
  });
  await work(receiver, inbox);
  assert.deepEqual({ ...spanOf("POST /webhook").attributes }, {
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "http.route": "/webhook",
    "server.address": "localhost",
    "server.port": 80,
    "url.path": "/webhook",
    "url.scheme": "http",
  });
  const messaging = {
    "messaging.system": "smartsheet",
    "messaging.destination.name": "callbacks",
    "messaging.destination.partition.id": String(SHEET_ID),
    "messaging.message.id": MESSAGE_ID,
    "sheethook.webhook": WEBHOOK_ID,
  };
  const operation = (name: string) => ({ "messaging.operation.name": name, "messaging.operation.type": name });
  assert.deepEqual({ ...spanOf("send callbacks").attributes }, { ...messaging, ...operation("send") });
  assert.deepEqual({ ...spanOf("wait callbacks").attributes }, { ...messaging, "messaging.operation.name": "wait" });
  assert.deepEqual({ ...spanOf("process callbacks").attributes }, {
    ...messaging,
    ...operation("process"),
    "sheethook.attempt": 1,
    "sheethook.outcome": "done",
  });
  assert.deepEqual({ ...spanOf("row.updated").attributes }, {
    "code.function.name": "notify",
    "sheethook.attempt": 1,
    "sheethook.event": 1,
    "sheethook.handler": 1,
  });
  assert.deepEqual({ ...spanOf("step").attributes }, { "sheethook.step": "look up" });
  assert.deepEqual({ ...spanOf("GET /2.0/sheets/{id}/rows").attributes }, {
    "error.type": "404",
    "http.request.method": "GET",
    "http.response.status_code": 404,
    "server.address": "127.0.0.1",
    "server.port": 9,
    "url.full": ROWS_URL,
    "url.template": "/2.0/sheets/{id}/rows",
  });
});

test("each attempt is a span of the same trace, with the kind of its error and nothing that was thrown", async () => {
  const inbox = memoryInbox();
  const receiver = createTraced({ inbox, attempts: 2, random: () => 0 });
  receiver.on("row.updated", () => {
    throw new RangeError("the cell holds 4711");
  });
  receiver.onCallback(() => {
    throw new Skip("nothing to do");
  });
  await work(receiver, inbox);
  assert.deepEqual(treeOf(sdk.spans).slice(2), [
    "    INTERNAL wait callbacks",
    "    CONSUMER process callbacks !RangeError",
    "      INTERNAL row.updated !RangeError",
    "    CONSUMER process callbacks !dead_call",
    "      INTERNAL row.updated !RangeError",
    "      INTERNAL onCallback",
  ]);
  const told = JSON.stringify(sdk.spans.map(({ attributes, events, status }) => ({ attributes, events, status })));
  assert.doesNotMatch(told, /4711|nothing to do/);
});

test("a callback that comes again is told from the first, and an error of ours by its code", async () => {
  const inbox = memoryInbox();
  const receiver = createTraced({ inbox });
  const body = callbackBody();
  for (let count = 0; count < 2; count++) await receiver.fetch(await signedRequest(body));
  inbox.put = () => Promise.reject(new SheethookError("inbox_away", "it is away"));
  await receiver.fetch(await signedRequest(body));
  assert.deepEqual(
    sdk.spans.filter(({ name }) => name === "send callbacks")
      .map(({ attributes }) => [attributes["sheethook.duplicate"], attributes["error.type"]]),
    [[undefined, undefined], [true, undefined], [undefined, "inbox_away"]],
  );
});

test("a discarded callback is no error", async () => {
  const inbox = memoryInbox();
  const receiver = createTraced({ inbox });
  receiver.on("row.updated", () => {
    throw new Discard("not ours");
  });
  await work(receiver, inbox);
  assert.equal(spanOf("process callbacks").attributes["sheethook.outcome"], "discarded");
  assert.ok(sdk.spans.every(({ attributes }) => attributes["error.type"] === undefined));
});

test("the traceparent of a request is continued, and refused requests have their span", async () => {
  const receiver = createTraced();
  const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` };
  assert.equal((await receiver.fetch(await signedRequest(callbackBody(), SECRET, headers))).status, 200);
  assert.equal((await receiver.fetch(await signedRequest(callbackBody(), "another-secret-123"))).status, 401);
  const [first, second] = sdk.spans.filter(({ name }) => name === "POST /webhook");
  assert.equal(first?.spanContext().traceId, TRACE_ID);
  assert.equal(first?.parentSpanContext?.spanId, "b7ad6b7169203331");
  assert.equal(second?.attributes["http.response.status_code"], 401);
  assert.equal(second?.attributes["error.type"], undefined);
});

test("without an inbox, the attempt is a part of the answer", async () => {
  const receiver = createTraced();
  receiver.on("row.updated", () => {
    throw new Error("E");
  });
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 500);
  assert.deepEqual(treeOf(sdk.spans), [
    "SERVER POST /webhook !500",
    "  CONSUMER process callbacks !Error",
    "    INTERNAL row.updated !Error",
  ]);
});

test("under a span of its host, the answer is no second server", async () => {
  const receiver = createTraced();
  const request = await signedRequest(callbackBody());
  await trace.getTracer("host").startActiveSpan("host", async (span) => {
    await receiver.fetch(request);
    span.end();
  });
  assert.deepEqual(treeOf(sdk.spans).slice(0, 2), ["INTERNAL host", "  INTERNAL POST /webhook"]);
});

test("an inbox of put alone gets the trace in plain JSON, and run() goes on with it", async () => {
  let put: AcceptedCallback | undefined;
  const receiver = createTraced({ inbox: { put: (callback) => void (put = callback) } });
  receiver.on("row.updated", () => {});
  await receiver.fetch(await signedRequest(callbackBody()));
  const { traceId, spanId } = spanOf("send callbacks").spanContext();
  assert.equal(put?.traceparent, `00-${traceId}-${spanId}-01`);
  await receiver.run(JSON.parse(JSON.stringify(put)), { attempt: 1 });
  assert.deepEqual(treeOf(sdk.spans), [
    "SERVER POST /webhook",
    "  PRODUCER send callbacks",
    "    INTERNAL wait callbacks",
    "    CONSUMER process callbacks",
    "      INTERNAL row.updated",
  ]);
});

test("a stored trace that is broken is a new trace", async () => {
  const receiver = createTraced();
  const accepted = { webhookId: 1, nonce: "n", timestamp: "t", scopeObjectId: 1, digest: "d", acceptedAt: 0 };
  for (const traceparent of ["", "00-1-2-3", `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
    await receiver.run({ ...accepted, body: callbackBody(), traceparent }, { attempt: 1 });
  }
  assert.deepEqual(treeOf(sdk.spans), Array(3).fill("CONSUMER process callbacks"));
});

test("the trace goes to the Smartsheet API alone, and elsewhere where a handler wants it", async () => {
  const { requests, fetch } = createService();
  const receiver = createTraced({ fetch });
  const urls = ["https://api.smartsheet.com/2.0/users/me", "https://api.smartsheet.com.example.com/", ROWS_URL];
  let headers: Record<string, string> = {};
  receiver.on("row.updated", async (_event, context) => {
    for (const url of urls) await context.fetch(url);
    await context.fetch(new Request(ROWS_URL, { method: "POST", body: "[]", headers: { authorization: "Bearer t" } }));
    headers = context.traceHeaders();
  });
  await receiver.fetch(await signedRequest(callbackBody()));
  assert.deepEqual(requests.map((request) => request.headers.has("traceparent")), [true, false, true, true]);
  assert.deepEqual([requests[3]?.headers.get("authorization"), await requests[3]?.text()], ["Bearer t", "[]"]);
  const { traceId, spanId } = spanOf("row.updated").spanContext();
  assert.deepEqual(headers, { traceparent: `00-${traceId}-${spanId}-01` });
});

test("the API client makes a span for each request, also for one that is sent again", async () => {
  const { requests, fetch } = createService(() =>
    requests.length > 1 ? Response.json({ id: 1 }) : Response.json({ errorCode: 4001 }, { status: 503 })
  );
  const api = createApi({
    token: "hiddentoken0123456789",
    apiUrl: API_URL,
    fetch,
    tracing: createTracing(),
    sleep: () => Promise.resolve(),
    logger: createLog(),
  });
  await api.users.me();
  assert.deepEqual(treeOf(sdk.spans), ["CLIENT GET /2.0/users/me !503", "CLIENT GET /2.0/users/me"]);
  assert.deepEqual(
    requests.map(({ headers }) => headers.get("traceparent")?.split("-")[2]),
    sdk.spans.map((span) => span.spanContext().spanId),
  );
  assert.equal(requests[1]?.headers.get("authorization"), "Bearer hiddentoken0123456789");
  assert.doesNotMatch(JSON.stringify(sdk.spans.map(({ attributes }) => attributes)), /hiddentoken/);
});

test("no span holds a secret, a token, a query or a value of a cell", async () => {
  const inbox = memoryInbox();
  const { fetch } = createService(() => Response.json({ errorCode: 1008, message: "value 4711" }, { status: 400 }));
  const receiver = createTraced({ inbox, fetch });
  receiver.on("row.updated", async (_event, context) => {
    const init = { method: "PUT", headers: { authorization: "Bearer hidden-token" }, body: '[{"value":4711}]' };
    await context.fetch(`${ROWS_URL}?query=4711`, init);
    await context.step("create with Bearer hidden-token", () => "4711");
  });
  await work(receiver, inbox, callbackBody({ events: [rowEvent(1, { value: 4711, changeAgent: "4711" })] }));
  const told = JSON.stringify(
    sdk.spans.map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })),
  );
  assert.doesNotMatch(told, new RegExp(`4711|hidden-token|${SECRET}|[Hh]mac`));
});
