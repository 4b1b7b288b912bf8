import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "../src/async/delay.ts";
import type { AcceptedCallback } from "../src/callback/callback.ts";
import type { Context } from "../src/dispatch/context.ts";
import { Discard, RetryLater } from "../src/errors.ts";
import { memoryInbox } from "../src/inbox/memory.ts";
import { createReceiver, type ReceiverOptions, type RunDeadCall } from "../src/receiver.ts";
import {
  callbackBody,
  createLog,
  postRequest,
  rowEvent,
  SECRET,
  signedRequest,
  WEBHOOK_ID,
} from "./support/callbacks.ts";
import { fixture } from "./support/fixtures.ts";

test("createReceiver() refuses at once what could never work, with a message that says what to do", () => {
  const cases: [ReceiverOptions, RegExp][] = [
    [{}, /secrets is missing: give the sharedSecret/],
    [{ secrets: "" }, /holds an empty or blank secret: give the webhook's sharedSecret/],
    [{ secrets: ["a", " "] }, /empty or blank/],
    [
      { secrets: { 1: ["a", { secret: "hidden", until: "2026-01-31T08:00:00Z" }] } as never },
      /^(?!.*hidden)secrets\[1\] holds an object; .* is for a secrets file, which secretsFile\(path\) of "sheethook\/secrets-file" reads/,
    ],
    [{ secrets: { 1: { secret: "hidden" } } as never }, /^(?!.*hidden)secrets\[1\] holds an object; /],
    [{ secrets: [] }, /1 to 10 of them/],
    [{ secrets: {} }, /secrets holds none/],
    [{ secrets: "a", allowUnsigned: true }, /allowUnsigned excludes secrets/],
    [{ allowUnsigned: true }, /allowUnsigned needs webhookIds/],
    [{ allowUnsigned: true, webhookIds: [] }, /webhookIds .* at least one/],
    [{ secrets: "a", webhookIds: [0.5] }, /webhookIds/],
    [{ secrets: "a", webhookIds: "2674017481058180" as never }, /webhookIds is "2674017481058180", but should be/],
    [{ secrets: "a", webhookIds: "" as never }, /webhookIds is "", but should be a list of at least one webhook id/],
    [{ secrets: "a", webhookIds: false as never }, /webhookIds is false/],
    [{ allowUnsigned: "false" as never, webhookIds: [1] }, /allowUnsigned is "false", but should be true or false/],
    [{ secrets: "a", allowUnsigned: 0 as never }, /allowUnsigned is 0/],
    [{ secrets: "a", fetch: 5 as never }, /fetch is 5, but should be a function/],
    [{ secrets: "a", now: 5 as never }, /now is 5, but should be a function/],
    [{ secrets: "a", random: 0.5 as never }, /random is 0.5, but should be a function/],
    [{ secrets: "a", api: {} as never }, /api is an object, but should be what createApi\(\)/],
    [
      { secrets: "a", observer: {} as never },
      /observer is an object, but should be an object with the functions onEvent/,
    ],
    [{ secrets: "a", logger: { log() {} } as never }, /logger is an object, but .* functions debug, info, warn, error/],
    [{ secrets: "a", changeAgent: "a,b" }, /changeAgent is "a,b", but should be/],
    [{ secrets: "a", changeAgent: "" }, /changeAgent/],
    [{ secrets: "a", apiUrl: "smartsheet" }, /apiUrl is "smartsheet", but should be/],
    [{ secrets: "a", maxBodyBytes: 0 }, /maxBodyBytes is 0, but should be a whole number of at least 1/],
    [{ secrets: "a", maxBufferedBytes: 2 ** 20 }, /maxBufferedBytes is 1048576, but should be at least maxBodyBytes/],
    [{ secrets: "a", maxRequests: 1.5 }, /maxRequests is 1.5, but should be a whole number/],
    [{ secrets: "a", maxAgeMs: -1 }, /maxAgeMs/],
    [
      { secrets: "a", bodyTimeoutMs: 2 ** 31 },
      /bodyTimeoutMs is 2147483648, but should be a number from 1 to 2147483647/,
    ],
    [{ secrets: "a", ownChanges: "delivered" as never }, /ownChanges is "delivered"/],
    [{ secrets: "a", inbox: {} as never }, /inbox is an object, but should be/],
    [{ secrets: "a", api: "token" as never }, /api is "token", but should be what createApi\(\)/],
    [{ secrets: "a", concurrency: 1.5 }, /concurrency is 1.5, but should be a whole number/],
    [{ secrets: "a", attempts: 0 }, /attempts/],
    [{ secrets: "a", concurrency: NaN, inbox: memoryInbox() }, /concurrency/],
    [undefined as never, /secrets is missing: give the sharedSecret/],
    [null as never, /secrets is missing/],
    ["a" as never, /options of createReceiver\(\) is "a", but should be an object/],
    [
      { secrets: "a", foo: 1 } as never,
      /createReceiver\(\) has no option "foo": there are secrets, changeAgent, inbox, /,
    ],
    [{ secret: "a" } as never, /no option "secret": did you mean secrets\? There are /],
    [{ secrets: "a", webhookIDs: [1] } as never, /no option "webhookIDs": did you mean webhookIds\?/],
    [{ secrets: "a", maxBodySize: 1 } as never, /no option "maxBodySize": did you mean maxBodyBytes\?/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => createReceiver(options), { code: "option_invalid", message }, String(message));
  }
  createReceiver({ secrets: "a", apiUrl: undefined, webhookIds: undefined, inbox: undefined });
  createReceiver({ allowUnsigned: true, webhookIds: [1] });
});

test("on() and its kin refuse what isn't a pattern or a handler, and can be chained", () => {
  const receiver = createReceiver({ secrets: SECRET });
  assert.throws(() => receiver.on("row" as never, () => {}), /Pattern is "row"/);
  assert.throws(() => receiver.on([], () => {}), /at least one/);
  assert.throws(() => receiver.on("row.*", undefined as never), /Handler is undefined, but should be a function/);
  assert.throws(() => receiver.onCallback({} as never), /a function/);
  assert.throws(() => receiver.onStatus(null as never), /a function/);
  assert.equal(receiver.on("row.*", () => {}).onCallback(() => {}).onStatus(() => {}), receiver);
});

test("fetch() stores plain JSON that says all that run() needs", async () => {
  const put: AcceptedCallback[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    inbox: { put: (callback) => void put.push(callback) },
    now: () => 5,
  });
  const ids: unknown[] = [];
  receiver.on("row.created", (event, context) => void ids.push([event.id, context.attempt]));
  const body = fixture("sheet-row-created-2015");
  assert.equal((await receiver.fetch(await signedRequest(body))).status, 200);
  assert.deepEqual(ids, []);
  const { digest, ...rest } = put[0]!;
  assert.match(digest, /^[0-9a-f]{64}$/);
  assert.deepEqual(rest, {
    webhookId: 4503604829677444,
    nonce: "4b2ed20d-6f00-4b0c-8fac-082182aa9aac",
    timestamp: "2015-10-27T17:04:23.795+0000",
    scopeObjectId: 4509506114742148,
    body,
    acceptedAt: 5,
  });
  assert.deepEqual(await receiver.run(JSON.parse(JSON.stringify(put[0])), { attempt: 2 }), { done: true, dead: [] });
  assert.deepEqual(ids, [[7129509179746180, 2]]);
});

