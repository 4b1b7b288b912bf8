import assert from "node:assert/strict";
import { test } from "node:test";
import { contentOf, countPatterns } from "../../src/callback/content.ts";

test("contentOf() reads as much of a stored body as can be read", () => {
  const event = { objectType: "row", eventType: "created" };
  assert.deepEqual(contentOf(JSON.stringify({ scope: "sheet", events: [event, 1, null] })), {
    scope: "sheet",
    events: [event],
    status: undefined,
    scopeObjectId: undefined,
    relayedTo: undefined,
    reconcile: undefined,
  });
  assert.equal(contentOf('{"newWebhookStatus":"ENABLED"}').status, "ENABLED");
  for (const body of ["", "{", "null", "[]", "1"]) {
    assert.deepEqual(Object.values(contentOf(body)).filter((value) => value !== undefined), [], body);
  }
});

test("contentOf() knows a callback of our own by its webhook and nonce, not by what anyone could write", () => {
  const own = { webhookId: 0, nonce: "reconcile-silent-1", events: [], reconcile: { reason: "silent", since: "S" } };
  assert.deepEqual(contentOf(JSON.stringify(own)).reconcile, { reason: "silent", since: "S" });
  for (const other of [{ webhookId: 5 }, { nonce: "1" }, { nonce: 1 }, { reconcile: null }]) {
    assert.equal(contentOf(JSON.stringify({ ...own, ...other })).reconcile, undefined, JSON.stringify(other));
  }
});

test("countPatterns() counts the events of each pattern, the most frequent first", () => {
  const events = [{ objectType: "sheet" }, ...Array(2).fill({ objectType: "row", eventType: "created" })];
  assert.deepEqual(countPatterns(events), [["row.created", 2], ["sheet.?", 1]]);
});
