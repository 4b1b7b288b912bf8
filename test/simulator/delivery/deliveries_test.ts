import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimulatorOptions } from "../../../src/simulator/simulator.ts";
import { type Answer, createSimulated, echo, ok, patternsOf, type Received } from "../../support/simulated.ts";
import { delay } from "../../../src/async/delay.ts";
import { until } from "../../support/until.ts";

/** A simulated sheet with an enabled webhook; `edit` makes an edit with three events. */
async function createWatched(options?: SimulatorOptions, answer?: Answer, answerChallenge?: Answer) {
  const simulated = createSimulated(options, answer, answerChallenge);
  const sheet = await simulated.createSheet();
  const webhook = await simulated.enabledWebhook(sheet.id);
  const edit = (value: number | string = 1) => simulated.simulator.edit({ cells: [{ column: "A", value }] });
  return { ...simulated, sheet, webhook, edit };
}

/** How often a callback that is always answered so is sent, and what becomes of its webhook. */
async function fateOf(status: number, options?: SimulatorOptions) {
  const { edit, idle, callbacks, statusOf, webhook } = await createWatched(
    options,
    () => new Response(null, { status }),
  );
  edit();
  await idle();
  const { enabled, status: fate, disabledDetails } = await statusOf(webhook.id);
  assert.equal(enabled, fate === "ENABLED");
  if (!enabled) assert.match(disabledDetails, new RegExp(`code ${status}`));
  return [callbacks.length, fate];
}

async function hmac(text: string, secret: string): Promise<string> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encode(secret), algorithm, false, ["sign"]);
  const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, encode(text)));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