test("fetch() makes the same digest of the same events, whatever is around them", async () => {
  const digests: string[] = [];
  const receiver = createReceiver({ secrets: SECRET, inbox: { put: ({ digest }) => void digests.push(digest) } });
  const bodies = [
    callbackBody(),
    callbackBody({ nonce: "another", timestamp: "2025-09-17T13:11:00Z" }),
    callbackBody().replaceAll(",", " , "),
    callbackBody({ events: [rowEvent(1), rowEvent(2)] }),
    callbackBody({ events: null, newWebhookStatus: "ENABLED" }),
    callbackBody({ events: null, newWebhookStatus: "DISABLED_SCOPE_INACCESSIBLE" }),
  ];
  for (const body of bodies) assert.equal((await receiver.fetch(await signedRequest(body))).status, 200);
  const [first, ...others] = digests;
  assert.deepEqual(others.slice(0, 2), [first, first]);
  assert.equal(new Set(digests).size, 4);
});

test("fetch() answers 400 to a signed callback that is nested too deeply to be stored, and says so", async () => {
  const log = createLog();
  const put: unknown[] = [];
  const inbox = { put: (callback: AcceptedCallback) => void put.push(callback) };
  const receiver = createReceiver({ secrets: SECRET, inbox, logger: log });
  const deep = (depth: number) =>
    callbackBody({ events: [rowEvent(1, { x: "?" })] }).replace('"?"', "[".repeat(depth) + "]".repeat(depth));
  assert.equal((await receiver.fetch(await signedRequest(deep(100)))).status, 200);
  // How deep is too deep depends on the runtime; some read no deeper than they write.
  const { status } = await receiver.fetch(await signedRequest(deep(200_000)));
  assert.ok(status === 400 || put.length === 2, `${status}, ${put.length} stored`);
  assert.ok(put.length === 2 || /^warn Refused with 400: Not a callback: /.test(log.lines.at(-1)!), log.lines.at(-1));
});

