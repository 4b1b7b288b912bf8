import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { delay } from "../../src/async/delay.ts";
import type { EventCallback } from "../../src/callback/callback.ts";
import type { Context } from "../../src/dispatch/context.ts";
import { forwardChangesTo, forwardEventsTo, type ForwardOptions, forwardTo } from "../../src/forward/forward.ts";
import type { Change } from "../../src/mirror/change.ts";
import { redact } from "../../src/redact.ts";
import { callbackBody, rowEvent, SHEET_ID, WEBHOOK_ID } from "../support/callbacks.ts";

const URL_OF_TARGET = "https://example.com/hook";
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const NEXT_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const callback = JSON.parse(callbackBody({ events: [rowEvent(1), rowEvent(2)] })) as EventCallback;

function contextOf(attributes: Partial<Context> = {}): Context {
  return {
    callback,
    changeAgent: "erp,inventory-sync",
    idempotencyKey: `${WEBHOOK_ID}/${callback.nonce}/all`,
    signal: new AbortController().signal,
    traceHeaders: () => ({}),
    fetch: (input, init) => globalThis.fetch(input, init),
    ...attributes,
  } as Context;
}

/** Options with a fetch that answers 204 and keeps what it was given. */
function recording(options: ForwardOptions = {}) {
  const sent: { url: string; init: RequestInit; headers: Record<string, string>; text: string }[] = [];
  const fetch: ForwardOptions["fetch"] = async (url, init = {}) => {
    const headers = Object.fromEntries(new Headers(init.headers));
    sent.push({ url: String(url), init, headers, text: String(init.body) });
    return new Response(null, { status: 204 });
  };
  return { sent, options: { ...options, fetch } };
}

test("forwardTo() posts the callback as JSON, with what the target needs in its headers", async () => {
  const { sent, options } = recording({ secret: SECRET, now: () => 1_758_114_600_903 });
  await forwardTo(URL_OF_TARGET, options)(callback, contextOf());
  const [{ url, init, headers, text }] = sent as [typeof sent[number]];
  assert.deepEqual([url, init.method, init.redirect], [URL_OF_TARGET, "POST", "manual"]);
  assert.deepEqual(JSON.parse(text), {
    type: "smartsheet.callback",
    timestamp: "2025-09-17T13:10:00.903Z",
    data: callback,
  });
  const { "webhook-signature": signature, ...others } = headers;
  assert.match(signature!, /^v1,[\w+/]+=$/);
  assert.deepEqual(others, {
    "content-type": "application/json; charset=utf-8",
    "smartsheet-change-agent": "erp,inventory-sync",
    "webhook-id": `${WEBHOOK_ID}/${callback.nonce}/all`,
    "webhook-timestamp": "1758114600",
  });
});

test("forwardEventsTo() posts the event, with the ids of its webhook and its sheet", async () => {
  const { sent, options } = recording();
  const event = callback.events[1]!;
  await forwardEventsTo(URL_OF_TARGET, options)(event, contextOf());
  assert.deepEqual(JSON.parse(sent[0]!.text), {
    type: "smartsheet.row.updated",
    timestamp: "2025-09-17T13:08:55.000Z",
    data: { ...event, webhookId: WEBHOOK_ID, scopeObjectId: SHEET_ID },
  });
  assert.equal(sent[0]!.headers["webhook-signature"], undefined);
});

test("forwardEventsTo() takes the time of the callback for an event without one", async () => {
  const { sent, options } = recording();
  const handle = forwardEventsTo(URL_OF_TARGET, options);
  for (const timestamp of [undefined, 5, "yesterday", "2025-02-31T10:00:00Z"]) {
    await handle({ ...rowEvent(1), timestamp } as never, contextOf());
  }
  for (const { text } of sent.slice(0, 3)) assert.equal(JSON.parse(text).timestamp, "2025-09-17T13:10:00.903Z");
  assert.equal(typeof JSON.parse(sent[3]!.text).timestamp, "string");
});

test("forwardChangesTo() posts the change", async () => {
  const { sent, options } = recording();
  const change = { kind: "updated", sheet: { id: SHEET_ID }, row: { id: 1 }, columns: [], events: [rowEvent(1)] };
  await forwardChangesTo(URL_OF_TARGET, options)(change as unknown as Change, contextOf());
  assert.deepEqual(JSON.parse(sent[0]!.text), {
    type: "smartsheet.change.updated",
    timestamp: "2025-09-17T13:08:55.000Z",
    data: change,
  });
});

test("forwardTo() writes a CloudEvents envelope", async () => {
  const { sent, options } = recording({ format: "cloudevents" });
  await forwardTo(URL_OF_TARGET, options)(callback, contextOf());
  assert.equal(sent[0]!.headers["content-type"], "application/cloudevents+json; charset=utf-8");
  assert.deepEqual(JSON.parse(sent[0]!.text), {
    specversion: "1.0",
    id: `${WEBHOOK_ID}/${callback.nonce}/all`,
    source: `/smartsheet/webhooks/${WEBHOOK_ID}`,
    type: "smartsheet.callback",
    subject: `sheet/${SHEET_ID}`,
    time: "2025-09-17T13:10:00.903Z",
    datacontenttype: "application/json",
    data: callback,
  });
});

