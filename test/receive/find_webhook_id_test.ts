import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { findWebhookId } from "../../src/receive/find_webhook_id.ts";
import { createParts } from "../../src/receive/parts.ts";
import { callbackBody, WEBHOOK_ID } from "../support/callbacks.ts";
import { fixture } from "../support/fixtures.ts";

const find = (text: string) => findWebhookId(createParts(new TextEncoder().encode(text)));
const large = (size: number) => JSON.stringify([{ webhookId: 5, x: "x".repeat(size) }]);

test("findWebhookId() finds what Smartsheet's callbacks and challenges name", () => {
  for (const name of ["row-created-cell-updated-2022", "challenge-2015", "status-scope-inaccessible-2015"]) {
    assert.equal(find(fixture(name)), JSON.parse(fixture(name)).webhookId);
  }
  assert.equal(find(callbackBody()), WEBHOOK_ID);
});

test("findWebhookId() isn't led astray by what is nested, written in another way, or looks like the key", () => {
  const bodies = [
    '{"events":[{"webhookId":5},["webhookId",5]],"x":{"webhookId":6},"webhookId":7}',
    '{"x":"webhookId","y":"\\"webhookId\\":5","webhookId":7}',
    '{"x":"\\\\","webhookId":7}',
    '{"webhookId ":5,"WebhookId":5,"webhookI":5,"webhookId":7}',
    '{"\\u0077ebhook\\u0049d":7}',
    '\ufeff \n\t\r{ "nonce" : "}" , "webhookId" \n:\t7.0e0 }',
    '{"webhookId":7,"webhookId":5}',
  ];
  for (const body of bodies) assert.equal(find(body), 7, body);
});

test("findWebhookId() finds none where there is none, or no integer", () => {
  const bodies = [
    "",
    "{",
    "no",
    "{}",
    '[{"webhookId":5}]',
    '{"webhookId":"5"}',
    '{"webhookId":5.5}',
    '{"webhookId":null}',
    `{"webhookId":9007199254740993}`,
    '{"webhookId"',
    '{"webhookId":',
    '{"webhookId": ',
    '{"webhookId":-}',
    '{"x":"webhookId":',
    `{"webhookId":${"0".repeat(100)}5}`,
  ];
  for (const body of bodies) assert.equal(find(body), undefined, body);
});

test("findWebhookId() finds it before and behind a large member, and doesn't search a large body whole", () => {
  assert.equal(find(`{"webhookId":7,"events":${large(100_000)}}`), 7);
  assert.equal(find(`{"events":${large(100_000)},"webhookId" : 7,"scope":"sheet"}`), 7);
  assert.equal(find(`{"events":[${large(100_000)},{"webhookId":8}],"webhookId":7}`), 7);
  assert.equal(find(`{"events":${large(100_000)},"webhookId":7,"more":${large(100_000)}}`), undefined);
});

test("findWebhookId() finds what JSON.parse() finds, in any JSON", () => {
  const key = fc.oneof(fc.constantFrom("webhookId", "webhookid", "events", '"', "\\"), fc.string());
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.string(),
      fc.integer(),
      fc.constantFrom("webhookId", null, true, 1.5, -3, 2 ** 60),
      fc.array(tie("value")),
      fc.dictionary(key, tie("value")),
    ),
  }));
  const escaped = (text: string) =>
    text.replace(/[a-zA-Z]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  let found = 0;
  fc.assert(
    fc.property(fc.dictionary(key, value), fc.nat(3), fc.boolean(), (body, indent, isEscaped) => {
      const plain = JSON.stringify(body, undefined, indent);
      const text = isEscaped ? plain.replaceAll('"webhookId"', `"${escaped("webhookId")}"`) : plain;
      fc.pre(new TextEncoder().encode(text).length <= 16 * 1024); // Of a larger one, the middle isn't searched.
      const { webhookId } = body;
      const expected = Number.isSafeInteger(webhookId) ? webhookId : undefined;
      if (expected !== undefined) found++;
      assert.equal(find(text), expected);
    }),
    { numRuns: 2000 },
  );
  assert.ok(found > 20, `only ${found} had one`);
});

test("findWebhookId() never throws, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void findWebhookId(createParts(new Uint8Array(bytes)))),
  );
  fc.assert(fc.property(fc.string(), (text) => void find(`{"webhookId":${text}`)));
});
