import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCallback } from "../../src/callback/parse_callback.ts";
import type { SheethookError } from "../../src/errors.ts";
import { callbackBody } from "../support/callbacks.ts";
import { fixture, fixtureSignatures } from "../support/fixtures.ts";

const parse = (attributes: Record<string, unknown>) => parseCallback(JSON.parse(callbackBody(attributes)));

test("parseCallback() takes what Smartsheet has really sent, and changes nothing", () => {
  for (const [name] of fixtureSignatures()) {
    assert.deepEqual(parseCallback(JSON.parse(fixture(name))), JSON.parse(fixture(name)), name);
  }
});

test("parseCallback() passes unknown types and attributes through", () => {
  const body = {
    customHeaders: { a: [1] },
    scope: "plan",
    events: [{ objectType: "user", eventType: "seatType.updated", email: "x@example.com" }, { strange: null }],
  };
  assert.deepEqual(parse(body), JSON.parse(callbackBody(body)));
});

test("parseCallback() takes an empty list of events, and null for the half that is absent", () => {
  parse({ events: [], newWebhookStatus: null });
  parse({ events: null, newWebhookStatus: "ENABLED" });
});

test("parseCallback() names the attribute that is wrong, and never its value", () => {
  const cases: [Record<string, unknown>, string][] = [
    [{ nonce: undefined }, "nonce"],
    [{ nonce: "" }, "nonce"],
    [{ timestamp: "private" }, "timestamp"],
    [{ webhookId: "8958534189639556" }, "webhookId"],
    [{ webhookId: 2 ** 53 }, "webhookId"],
    [{ webhookId: 1.5 }, "webhookId"],
    [{ scope: null }, "scope"],
    [{ scopeObjectId: undefined }, "scopeObjectId"],
    [{ events: { 0: "private" } }, "events"],
    [{ events: [{}, null] }, "events"],
    [{ events: [[]] }, "events"],
    [{ events: undefined }, "newWebhookStatus"],
    [{ events: undefined, newWebhookStatus: 5 }, "newWebhookStatus"],
  ];
  for (const [attributes, name] of cases) {
    assert.throws(() => parse(attributes), (error: SheethookError) => {
      assert.equal(error.code, "callback_invalid");
      assert.match(error.message, new RegExp(name));
      assert.doesNotMatch(error.message, /private/);
      return true;
    }, JSON.stringify(attributes));
  }
  for (const value of [undefined, null, [], "text", 5]) {
    assert.throws(() => parseCallback(value), { code: "callback_invalid" });
  }
});
