import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTimestamp } from "../../src/callback/timestamp.ts";

test("parseTimestamp() reads every spelling that Smartsheet uses", () => {
  const expected = Date.UTC(2015, 9, 27, 17, 4, 23, 795);
  for (const zone of ["+0000", "+00:00", "Z"]) assert.equal(parseTimestamp(`2015-10-27T17:04:23.795${zone}`), expected);
  assert.equal(parseTimestamp("2015-10-27T19:04:23.795+0200"), expected);
  assert.equal(parseTimestamp("2015-10-27T17:04:23Z"), expected - 795);
});

test("parseTimestamp() is NaN for anything else", () => {
  for (const text of ["", "yesterday", "2015-10-27", "2015-10-27T17:04:23", "2015-13-27T17:04:23Z", "1445965463795"]) {
    assert.ok(Number.isNaN(parseTimestamp(text)), text);
  }
});
