import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createHashes, findNodeCrypto } from "../../src/receive/hashes.ts";
import { createParts } from "../../src/receive/parts.ts";
import { isSigned, parseSignature, signBody } from "../../src/receive/signature.ts";
import { SECRET } from "../support/callbacks.ts";
import { fixture, fixtureSignatures } from "../support/fixtures.ts";

test("signBody() makes the published signatures of the published bodies", async () => {
  for (const [name, signature] of fixtureSignatures()) {
    assert.equal(await signBody(fixture(name), SECRET), signature, name);
  }
});

test("createHashes() finds node:crypto on Node, Deno and Bun", () => {
  assert.ok(findNodeCrypto());
});

for (const [name, hashes] of [["node:crypto", createHashes()], ["crypto.subtle", createHashes(null)]] as const) {
  test(`isSigned() by ${name} takes what is signed with one of the secrets, and nothing with a changed bit`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 200 }),
        fc.string({ minLength: 1 }),
        fc.nat(255),
        async (array, secret, bit) => {
          const bytes = new Uint8Array(array);
          const body = createParts(bytes.slice(0, bit), bytes.slice(bit));
          const signature = createHmac("sha256", secret).update(bytes).digest();
          assert.ok(await isSigned(body, signature.toString("hex"), ["another", secret], hashes));
          assert.ok(!await isSigned(body, signature.toString("hex"), ["another"], hashes));
          signature[bit >> 3]! ^= 1 << (bit & 7);
          assert.ok(!await isSigned(body, signature.toString("hex"), [secret], hashes));
        },
      ),
      { numRuns: 200 },
    );
  });

  test(`sha256() by ${name} is that of the text's UTF-8`, async () => {
    for (const text of ["", "é €😀", '[{"id":1}]'.repeat(10_000)]) {
      assert.equal(await hashes.sha256(text), createHash("sha256").update(text).digest("hex"));
    }
  });
}

test("createHashes() keeps the keys of 1,000 secrets, however many a function makes up", async () => {
  const { createHmac, hash } = await import("node:crypto");
  const made: string[] = [];
  const { hmac } = createHashes({
    createHmac: (algorithm, key) => createHmac(algorithm, key as Uint8Array),
    createSecretKey(secret) {
      made.push(new TextDecoder().decode(secret));
      return secret;
    },
    hash,
  });
  for (let number = 1; number <= 1000; number++) await hmac(createParts(), `secret ${number}`);
  await hmac(createParts(), "secret 1");
  assert.equal(made.length, 1000);
  for (const secret of ["one more", "secret 1"]) await hmac(createParts(), secret);
  assert.deepEqual(made.slice(1000), ["one more", "secret 1"]);
});

test("parseSignature() takes either case, and pads what lost its leading zeros", () => {
  const hex = "00ab" + "cd".repeat(30);
  assert.equal(parseSignature(hex), hex);
  assert.equal(parseSignature(hex.toUpperCase()), hex);
  assert.equal(parseSignature(hex.slice(2)), hex);
  assert.equal(parseSignature("1"), "0".repeat(63) + "1");
});

test("parseSignature() gives 64 characters of hex or undefined, whatever the header is", () => {
  for (const header of [null, "", " ", "0x12", "g".repeat(64), "a".repeat(65), "ab, cd", "é"]) {
    assert.equal(parseSignature(header), undefined);
  }
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.stringMatching(/^[0-9a-fA-F]{0,70}$/)),
      (header) => {
        const parsed = parseSignature(header);
        assert.equal(parsed !== undefined, /^[0-9a-fA-F]{1,64}$/.test(header));
        if (parsed !== undefined) assert.match(parsed, /^[0-9a-f]{64}$/);
      },
    ),
  );
});

test("isSigned() never takes a signature that is too short or too long", async () => {
  const body = createParts(new TextEncoder().encode("{}"));
  const signature = createHmac("sha256", SECRET).update("{}").digest("hex");
  assert.ok(await isSigned(body, signature, [SECRET]));
  for (const wrong of [signature.slice(0, 63), signature + "0", ""]) {
    assert.ok(!await isSigned(body, wrong, [SECRET]));
  }
});
