import assert from "node:assert/strict";
import { test } from "node:test";
import { errorKey } from "../../src/inbox/error_key.ts";

test("errorKey() is the first line, without what differs from one error to the next", () => {
  const cases = {
    "Error: no\n    at place (orders.ts:7:9)": "Error: no",
    "\n  Error: no \r\nmore": "Error: no",
    "Error: row 1234567 is gone since 2026-01-31T08:00:00.000Z": "Error: row … is gone since …",
    "Error: 550 jane.doe@example.com: no such user": "Error: 550 …: no such user",
    "Error: 404 of 0fcb8d84-f214-49c3-bd91-a7b91661ad6b, 12 left": "Error: 404 of …, 12 left",
    "GET /sheets/4509506114742148 was answered with 404 (error 1006, refId lfw48gme3k75): check the id":
      "GET /sheets/… was answered with 404 (error 1006, refId …): check the id",
    'Error: {"errorCode":4000,"refId":"12ab-xyz"}': 'Error: {"errorCode":4000,"refId":"…"}',
    "Error: HTTP status code 500 (ref id: e8v9k) left": "Error: HTTP status code 500 (ref id: …) left",
    "Error: row 1234567: refId … left, prefid abc": "Error: row …: refId … left, prefid abc",
    "Error:\tno\u0000\u202etext": "Error: no text",
  };
  for (const [error, key] of Object.entries(cases)) {
    assert.equal(errorKey(error), key);
    assert.equal(errorKey(key), key);
  }
});

test("errorKey() has at most 200 characters, none of them cut in half, and is its own key", () => {
  for (const error of [`${"x".repeat(199)}😀`, `${"x".repeat(199)} more`, "x y ".repeat(100), ""]) {
    const key = errorKey(error);
    assert.ok(key.length <= 200 && key === key.trim());
    assert.equal(new URLSearchParams(new URLSearchParams({ key }).toString()).get("key"), key);
    assert.equal(errorKey(key), key);
  }
});
