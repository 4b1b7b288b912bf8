import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createReceiver } from "../src/receiver.ts";
import { signBody } from "../src/receive/signature.ts";
import { callbackBody, createLog, postRequest, SECRET, signedRequest, WEBHOOK_ID } from "./callbacks.ts";
import { createWireReceivers, type WireReceiverName } from "./suites/wire_receivers.ts";
import { type WireRequest, wireSuite } from "./suites/wire_suite.ts";

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
