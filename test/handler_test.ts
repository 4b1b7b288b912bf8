import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { delay } from "../src/async/delay.ts";
import { createReceiver } from "../src/receiver.ts";
import { signBody } from "../src/receive/signature.ts";
import { callbackBody, createLog, postRequest, SECRET, signedRequest, WEBHOOK_ID } from "./support/callbacks.ts";
import { createWireReceivers, type WireReceiverName } from "./suites/wire_receivers.ts";
import { type WireRequest, wireSuite } from "./suites/wire_suite.ts";
import { until } from "./support/until.ts";

wireSuite("wire, in process", async () => {
  const receivers = await createWireReceivers();
  return {
    async send(name: WireReceiverName, request: WireRequest) {
      const response = await receivers[name].fetch(requestOf(request));
      return { status: response.status, headers: response.headers, body: await response.text() };
    },
    async close() {
      await Promise.all(Object.values(receivers).map((receiver) => receiver.stop()));
    },
  };
});

function requestOf({ method = "POST", headers = {}, body, stalled, chunked }: WireRequest): Request {
  let stream: BodyInit | null = body ?? null;
  if (stalled) stream = new ReadableStream({});
  if (chunked) stream = new Blob([body as string]).stream();
  return new Request("http://localhost/webhook", { method, headers, body: stream, duplex: "half" } as RequestInit);
}

const STATUSES = [200, 400, 401, 403, 405, 408, 413, 500, 503];
const json = fc.oneof(
  fc.json(),
  fc.jsonValue().map((value) => callbackBody({ events: [value] })),
  fc.record({
    challenge: fc.anything(),
    webhookId: fc.anything(),
    events: fc.anything(),
    newWebhookStatus: fc.anything(),
  }, { requiredKeys: [] })
    .map((value) => {
      try {
        return JSON.stringify(value) ?? "";
      } catch {
        return "";
      }
    }),
  fc.string({ unit: "binary" }),
);
const headerValue = fc.oneof(
  fc.constant(undefined),
  fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,300}$/),
  fc.stringMatching(/^[0-9a-f]{60,66}$/),
);

test("fetch() never throws, never rejects, and never answers outside the table, whatever comes", async () => {
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  let taken = 0;
  const inbox = { put: () => void taken++ };
  const receivers = [
    createReceiver({ secrets: SECRET, inbox, logger: silent, maxBodyBytes: 2000 }),
    createReceiver({ secrets: { 5: SECRET }, inbox, webhookIds: [5], logger: silent }),
    createReceiver({ allowUnsigned: true, inbox, webhookIds: [WEBHOOK_ID], logger: silent }),
    createReceiver({ secrets: SECRET, logger: silent }).on("*.*", () => void taken++),
  ];
  let mostTaken = 0;
  await fc.assert(
    fc.asyncProperty(
      json,
      headerValue,
      headerValue,
      fc.constantFrom("POST", "POST", "POST", "GET", "PUT", "PATCH"),
      fc.boolean(),
      async (body, challenge, signature, method, sign) => {
        const headers = new Headers();
        const trySet = (name: string, value: string | undefined) => {
          if (value !== undefined) headers.set(name, value);
        };
        trySet("Smartsheet-Hook-Challenge", challenge);
        trySet("Smartsheet-Hmac-SHA256", sign ? await signBody(body, SECRET) : signature);
        for (const receiver of receivers) {
          const request = new Request("http://localhost/webhook", {
            method,
            headers,
            body: method === "GET" ? null : body,
          });
          const { status } = await receiver.fetch(request);
          assert.ok(STATUSES.includes(status), String(status));
          mostTaken = Math.max(mostTaken, taken);
          if (challenge !== undefined) assert.equal(taken, 0, "dispatched in spite of a challenge");
          taken = 0;
        }
      },
    ),
    { numRuns: 500 },
  );
  assert.ok(mostTaken > 0, "no run came as far as the inbox");
});

test("fetch() never rejects, whatever an option of the user's does", async () => {
  const hostile = () => {
    throw null;
  };
  const logger = { debug: hostile, info: hostile, warn: hostile, error: hostile };
  const request = () => signedRequest(callbackBody());
  assert.equal((await createReceiver({ secrets: hostile as never, logger }).fetch(await request())).status, 503);
  assert.equal(
    (await createReceiver({ secrets: SECRET, inbox: { put: hostile }, logger }).fetch(await request())).status,
    503,
  );
  assert.equal(
    (await createReceiver({ secrets: SECRET, logger }).on("*.*", hostile).fetch(await request())).status,
    500,
  );
  assert.equal((await createReceiver({ secrets: SECRET, logger }).fetch(await request())).status, 200);
});

