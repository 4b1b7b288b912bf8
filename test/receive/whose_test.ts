import assert from "node:assert/strict";
import { test } from "node:test";
import { whose } from "../../src/receive/whose.ts";

test("whose() decides as its table says", () => {
  for (const isChallenge of [true, false]) {
    for (const [named, webhookId] of [[5, 5], ["x", undefined], [undefined, undefined], [null, undefined]] as const) {
      const of = (isListed: boolean, isKnown: boolean) => whose({ webhookId, named, isListed, isKnown, isChallenge });
      assert.equal(of(true, true), "ours");
      const other = webhookId !== undefined || (isChallenge && named === "x") ? "foreign" : "unnamed";
      assert.deepEqual([of(true, false), of(false, true), of(false, false)], [other, other, other], String(named));
    }
  }
});
