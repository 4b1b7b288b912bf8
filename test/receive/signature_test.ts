import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { isSigned, parseSignature, signBody } from "../../src/receive/signature.ts";
import { SECRET } from "../callbacks.ts";
import { fixture, fixtureSignatures } from "../fixtures.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

test("signBody() makes the published signatures of the published bodies", async () => {
  for (const [name, signature] of fixtureSignatures()) {
    assert.equal(await signBody(fixture(name), SECRET), signature, name);
  }
});

test("isSigned() agrees with node:crypto on any body and any secret, and with no changed byte", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ minLength: 1 }),
      fc.nat(255),
      async (array, secret, bit) => {
        const body = new Uint8Array(array);
        const signature = Uint8Array.from(createHmac("sha256", secret).update(body).digest());
        assert.ok(await isSigned(body, signature, ["another", secret]));
        assert.ok(!await isSigned(body, signature, ["another"]));
        signature[bit >> 3]! ^= 1 << (bit & 7);
        assert.ok(!await isSigned(body, signature, [secret]));
      },
    ),
    { numRuns: 200 },
  );
});

test("parseSignature() takes either case, and pads what lost its leading zeros", () => {
  const hex = "00ab" + "cd".repeat(30);
  const bytes = parseSignature(hex);
  assert.equal(bytes?.length, 32);
  assert.deepEqual(parseSignature(hex.toUpperCase()), bytes);
  assert.deepEqual(parseSignature(hex.slice(2)), bytes);
  assert.deepEqual(parseSignature("1"), Uint8Array.from({ length: 32 }, (_, index) => index === 31 ? 1 : 0));
});

test("parseSignature() gives 32 bytes or undefined, whatever the header is", () => {
  for (const header of [null, "", " ", "0x12", "g".repeat(64), "a".repeat(65), "ab, cd", "é"]) {
    assert.equal(parseSignature(header), undefined);
  }
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.stringMatching(/^[0-9a-fA-F]{0,70}$/)),
      (header) => {
        const bytes = parseSignature(header);
        if (bytes) assert.equal(bytes.length, 32);
        assert.equal(bytes !== undefined, /^[0-9a-fA-F]{1,64}$/.test(header));
      },
    ),
  );
});

test("isSigned() never takes a signature that is too short or too long", async () => {
  const body = bytesOf("{}");
  const signature = Uint8Array.from(createHmac("sha256", SECRET).update(body).digest());
  assert.ok(await isSigned(body, signature, [SECRET]));
  assert.ok(!await isSigned(body, signature.slice(0, 31), [SECRET]));
  assert.ok(!await isSigned(body, new Uint8Array([...signature, 0]), [SECRET]));
  assert.ok(!await isSigned(body, new Uint8Array(), [SECRET]));
});
