import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInboxUrl } from "../../src/cli/options/inbox_url.ts";
import { locationOf } from "../../src/cli/serve/import_error.ts";

test("an inbox may be a file on a drive of Windows", () => {
  for (const path of ["C:\\data\\sheethook.db", "..\\sheethook.db", "\\\\server\\share\\sheethook.db"]) {
    assert.deepEqual(parseInboxUrl(`sqlite:${path}`), { kind: "sqlite", path });
  }
});

test("the location of an error is found in a path of Windows", () => {
  const stack = "Error: no\n    at register (C:\\Program Files\\app\\handlers.ts:3:9)\n    at C:\\app\\other.ts:1:1";
  assert.equal(locationOf({ stack }), "C:\\Program Files\\app\\handlers.ts:3:9");
  const installed = "Error: no\n    at a (C:\\app\\node_modules\\b\\c.js:3:9)\n    at C:\\app\\handlers.ts:1:1";
  assert.equal(locationOf({ stack: installed }), "C:\\app\\handlers.ts:1:1");
});
