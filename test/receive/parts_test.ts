import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createParts } from "../../src/receive/parts.ts";

test("createParts() joins what was added, in its order", () => {
  const piece = fc.nat(40_000).map((size) => crypto.getRandomValues(new Uint8Array(size)));
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const parts = createParts();
      for (const each of pieces) parts.add(each);
      const expected = pieces.flatMap((each) => [...each]);
      assert.equal(parts.size, expected.length);
      assert.deepEqual(parts.join(), Uint8Array.from(expected));
    }),
    { numRuns: 50 },
  );
});

test("createParts() doesn't hold the large buffer of a small piece", () => {
  const buffer = new ArrayBuffer(65_536);
  const parts = createParts();
  parts.add(new Uint8Array(buffer, 0, 1));
  parts.add(new Uint8Array(buffer, 1, 1));
  assert.ok(parts.join().buffer.byteLength <= 1024);
});
