import assert from "node:assert/strict";
import { test } from "node:test";
import { parseId } from "../../src/smartsheet/ids.ts";

test("parseId() takes whole numbers of up to 16 digits that a number can hold", () => {
  assert.equal(parseId("2674017481058180"), 2674017481058180);
  assert.equal(parseId(String(Number.MAX_SAFE_INTEGER)), Number.MAX_SAFE_INTEGER);
  for (const text of ["", "0", "01", "-1", "1.5", "1e3", " 1", "9007199254740992", "12345678901234567", "x"]) {
    assert.equal(parseId(text), undefined, text);
  }
});