test("a callback is compact, complete, and signed as it is sent", async () => {
  const { edit, idle, callbacks, webhook, sheet } = await createWatched();
  const { rowIds, userId } = edit();
  await idle();
  const [{ text, body, headers }] = callbacks as [Received];
  assert.equal(text, JSON.stringify(body));
  assert.deepEqual(Object.keys(body), ["nonce", "timestamp", "webhookId", "scope", "scopeObjectId", "events"]);
  assert.match(body.nonce, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(body.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$/);
  assert.deepEqual([body.webhookId, body.scope, body.scopeObjectId], [webhook.id, "sheet", sheet.id]);
  const { timestamp } = body.events[0];
  assert.match(timestamp, /\.000\+00:00$/);
  assert.deepEqual(body.events, [
    { objectType: "sheet", eventType: "updated", id: sheet.id, userId, timestamp },
    { objectType: "row", eventType: "created", id: rowIds[0], userId, timestamp },
    { objectType: "cell", eventType: "updated", rowId: rowIds[0], columnId: sheet.columns[0].id, userId, timestamp },
  ]);
  assert.equal(headers.get("Smartsheet-Hook-Id"), String(webhook.id));
  const signature = headers.get("Smartsheet-Hmac-SHA256")!;
  assert.equal(signature.padStart(64, "0"), await hmac(text, webhook.sharedSecret));
});

test("leading zeros of a signature are dropped, unless they are assumed to be kept", async () => {
  for (const signatureZeros of ["dropped", "kept"] as const) {
    const { edit, idle, callbacks } = await createWatched({ assumptions: { signatureZeros }, debounceMs: 0 });
    for (let n = 0; n < 80; n++) {
      edit(n);
      await idle();
    }
    const lengths = callbacks.map(({ headers }) => headers.get("Smartsheet-Hmac-SHA256")!.length);
    assert.equal(lengths.some((length) => length < 64), signatureZeros === "dropped");
    assert.ok(callbacks.every(({ headers }) => /^[0-9a-f]+$/.test(headers.get("Smartsheet-Hmac-SHA256")!)));
  }
});

test("timestamps have the assumed format", async () => {
  for (const timestampFormat of ["+0000", "Z"] as const) {
    const { edit, idle, callbacks } = await createWatched({ assumptions: { timestampFormat } });
    edit();
    await idle();
    const { timestamp, events } = callbacks[0]!.body;
    assert.ok(timestamp.endsWith(timestampFormat) && events[0].timestamp.endsWith(`.000${timestampFormat}`));
  }
});

test("the answer decides, by the documented table", async () => {
  assert.deepEqual(await fateOf(200), [1, "ENABLED"]);
  for (const status of [201, 202, 204, 299, 309, 399, 410]) {
    assert.deepEqual(await fateOf(status), [1, "DISABLED_CALLBACK_FAILED"], String(status));
  }
  for (const status of [400, 401, 403, 404, 409, 413, 429, 499, 500, 502, 503, 599]) {
    assert.deepEqual(await fateOf(status), [15, "DISABLED_CALLBACK_FAILED"], String(status));
  }
});

test("300 to 308, which no table tells, disables at once, or is assumed to be retried", async () => {
  for (const status of [300, 301, 302, 307, 308]) {
    assert.deepEqual(await fateOf(status), [1, "DISABLED_CALLBACK_FAILED"]);
  }
  assert.deepEqual(await fateOf(307, { assumptions: { status300To308: "retry" } }), [15, "DISABLED_CALLBACK_FAILED"]);
});

test("no connection is retried, or is assumed to disable at once", async () => {
  for (const [noConnection, sent] of [["retry", 15], ["disable", 1]] as const) {
    const { edit, idle, callbacks, webhook, statusOf } = await createWatched(
      { assumptions: { noConnection } },
      () => Promise.reject(new TypeError("refused")),
    );
    edit();
    await idle();
    assert.deepEqual([callbacks.length, (await statusOf(webhook.id)).status], [sent, "DISABLED_CALLBACK_FAILED"]);
  }
});

test("7 retries wait twice as long each time, then 7 wait 3 hours", async () => {
  const hours = 3_600_000;
  for (const [speed, retryBaseMs] of [[1, 1000], [1000, 60_000]] as const) {
    const waits: number[] = [];
    const { edit, idle } = await createWatched({
      speed,
      debounceMs: 0,
      assumptions: { retryBaseMs },
      sleep: async (ms) => void waits.push(ms),
    }, () => new Response(null, { status: 500 }));
    edit();
    await idle();
    const exponential = [1, 2, 4, 8, 16, 32, 64].map((factor) => factor * retryBaseMs / speed);
    assert.deepEqual(waits, [...exponential, ...Array(7).fill(3 * hours / speed)]);
  }
});

test("a retry has a new nonce and the old timestamp, or what is assumed of them", async () => {
  for (const retryNonce of ["new", "same"] as const) {
    for (const retryTimestamp of ["same", "new"] as const) {
      let clock = Date.now();
      const { edit, idle, callbacks } = await createWatched(
        { assumptions: { retryNonce, retryTimestamp }, now: () => clock += 1000 },
        (_, count) => new Response(null, { status: count === 1 ? 503 : 200 }),
      );
      edit();
      await idle();
      const [first, second] = callbacks.map(({ body }) => body);
      assert.equal(first.nonce === second.nonce, retryNonce === "same");
      assert.equal(first.timestamp === second.timestamp, retryTimestamp === "same");
      assert.deepEqual(first.events, second.events);
    }
  }
});

test("what happens while a callback is retried comes with the retry, or behind it", async () => {
  for (const laterEvents of ["merge", "wait"] as const) {
    const watched = await createWatched({ assumptions: { laterEvents } }, (_, count) => {
      if (count === 1) watched.edit(2);
      return new Response(null, { status: count === 1 ? 503 : 200 });
    });
    watched.edit(1);
    await watched.idle();
    const counts = watched.callbacks.map(({ body }) => body.events.length);
    assert.deepEqual(counts, laterEvents === "merge" ? [3, 6] : [3, 3, 3]);
  }
});

test("edits within the debounce come in one callback, later ones in another, one at a time", async () => {
  let inFlight = 0;
  const { edit, idle, callbacks } = await createWatched({ debounceMs: 30 }, async () => {
    assert.equal(++inFlight, 1);
    if (callbacks.length === 1) { for (let n = 4; n <= 5; n++) edit(n); }
    await delay(60);
    inFlight--;
    return new Response();
  });
  for (let n = 1; n <= 3; n++) edit(n);
  await idle();
  assert.deepEqual(callbacks.map(({ body }) => body.events.length), [9, 6]);
});

test("a receiver that is too slow is a timeout, and is retried", async () => {
  const { edit, idle, deliveries } = await createWatched(
    { timeoutMs: 300 },
    (_, count) => count === 1 ? new Promise<Response>(() => {}) : new Response(),
  );
  edit();
  await idle();
  const [timeout, done] = await deliveries("?kind=events");
  assert.deepEqual([timeout!.status, timeout!.outcome, timeout!.answeredAt], [null, "retry", null]);
  assert.match(timeout!.error!, /no answer within 300 ms/);
  assert.deepEqual([done!.status, done!.outcome, done!.attempt], [200, "done", 2]);
});

test("stats tell the last attempt, its retries and the last success", async () => {
  const { edit, idle, webhook, statusOf } = await createWatched(
    {},
    (_, count) => new Response(null, { status: count < 3 ? 500 : 200 }),
  );
  assert.equal((await statusOf(webhook.id)).stats, undefined);
  edit();
  await idle();
  const { stats } = await statusOf(webhook.id);
  assert.equal(stats.lastCallbackAttemptRetryCount, 2);
  assert.match(stats.lastCallbackAttempt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.match(stats.lastSuccessfulCallback, /Z$/);
});

test("every 100 callbacks there is a challenge, and who fails it is disabled", async () => {
  for (const failedChallenge of ["disable", "retry"] as const) {
    const { edit, idle, callbacks, challenges, webhook, statusOf } = await createWatched(
      { debounceMs: 0, assumptions: { failedChallenge } },
      ok,
      (received, count) => count === 3 ? new Response(null, { status: 500 }) : echo(received),
    );
    for (let n = 1; n <= 201; n++) {
      edit(n);
      await idle();
      if (n === 100) assert.equal(challenges.length, 1);
      if (n === 101) assert.equal(challenges.length, 2);
    }
    const { status } = await statusOf(webhook.id);
    assert.deepEqual(
      [callbacks.length, challenges.length, status],
      failedChallenge === "disable" ? [200, 3, "DISABLED_VERIFICATION_FAILED"] : [201, 4, "ENABLED"],
    );
  }
});

test("what happens while a webhook is disabled is never sent", async () => {
  const { edit, idle, callbacks, webhook, call, enable } = await createWatched({ debounceMs: 1000 });
  edit(1);
  await call("PUT", `/2.0/webhooks/${webhook.id}`, { enabled: false });
  edit(2);
  await enable(webhook.id);
  edit(3);
  await idle();
  assert.deepEqual(callbacks.map(({ body }) => body.events.length), [3]);
});

test("a retry ends with its webhook", async () => {
  for (const method of ["PUT", "DELETE"]) {
    const { edit, simulator, callbacks, webhook, call } = await createWatched(
      { speed: 0.01 },
      () => new Response(null, { status: 500 }),
    );
    edit();
    await until("a retry is due", () => simulator.deliveries().some(({ outcome }) => outcome === "retry"));
    await call(method, `/2.0/webhooks/${webhook.id}`, method === "PUT" ? { enabled: false } : undefined);
    await simulator.idle();
    assert.equal(callbacks.length, 1);
  }
});

test("a change agent comes with each event of its request, cut at the front to 512", async () => {
  const { call, idle, callbacks, sheet } = await createWatched();
  const long = `first,${"x".repeat(600)},last`;
  for (const agent of ["ours", long]) {
    const headers = { "smartsheet-change-agent": agent };
    await call(
      "POST",
      `/2.0/sheets/${sheet.id}/rows`,
      { cells: [{ columnId: sheet.columns[0].id, value: 1 }] },
      headers,
    );
    await idle();
  }
  const agents = callbacks.map(({ body }) =>
    body.events.map(({ changeAgent }: { changeAgent: string }) => changeAgent)
  );
  assert.deepEqual(agents, [Array(3).fill("ours"), Array(3).fill(long.slice(-512))]);
});

test("stop() keeps what is owed, start() sends it", async () => {
  let arrived = () => {};
  const isThere = new Promise<void>((resolve) => arrived = resolve);
  const { edit, simulator, callbacks, idle } = await createWatched({}, (_, count) => {
    arrived();
    return count === 1 ? new Promise<Response>(() => {}) : new Response();
  });
  edit(1);
  await isThere;
  simulator.stop();
  await idle();
  edit(2);
  await idle();
  assert.equal(callbacks.length, 1);
  simulator.start();
  await idle();
  assert.deepEqual(callbacks.slice(1).flatMap(patternsOf).length, 6);
});

test("faults duplicate callbacks, with the same nonce and with a new one", async () => {
  const faults = { "duplicate": 1, "duplicate-new-nonce": 1 };
  const { edit, idle, callbacks, deliveries } = await createWatched({ faults });
  edit();
  await idle();
  const [first, same, other] = callbacks as [Received, Received, Received];
  assert.equal(callbacks.length, 3);
  assert.equal(first.text, same.text);
  assert.notEqual(first.body.nonce, other.body.nonce);
  assert.deepEqual({ ...other.body, nonce: first.body.nonce }, first.body);
  const told = (await deliveries("?kind=events")).map(({ fault }) => fault);
  assert.deepEqual(told, [undefined, "duplicate", "duplicate-new-nonce"]);
});

test("faults lose answers: they count as timeouts", async () => {
  for (const fault of ["drop-answer", "late-answer"] as const) {
    const { edit, idle, callbacks, deliveries } = await createWatched({
      faults: { [fault]: 1 },
      sleep: async () => {},
    });
    edit();
    await idle();
    assert.equal(callbacks.length, 15);
    assert.ok(
      (await deliveries("?kind=events")).every((delivery) => delivery.fault === fault && delivery.status === null),
    );
  }
});

test("faults burst a callback into one for each event, at once", async () => {
  let waiting: (() => void)[] = [];
  const { edit, idle, callbacks } = await createWatched(
    { faults: { burst: 1 } },
    () =>
      new Promise<Response>((resolve) => {
        waiting.push(() => resolve(new Response()));
        if (waiting.length < 3) return;
        for (const answer of waiting) answer();
        waiting = [];
      }),
  );
  edit();
  await idle();
  assert.deepEqual(callbacks.flatMap(patternsOf).sort(), ["cell.updated", "row.created", "sheet.updated"]);
  assert.equal(new Set(callbacks.map(({ body }) => body.nonce)).size, 3);
});

test("faults make the API answer 429 and 4003, or 500 and 4004", async () => {
  const limited = createSimulated({ faults: { "rate-limit": 1 } });
  const { status, body } = await limited.ask("GET", "/2.0/sheets");
  assert.deepEqual([status, body.errorCode], [429, 4003]);
  const colliding = createSimulated({ faults: { "save-collision": 1 } });
  const { id } = await colliding.createSheet();
  const collision = await colliding.ask("POST", `/2.0/sheets/${id}/rows`, []);
  assert.deepEqual([collision.status, collision.body.errorCode], [500, 4004]);
});

test("faults refuse what a token asks for, each with its code", async () => {
  const codes = {
    "bad-token": [401, 1002],
    "no-access": [403, 1004],
    "server-error": [500, 4000],
    "maintenance": [503, 4001],
    "server-timeout": [500, 4002],
  };
  for (const [fault, expected] of Object.entries(codes)) {
    const { ask } = createSimulated({ faults: { [fault]: 1 } });
    const { status, body } = await ask("GET", "/2.0/users/me");
    assert.deepEqual([status, body.errorCode], expected, fault);
  }
});

test("requestsPerMinute limits each token, and history costs 10", async () => {
  let clock = 0;
  const { ask } = createSimulated({ requestsPerMinute: 12, now: () => clock });
  const get = async (path: string, token = "a") =>
    (await ask("GET", path, undefined, { authorization: `Bearer ${token}` })).body.errorCode ?? 200;
  assert.equal(await get("/2.0/sheets/1/rows/1/columns/1/history"), 1006);
  assert.deepEqual([await get("/2.0/sheets"), await get("/2.0/sheets"), await get("/2.0/sheets")], [200, 200, 4003]);
  assert.equal(await get("/2.0/sheets", "b"), 200);
  clock = 60_000;
  assert.equal(await get("/2.0/sheets"), 200);
});

test("the simulator sends nothing to anything but loopback", async () => {
  const { createSheet, createWebhook, enable, call, simulator, callbacks, challenges, idle } = createSimulated();
  const sheet = await createSheet();
  const { id } = await createWebhook(sheet.id, { callbackUrl: "https://example.com/hook" });
  assert.match((await enable(id)).disabledDetails, /contacts nothing but loopback/);
  await call("POST", `/_simulator/webhooks/${id}/status`, { status: "ENABLED" });
  simulator.edit({ cells: [{ column: "A", value: 1 }] });
  await idle();
  assert.deepEqual([callbacks.length, challenges.length], [0, 0]);
});

test("a burst of callbacks is interrupted by one challenge", async () => {
  const { edit, idle, callbacks, challenges } = await createWatched({ debounceMs: 30, faults: { burst: 1 } });
  for (let n = 1; n <= 40; n++) edit(n);
  await idle();
  assert.deepEqual([callbacks.length, challenges.length], [120, 2]);
});

test("a challenge on enabling counts as one of those that come every 100 callbacks", async () => {
  const { edit, idle, callbacks, challenges, webhook, call, enable } = await createWatched({ debounceMs: 0 });
  const send = async (count: number) => {
    for (let n = 1; n <= count; n++) {
      edit(n);
      await idle();
    }
  };
  await send(60);
  await call("PUT", `/2.0/webhooks/${webhook.id}`, { enabled: false });
  await enable(webhook.id);
  await send(60);
  assert.deepEqual([callbacks.length, challenges.length], [120, 2]);
});

test("an edit may have more events than a call may have arguments", async () => {
  const { simulator, idle, callbacks, sheet } = await createWatched(
    {},
    (_, count) => new Response(null, { status: count === 1 ? 503 : 200 }),
  );
  const events = Array.from({ length: 300_000 }, (_, index) => ({
    objectType: "cell",
    eventType: "updated",
    rowId: index,
    columnId: sheet.columns[0].id,
  }));
  assert.equal(simulator.edit({ events }).events, 300_000);
  await idle();
  assert.deepEqual(callbacks.map(({ body }) => body.events.length), [300_000, 300_000]);
});