test("run() tells which calls are dead, and runs them again when it is given them", async () => {
  const put: AcceptedCallback[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    logger: createLog(),
    attempts: 2,
    inbox: { put: (callback) => void put.push(callback) },
  });
  const calls: string[] = [];
  let fails = true;
  receiver.on("row.*", function save(event, context) {
    calls.push(`${event.id} ${context.attempt}`);
    if (fails && event.id !== 3) throw new Error(`no ${event.id}`);
  });
  receiver.onCallback((_callback, { failed }) => void calls.push(`all but ${failed.map(({ id }) => id)}`));
  await receiver.fetch(await signedRequest(callbackBody({ events: [rowEvent(1), rowEvent(2), rowEvent(3)] })));
  const accepted = put[0]!;
  assert.ok("retryAfterMs" in await receiver.run(accepted, { attempt: 1 }));
  const result = JSON.parse(JSON.stringify(await receiver.run(accepted, { attempt: 2 })));
  assert.deepEqual(calls.splice(0), ["1 1", "1 2", "2 2", "3 2", "all but 1,2"]);
  assert.equal(result.done, true);
  const key = `${accepted.webhookId}/${accepted.nonce}`;
  assert.deepEqual(
    result.dead.map((call: RunDeadCall) => [call.idempotencyKey, call.handler, call.call.event, call.attempts]),
    [[`${key}/0`, "row.* save#1", 0, 2], [`${key}/1`, "row.* save#1", 1, 2]],
  );
  assert.match(result.dead[1].error, /^Error: no 2\n {4}at /);
  // A queue that brings it more often than it was told to gets an answer, too.
  assert.equal((await receiver.run(accepted, { attempt: 99 }) as { dead: readonly unknown[] }).dead.length, 2);
  calls.length = 0;
  fails = false;
  assert.deepEqual(await receiver.run(accepted, { attempt: 1, calls: result.dead }), { done: true, dead: [] });
  assert.deepEqual(calls, ["1 1", "2 1"]);
});

test("run() resolves to when the callback wants to run again", async () => {
  const put: AcceptedCallback[] = [];
  const receiver = createReceiver({
    secrets: SECRET,
    logger: createLog(),
    attempts: 2,
    inbox: { put: (callback) => void put.push(callback) },
  });
  let thrown: unknown = new RetryLater(123);
  receiver.on("*.*", () => {
    throw thrown;
  });
  await receiver.fetch(await signedRequest(callbackBody()));
  assert.deepEqual(await receiver.run(put[0]!, { attempt: 1 }), { retryAfterMs: 123 });
  thrown = "not even an error";
  assert.ok(((await receiver.run(put[0]!, { attempt: 1 })) as { retryAfterMs: number }).retryAfterMs >= 800);
  thrown = new Discard();
  assert.deepEqual(await receiver.run(put[0]!, { attempt: 1 }), { done: true, dead: [] });
  // Those of another installed copy, which a handlers' module may bring.
  thrown = Object.assign(new Error(), { code: "discard" });
  assert.deepEqual(await receiver.run(put[0]!, { attempt: 1 }), { done: true, dead: [] });
  thrown = Object.assign(new Error(), { code: "retry_later", delayMs: 7 });
  assert.deepEqual(await receiver.run(put[0]!, { attempt: 1 }), { retryAfterMs: 7 });
  for (const body of ["{}", "not JSON"]) {
    await assert.rejects(receiver.run({ ...put[0]!, body }, { attempt: 1 }), (error: Error & { code: string }) => {
      assert.equal(error.code, "callback_invalid");
      assert.doesNotMatch(error.message, /not JSON/);
      return true;
    });
  }
  await assert.rejects(receiver.run(put[0]!, { attempt: 0 }), { code: "option_invalid" });
});

test("without an inbox the handlers run before the answer", async () => {
  const ids: unknown[] = [];
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() }).on("row.*", async (event, context) => {
    await delay(10);
    ids.push(event.id, await context.step("s", () => "ran"));
  });
  await receiver.start();
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 200);
  assert.deepEqual(ids, [1, "ran"]);
  await receiver.stop();
});