test("standardwebhooks verifies what is signed, also while secrets are rotated", async () => {
  const { sent, options } = recording({ secret: [SECRET, NEXT_SECRET] });
  await forwardTo(URL_OF_TARGET, options)(
    { ...callback, note: "Grüße, 東京" },
    contextOf({ idempotencyKey: "1/a nonce with ünsafe characters\n/all" }),
  );
  const { text, headers } = sent[0]!;
  for (const secret of [SECRET, NEXT_SECRET]) assert.ok(new Webhook(secret).verify(text, headers));
  assert.throws(() => new Webhook("whsec_c29tZXRoaW5nIGVsc2U=").verify(text, headers), /No matching signature/);
  assert.throws(() => new Webhook(SECRET).verify(`${text} `, headers), /No matching signature/);
});

test("forwardTo() refuses what makes no sense, and shows no secret", () => {
  const message = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      assert.equal((error as { code?: string }).code, "option_invalid");
      return (error as Error).message;
    }
    return "";
  };
  for (const url of ["ftp://example.com", "example.com/hook", "", "file:///etc/passwd"]) {
    assert.match(message(() => forwardTo(url)), /^url is ".*", but should be an http or https URL/, url);
  }
  const withPassword = message(() => forwardTo("https://ann:hidden-word@example.com/"));
  assert.match(withPassword, /without user name and password/);
  assert.doesNotMatch(withPassword, /hidden-word|ann/);
  for (const secret of ["hidden-word", "whsec_", "whsec_hidden word", "whsec_hidden-word", "WHSEC_aGlkZGVu", "", 5]) {
    const text = message(() => forwardTo(URL_OF_TARGET, { secret: secret as string }));
    assert.match(text, /^secret is something else, but should be whsec_ and the base64/, String(secret));
    assert.doesNotMatch(text, /hidden/);
  }
  assert.match(
    message(() => forwardTo(URL_OF_TARGET, { secret: [] })),
    /^secret is a list, but should be at least one/,
  );
  assert.match(
    message(() => forwardTo(URL_OF_TARGET, { format: "xml" as never })),
    /^format is "xml", but should be "json"/,
  );
  assert.match(message(() => forwardTo(URL_OF_TARGET, { timeoutMs: 0 })), /^timeoutMs is 0/);
  assert.match(message(() => forwardTo(URL_OF_TARGET, { ratePerSecond: 0 })), /^ratePerSecond is 0/);
  assert.match(message(() => forwardTo(URL_OF_TARGET, { secrets: SECRET } as never)), /did you mean secret\?/);
});

test("the secret and the query of a target are kept out of logs", () => {
  forwardTo("https://example.com/hook?team=northwind-42", { secret: "whsec_c29tZXRoaW5nIHRoYXQgaXMgaGlkZGVu" });
  const text = "at https://example.com/hook?team=northwind-42 with whsec_c29tZXRoaW5nIHRoYXQgaXMgaGlkZGVu";
  assert.equal(redact(text), "at https://example.com/hook?*** with ***");
  assert.equal(redact("c29tZXRoaW5nIHRoYXQgaXMgaGlkZGVu alone"), "*** alone");
});

test("forwardTo() sends no more requests a second than it may, and none for an attempt that has ended", async () => {
  const { sent, options } = recording({ ratePerSecond: 20 });
  const handle = forwardTo(URL_OF_TARGET, options);
  const beganAt = performance.now();
  await Promise.all([1, 2, 3, 4, 5].map(() => handle(callback, contextOf())));
  // A timer may be a millisecond early.
  assert.ok(performance.now() - beganAt >= 4 * 50 - 5);
  const ended = new AbortController();
  const waiting = handle(callback, contextOf({ signal: ended.signal })) as Promise<void>;
  ended.abort(new Error("the lease is lost"));
  await assert.rejects(waiting, /the lease is lost/);
  assert.equal(sent.length, 5);
});

test("an attempt that ends while it waits for the rate waits no longer", async () => {
  const { options } = recording({ ratePerSecond: 0.001 });
  const handle = forwardTo(URL_OF_TARGET, options);
  await handle(callback, contextOf());
  const ended = new AbortController();
  const waiting = handle(callback, contextOf({ signal: ended.signal })) as Promise<void>;
  setTimeout(() => ended.abort(new Error("the lease is lost")), 10);
  const tooLate = new AbortController();
  await assert.rejects(Promise.race([waiting, delay(60_000, tooLate.signal)]), /the lease is lost/);
  tooLate.abort();
});

test("an id that no header can carry is encoded, also half a surrogate pair", async () => {
  const { sent, options } = recording();
  await forwardTo(URL_OF_TARGET, options)(callback, contextOf({ idempotencyKey: "1/a\ud800 b\u00e4/all" }));
  assert.equal(sent[0]!.headers["webhook-id"], "1/a%EF%BF%BD%20b%C3%A4/all");
});

test("forwardTo() refuses a secret whose base64 is none", () => {
  for (const secret of ["whsec_A", "whsec_AAAAA", "whsec_", "whsec_A=A="]) {
    assert.throws(() => forwardTo(URL_OF_TARGET, { secret }), /secret is something else, but should be whsec_/, secret);
  }
});

test("forwardTo() refuses a URL without showing its query or password", () => {
  const wrong = {
    "localhost:9000/hook?token=geheim": "localhost:9000/hook?***",
    "http://me:geheim@a:99999/": "http://***@a:99999/",
  };
  for (const [url, shown] of Object.entries(wrong)) {
    assert.throws(
      () => forwardTo(url),
      (error: Error) => error.message.startsWith(`url is "${shown}", but should be`),
      url,
    );
  }
});
