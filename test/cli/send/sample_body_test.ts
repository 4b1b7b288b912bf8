import assert from "node:assert/strict";
import { test } from "node:test";
import { parseCallback } from "../../../src/callback/parse_callback.ts";
import { sampleChallenge, sampleEvents, sampleStatus } from "../../../src/cli/send/sample_body.ts";
import { parseChallenge } from "../../../src/receive/challenge.ts";
import { fixture } from "../../support/fixtures.ts";

const sample = { webhookId: 1234, sheetId: 5678 };
const now = new Date("2025-09-17T13:10:00.903Z");

test("sampleEvents() is shaped like a body that Smartsheet sent, each with a nonce of its own", () => {
  const callback = parseCallback(JSON.parse(sampleEvents(sample, 3, now)));
  const published = JSON.parse(fixture("two-rows-edited-2025"));
  assert.deepEqual(Object.keys(callback), Object.keys(published));
  assert.deepEqual(
    [callback.webhookId, callback.scopeObjectId, callback.timestamp],
    [1234, 5678, "2025-09-17T13:10:00.903+00:00"],
  );
  const keysOf = (events: readonly object[] | null | undefined) => events?.map((event) => Object.keys(event));
  const [sheet, row, , cell] = published.events;
  assert.deepEqual(keysOf(callback.events), keysOf([sheet, row, cell]));
  assert.equal(callback.events?.[0]?.timestamp, "2025-09-17T13:10:00.000+00:00");
  assert.notEqual(callback.nonce, JSON.parse(sampleEvents(sample, 3, now)).nonce);
  assert.equal(JSON.parse(sampleEvents(sample, 1000)).events.length, 1000);
});

test("sampleStatus() and sampleChallenge() are what the receiver takes them for", () => {
  const status = parseCallback(JSON.parse(sampleStatus(sample, "ENABLED", now)));
  assert.equal(status.newWebhookStatus, "ENABLED");
  assert.deepEqual(Object.keys(status), Object.keys(JSON.parse(fixture("status-scope-inaccessible-2015"))));
  const challenge = JSON.parse(sampleChallenge(sample, "abc"));
  assert.equal(parseChallenge(null, challenge), "abc");
  assert.deepEqual(Object.keys(challenge), Object.keys(JSON.parse(fixture("challenge-2015"))));
});