test("without an inbox a handler that fails is a 500, one that discards isn't, and one that hangs is cut off", async () => {
  const log = createLog();
  let signal: AbortSignal | undefined;
  let handle: () => unknown = () => Promise.reject(new Error("no"));
  const receiver = createReceiver({ secrets: SECRET, logger: log, acceptTimeoutMs: 30 }).on(
    "*.*",
    (_event, context) => {
      signal = context.signal;
      return handle();
    },
  );
  const status = async () => (await receiver.fetch(await signedRequest(callbackBody()))).status;
  assert.equal(await status(), 500);
  assert.match(log.lines[0]!, /^error Refused with 500: callback .* of webhook 8958534189639556: Error: no$/);
  assert.equal(log.lines.length, 1);
  handle = () => {
    throw new Discard();
  };
  assert.equal(await status(), 200);
  handle = () => new Promise(() => {});
  assert.equal(await status(), 500);
  assert.ok(signal?.aborted);
  assert.match(log.lines.at(-1)!, /took over 30 ms/);
  const { failures, discarded } = receiver.counts;
  assert.deepEqual({ failures, discarded }, { failures: 2, discarded: 1 });
});

test("an inbox that can't store is told of once, and once more when it can again", async () => {
  let isFull = true;
  const log = createLog();
  const inbox = { put: () => isFull ? Promise.reject(new Error("disk is full")) : Promise.resolve() };
  const receiver = createReceiver({ secrets: SECRET, inbox, logger: log });
  const status = async (nonce: string) => (await receiver.fetch(await signedRequest(callbackBody({ nonce })))).status;
  for (const nonce of ["a", "b", "c"]) assert.equal(await status(nonce), 503);
  isFull = false;
  assert.equal(await status("a"), 200);
  isFull = true;
  assert.equal(await status("d"), 503);
  assert.deepEqual(
    log.lines.map((line) => line.replace(/ of webhook .*/, "")),
    [
      "error Refused with 503: callback a",
      "debug Refused with 503: callback b",
      "debug Refused with 503: callback c",
      "info Callbacks are stored again: 3 were refused in 1 s; Smartsheet sends them again",
      "info Accepted callback a",
      "error Refused with 503: callback d",
    ],
  );
});

test("stop() refuses new callbacks and waits for those that are being accepted; challenges are still answered", async () => {
  let resolve = () => {};
  const inbox = { put: () => new Promise<void>((end) => resolve = end) };
  const receiver = createReceiver({ secrets: SECRET, inbox, logger: createLog() });
  const accepted = receiver.fetch(await signedRequest(callbackBody()));
  await delay(20);
  let stopped = false;
  const stopping = receiver.stop().then(() => stopped = true);
  const refused = await receiver.fetch(await signedRequest(callbackBody()));
  assert.equal(refused.status, 503);
  assert.ok(refused.headers.get("Retry-After"));
  assert.equal((await receiver.fetch(postRequest(null, { "Smartsheet-Hook-Challenge": "V" }))).status, 200);
  assert.ok(!stopped);
  resolve();
  assert.equal((await accepted).status, 200);
  await stopping;
});

test("counts tell what became of everything", async () => {
  const receiver = createReceiver({
    secrets: SECRET,
    inbox: memoryInbox(),
    logger: createLog(),
    maxAgeMs: 1000,
    now: () => Date.UTC(2025, 8, 17, 13, 10, 1),
  });
  const request = () => signedRequest(callbackBody());
  await receiver.fetch(await request());
  await receiver.fetch(await request());
  await receiver.fetch(await signedRequest(callbackBody({ timestamp: "2025-09-17T13:09:59.999Z" })));
  await receiver.fetch(postRequest(callbackBody()));
  await receiver.fetch(postRequest(null, { "Smartsheet-Hook-Challenge": "V" }));
  const { accepted, duplicates, stale, refused, challenges } = receiver.counts;
  assert.deepEqual({ accepted, duplicates, stale, refused, challenges }, {
    accepted: 1,
    duplicates: 1,
    stale: 1,
    refused: 1,
    challenges: 1,
  });
});

test("fetch() says in one line why it refused, and gives away no more than the status", async () => {
  const log = createLog();
  const receiver = createReceiver({ secrets: SECRET, logger: log, maxBodyBytes: 1000 });
  const body = callbackBody();
  const wrong = await signedRequest(body, "not the secret");
  const answers = [];
  for (
    const request of [
      wrong,
      postRequest(body),
      postRequest(body, { "Smartsheet-Hmac-SHA256": "xyz" }),
      postRequest("x".repeat(1001)),
    ]
  ) {
    answers.push(await (await receiver.fetch(request)).json());
  }
  assert.deepEqual(answers[0], {
    type: "about:blank",
    title: "Unauthorized",
    status: 401,
    detail: "Signature missing or wrong",
  });
  assert.deepEqual(log.lines, [
    `warn Refused with 401: signature is wrong (webhook ${WEBHOOK_ID}): is the secret this webhook's sharedSecret?`,
    `warn Refused with 401: signature is missing (webhook ${WEBHOOK_ID})`,
    `warn Refused with 401: signature is malformed (webhook ${WEBHOOK_ID})`,
    "warn Refused with 413: Body is over 1000 bytes: see the option maxBodyBytes",
  ]);
});