test("fetch() dispatches nothing when there is a challenge, whatever else is in the request", async () => {
  const log = createLog();
  const put: unknown[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    logger: log,
    inbox: { put: (callback) => void put.push(callback) },
  });
  const challenge = { "Smartsheet-Hook-Challenge": "V" };
  for (
    const body of [
      callbackBody(),
      callbackBody({ challenge: "V" }),
      callbackBody({ events: null, newWebhookStatus: "ENABLED" }),
    ]
  ) {
    const response = await receiver.fetch(await signedRequest(body, SECRET, challenge));
    assert.equal(response.headers.get("Smartsheet-Hook-Response"), "V");
    await receiver.fetch(postRequest(body, challenge));
  }
  assert.deepEqual(put, []);
  assert.equal(receiver.counts.challenges, 6);
});

test("fetch() doesn't parse a body before its signature, where the secret is known without it", async (t) => {
  const parsed = t.mock.method(JSON, "parse");
  const large = callbackBody({ events: Array.from({ length: 1000 }, (_, id) => ({ objectType: "row", id })) });
  for (const secrets of [SECRET, { [WEBHOOK_ID]: SECRET }, (id: number) => id === WEBHOOK_ID ? SECRET : undefined]) {
    const receiver = createReceiver({ secrets, logger: createLog(), inbox: { put() {} } });
    for (const body of [large, large.slice(0, -1), `{"webhookId":${WEBHOOK_ID},"x":${"[".repeat(100_000)}`]) {
      parsed.mock.resetCalls();
      for (const headers of [{}, { "Smartsheet-Hmac-SHA256": "x" }, { "Smartsheet-Hmac-SHA256": "0" }]) {
        assert.equal((await receiver.fetch(postRequest(body, headers as Record<string, string>))).status, 401);
      }
      assert.equal(parsed.mock.callCount(), 0);
    }
    assert.equal((await receiver.fetch(await signedRequest(large))).status, 200);
    assert.equal((await receiver.fetch(await signedRequest(large.slice(0, -1)))).status, 400);
  }
});

test("fetch() trusts a body by the secret of the webhook that the whole of it names", async () => {
  const put: number[] = [];
  const inbox = { put: ({ webhookId }: { webhookId: number }) => void put.push(webhookId) };
  const receiver = createReceiver({ secrets: { 5: "five", 6: "six" }, logger: createLog(), inbox });
  const statusOf = async (body: string, secret: string) =>
    (await receiver.fetch(await signedRequest(body, secret))).status;
  const of = (webhookId: number) => callbackBody({ webhookId });
  const twice = of(6).replace("{", '{"webhookId":5,');
  assert.equal(await statusOf(twice, "five"), 401);
  assert.equal(await statusOf(twice, "six"), 200);
  assert.equal(await statusOf(of(7).replace("{", '{"webhookId":5,'), "five"), 403);
  const events = [{ webhookId: 5, x: "x".repeat(100_000) }];
  const { webhookId: _, ...rest } = JSON.parse(callbackBody({ events }));
  assert.equal(await statusOf(JSON.stringify({ events, ...rest, webhookId: 6 }), "five"), 401);
  assert.equal(await statusOf(JSON.stringify({ events, ...rest, webhookId: 6 }), "six"), 200);
  assert.deepEqual(put, [6, 6]);
});

test("fetch() stores a signed callback of just maxAgeMs, and none that is older", async () => {
  const put: string[] = [];
  const inbox = { put: ({ timestamp }: { timestamp: string }) => void put.push(timestamp) };
  const now = () => Date.parse("2025-09-17T13:10:01Z");
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), inbox, maxAgeMs: 1000, now });
  for (const timestamp of ["2025-09-17T13:10:00.000Z", "2025-09-17T13:09:59.999Z"]) {
    assert.equal((await receiver.fetch(await signedRequest(callbackBody({ timestamp })))).status, 200);
  }
  assert.deepEqual(put, ["2025-09-17T13:10:00.000Z"]);
});

test("fetch() asks for no secret of an id that a number can't hold", async () => {
  const asked: number[] = [];
  const secrets = (webhookId: number) => {
    asked.push(webhookId);
    return SECRET;
  };
  const receiver = createReceiver({ secrets, logger: createLog(), inbox: { put() {} } });
  const body = callbackBody().replace(String(WEBHOOK_ID), "9007199254740993");
  assert.equal((await receiver.fetch(await signedRequest(body))).status, 400);
  assert.deepEqual(asked, []);
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 200);
  assert.deepEqual(asked, [WEBHOOK_ID]);
});

test("fetch() lets a large body without a signature come in, but has no need of room for it", async () => {
  let store: (() => void) | undefined;
  const inbox = { put: () => new Promise<void>((resolve) => store = resolve) };
  const options = { secrets: SECRET, inbox, maxBodyBytes: 50_000, maxBufferedBytes: 50_000 };
  const receiver = createReceiver({ ...options, logger: createLog() });
  const statusOf = async (length: number, declared = length) => {
    const headers = { "content-length": String(declared) };
    return (await receiver.fetch(requestOf({ body: "x".repeat(length), headers, chunked: true }))).status;
  };
  const first = receiver.fetch(await signedRequest(callbackBody({ x: "x".repeat(40_000) })));
  await until("the inbox is asked to store", () => store !== undefined);
  assert.equal(await statusOf(30_000), 401);
  assert.equal(await statusOf(60_000, 30_000), 413);
  assert.equal(await statusOf(60_000), 413);
  store!();
  assert.equal((await first).status, 200);
});

