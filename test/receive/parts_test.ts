import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createParts } from "../../src/receive/parts.ts";

test("createParts() gives what was added, in its order, from either end", () => {
  const size = fc.oneof(fc.nat(100), fc.nat(40_000));
  const part = size.map((size) => crypto.getRandomValues(new Uint8Array(size)));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.array(part, { maxLength: 2 }), size, (added, first, bytes) => {
      const parts = createParts(...first);
      for (const each of added) parts.add(each);
      const all = Uint8Array.from([...first, ...added].flatMap((each) => [...each]));
      assert.equal(parts.size, all.length);
      assert.deepEqual(new Uint8Array(Buffer.concat(parts.list)), all);
      assert.deepEqual(parts.head(bytes), all.slice(0, bytes));
      assert.deepEqual(parts.tail(bytes), bytes ? all.slice(-bytes) : new Uint8Array(0));
      assert.deepEqual(parts.head(all.length), all);
    }),
    { numRuns: 100 },
  );
});

test("createParts() doesn't hold the large buffers of small parts", () => {
  const parts = createParts();
  for (let count = 0; count < 1000; count++) parts.add(new Uint8Array(new ArrayBuffer(65_536), 0, 100));
  const buffers = new Set(parts.list.map(({ buffer }) => buffer));
  const held = [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(held <= 2 * parts.size, `${held} bytes for ${parts.size}`);
});
