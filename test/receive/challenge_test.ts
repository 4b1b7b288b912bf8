import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { challengeResponse, parseChallenge } from "../../src/receive/challenge.ts";

test("parseChallenge() takes the header, the body, or both when they agree", () => {
  assert.equal(parseChallenge("V", undefined), "V");
  assert.equal(parseChallenge("V", { challenge: "V", webhookId: 1 }), "V");
  assert.equal(parseChallenge(null, { challenge: "V", webhookId: 1 }), "V");
  assert.equal(parseChallenge("V", { webhookId: 1, events: [] }), "V");
});

test("parseChallenge() leaves callbacks alone", () => {
  assert.equal(parseChallenge(null, undefined), undefined);
  assert.equal(parseChallenge(null, { webhookId: 1 }), undefined);
  assert.equal(parseChallenge(null, { challenge: "V" }), undefined);
  assert.equal(parseChallenge(null, { challenge: "V", webhookId: 1, events: [] }), undefined);
  assert.equal(parseChallenge(null, { challenge: "V", webhookId: 1, newWebhookStatus: "ENABLED" }), undefined);
});

test("parseChallenge() refuses what mustn't be echoed", () => {
  const wrong: [string | null, Record<string, unknown> | undefined][] = [
    ["", undefined],
    ["a".repeat(257), undefined],
    ["a b", undefined],
    ["é", undefined],
    ["V", { challenge: "W", webhookId: 1 }],
    ["V", { challenge: 5 }],
    [null, { challenge: "", webhookId: 1 }],
    [null, { challenge: "a\nb", webhookId: 1 }],
    [null, { challenge: ["V"], webhookId: 1 }],
  ];
  for (const [header, body] of wrong) {
    assert.throws(() => parseChallenge(header, body), { code: "challenge_invalid" }, JSON.stringify([header, body]));
  }
  assert.equal(parseChallenge("a".repeat(256), undefined)?.length, 256);
});

test("challengeResponse() echoes in header and body, whatever was let through", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    let challenge: string | undefined;
    try {
      challenge = parseChallenge(text, undefined);
    } catch {
      return;
    }
    const response = challengeResponse(challenge!);
    assert.equal(response.headers.get("Smartsheet-Hook-Response"), text);
    assert.deepEqual(await response.json(), { smartsheetHookResponse: text });
  }));
});
