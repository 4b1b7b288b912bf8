import assert from "node:assert/strict";
import { test } from "node:test";
import { reconcileCallback } from "../../src/callback/reconcile.ts";

test("reconcileCallback() names a comparison by its sheet and key, so that no two have the same calls", async () => {
  const make = (sheetId: number, key: string, now: number) =>
    reconcileCallback({ sheetId, reason: "silent" }, { key, now, digestOf: (text) => text });
  const [first, other, again] = await Promise.all([make(1, "7-3", 0), make(2, "7-3", 0), make(1, "7-3", 1)]);
  assert.notEqual(first.nonce, other.nonce);
  assert.notEqual(first.digest, other.digest);
  assert.deepEqual([again.nonce, again.digest], [first.nonce, first.digest]);
});