test("stop() waits for what run() runs, and for no longer than graceMs", async () => {
  const put: AcceptedCallback[] = [];
  const inbox = { put: (callback: AcceptedCallback) => void put.push(callback) };
  let end = () => {};
  const receiver = createReceiver({ secrets: SECRET, inbox, logger: createLog() })
    .on("*.*", () => new Promise<void>((resolve) => end = resolve));
  await receiver.fetch(await signedRequest(callbackBody()));
  const running = receiver.run(put[0]!, { attempt: 1 });
  let stopped = false;
  const stopping = receiver.stop().then(() => stopped = true);
  await delay(20);
  assert.ok(!stopped);
  end();
  await stopping;
  assert.deepEqual(await running, { done: true, dead: [] });

  const hanging = receiver.run(put[0]!, { attempt: 1 });
  await receiver.stop({ graceMs: 10 });
  end();
  await hanging;
});

test("stop() that is given nonsense stops nothing", async () => {
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() });
  await assert.rejects(receiver.stop({ graceMs: NaN }), { code: "option_invalid" });
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 200);
});

test("on() gives an event to its handlers whatever its types are, and whatever came before", async () => {
  const seen: unknown[] = [];
  const patterns: string[] = ["user.seatType.updated"];
  const receiver = createReceiver({ secrets: SECRET, logger: createLog() })
    .on(patterns, (event) => void seen.push(event.n))
    .on("*.*", () => {});
  const events = [
    { n: 1, objectType: "user.seatType", eventType: "updated" },
    { n: 2, objectType: "user", eventType: "seatType.updated" },
    { n: 3, objectType: { toString: 1, valueOf: 1 }, eventType: null },
    { n: 4 },
    { n: 5, objectType: "user", eventType: "seatType.updated" },
  ];
  assert.equal((await receiver.fetch(await signedRequest(callbackBody({ events })))).status, 200);
  assert.deepEqual(seen, [2, 5]);
  assert.equal(receiver.counts.handled, 5);
});

/** What is logged of writes that are answered so. */
async function logOfWrites(handle: (fetch: Context["fetch"]) => Promise<unknown>, answer: () => Response) {
  const log = createLog();
  const receiver = createReceiver({
    secrets: SECRET,
    logger: log,
    apiUrl: "http://127.0.0.1:1",
    fetch: async () => answer(),
  })
    .on("row.*", (_event, { fetch }) => handle(fetch));
  assert.equal((await receiver.fetch(await signedRequest(callbackBody()))).status, 200);
  // It is told when Smartsheet's words are read, behind the handler's back.
  await delay(20);
  return log.lines.filter((line) => line.startsWith("warn"));
}

test("context.fetch logs a write that Smartsheet refuses, and leaves the answer to the handler", async () => {
  const url = "https://api.smartsheet.com/2.0/sheets/5/rows?access_token=abcdefgh12345678";
  const refused = () => Response.json({ errorCode: 1006, message: "Not Found", refId: "r" }, { status: 404 });
  const read: unknown[] = [];
  const put = async (fetch: Context["fetch"]) => {
    const response = await fetch(url, {
      method: "PUT",
      headers: { authorization: "Bearer abcdefgh12345678" },
      body: "{}",
    });
    read.push(response.status, await response.json());
  };
  assert.deepEqual(await logOfWrites(put, refused), [
    "warn Smartsheet has refused a write: PUT api.smartsheet.com/2.0/sheets/5/rows was answered with 404 (error 1006)",
  ]);
  assert.deepEqual(read, [404, { errorCode: 1006, message: "Not Found", refId: "r" }]);
  const lost = () => new Response("gateway", { status: 502, headers: { "content-type": "application/json" } });
  const unread = (fetch: Context["fetch"]) => fetch(new Request("http://127.0.0.1:1/2.0/a", { method: "POST" }));
  assert.deepEqual(await logOfWrites(unread, lost), [
    "warn Smartsheet has refused a write: POST 127.0.0.1:1/2.0/a was answered with 502",
  ]);
  assert.deepEqual(await logOfWrites(put, () => Response.json({})), []);
  assert.deepEqual(await logOfWrites((fetch) => fetch(url), refused), []);
  assert.deepEqual(await logOfWrites((fetch) => fetch("https://example.com", { method: "POST" }), refused), []);
});