test("fetch() takes only a small unsigned body for a challenge", async () => {
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  const challenge = (size: number) => JSON.stringify({ challenge: "V", webhookId: 1, x: "x".repeat(size) });
  assert.equal((await receiver.fetch(postRequest(challenge(1000)))).status, 200);
  assert.equal((await receiver.fetch(postRequest(challenge(20_000)))).status, 401);
  assert.equal(
    (await receiver.fetch(postRequest(challenge(20_000), { "Smartsheet-Hook-Challenge": "V" }))).status,
    401,
  );
  assert.equal((await receiver.fetch(await signedRequest(challenge(20_000)))).status, 200);
  const most = 16 * 1024 - challenge(0).length;
  assert.equal((await receiver.fetch(postRequest(challenge(most)))).status, 200);
  assert.equal((await receiver.fetch(postRequest(challenge(most + 1)))).status, 401);
});

test("fetch() answers 400 to a signed body that is no UTF-8, and stores nothing of it", async () => {
  const stored: unknown[] = [];
  const inbox = { put: (callback: unknown) => void stored.push(callback) };
  const receiver = createReceiver({ secrets: SECRET, logger: createLog(), inbox });
  const body = new TextEncoder().encode(callbackBody({ events: [{ objectType: "row", x: "?" }] }));
  const send = async () => {
    const signature = await signBody(body, SECRET);
    return (await receiver.fetch(postRequest(body, { "Smartsheet-Hmac-SHA256": signature }))).status;
  };
  assert.equal(await send(), 200);
  body[body.lastIndexOf("?".charCodeAt(0))] = 0xff;
  assert.equal(await send(), 400);
  assert.equal(stored.length, 1);
});

test("fetch() answers 503 while the bodies under way have no room for one more, and tells it once", async () => {
  const log = createLog();
  let store: (() => void) | undefined;
  const inbox = { put: () => new Promise<void>((resolve) => store = resolve) };
  const options = { maxBodyBytes: 5000, maxBufferedBytes: 5000 };
  const receiver = createReceiver({ secrets: SECRET, logger: log, inbox, ...options });
  const body = callbackBody({ events: [{ objectType: "row", x: "x".repeat(4000) }] });
  const first = receiver.fetch(await signedRequest(body));
  await until("the inbox is asked to store", () => store !== undefined);
  for (let tries = 0; tries < 3; tries++) {
    const { status, headers } = await receiver.fetch(await signedRequest(body));
    assert.equal(status, 503);
    assert.match(headers.get("Retry-After")!, /^\d+$/);
  }
  assert.deepEqual(log.lines.map((line) => line.split(" ")[0]), ["error", "debug", "debug"]);
  assert.match(log.lines[0]!, /hold 5000 bytes: see the option maxBufferedBytes/);
  store!();
  assert.equal((await first).status, 200);
  const second = receiver.fetch(await signedRequest(body));
  await delay(10);
  store!();
  assert.equal((await second).status, 200);
});

test("fetch() answers 503 over maxRequests, but counts no request whose body isn't there yet", async () => {
  const log = createLog();
  let store: (() => void) | undefined;
  const inbox = { put: () => new Promise<void>((resolve) => store = resolve) };
  const receiver = createReceiver({ secrets: SECRET, logger: log, inbox, maxRequests: 1 });
  const stalled = () => receiver.fetch(requestOf({ stalled: true }));
  for (let count = 0; count < 50; count++) stalled();
  const first = receiver.fetch(await signedRequest(callbackBody()));
  await until("the inbox is asked to store", () => store !== undefined);
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 503);
  assert.match(log.lines[0]!, /^error .*1 requests are being answered: see the option maxRequests/);
  store!();
  assert.equal((await first).status, 200);
  store = undefined;
  const next = receiver.fetch(await signedRequest(callbackBody()));
  await until("the inbox is asked to store again", () => store !== undefined);
  store!();
  assert.equal((await next).status, 200);
});

test("fetch() says what is wrong when something has read the body before", async () => {
  const log = createLog();
  const receiver = createReceiver({ secrets: SECRET, logger: log });
  const request = await signedRequest(callbackBody(), SECRET, { "Smartsheet-Hook-Challenge": "V" });
  await request.text();
  assert.equal((await receiver.fetch(request)).status, 400);
  assert.match(log.lines[0]!, /^warn Refused with 400: Body was already read, e.g. by express.json\(\): register/);
  const { status } = await receiver.fetch(postRequest(null, { "Smartsheet-Hmac-SHA256": "0" }));
  assert.equal(status, 401);
  assert.match(log.lines[1]!, /^warn Refused with 401: .*the empty one that came: was it read before/);
});
