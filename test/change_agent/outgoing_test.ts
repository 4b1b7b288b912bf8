import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { outgoingChangeAgent } from "../../src/change_agent/outgoing.ts";
import { originOf } from "../../src/change_agent/own_change.ts";

const OURS = "inventory-sync";
const outgoing = (...received: string[]) => outgoingChangeAgent(received, OURS);

test("outgoingChangeAgent() is theirs, a comma, ours", () => {
  assert.equal(outgoing(), OURS);
  assert.equal(outgoing(""), OURS);
  assert.equal(outgoing("a"), `a,${OURS}`);
  assert.equal(outgoing("a,b"), `a,b,${OURS}`);
});

test("outgoingChangeAgent() names us once, at the end", () => {
  assert.equal(outgoing(OURS), OURS);
  assert.equal(outgoing(`a,${OURS}`), `a,${OURS}`);
  assert.equal(outgoing(`${OURS},a`), `a,${OURS}`);
  assert.equal(outgoing(`a%2C${OURS}%2Cb`), `a,b,${OURS}`);
  assert.equal(outgoing(`a%2C${OURS}%2Cb%252C${OURS}`), `a,b,${OURS}`);
  assert.equal(outgoing(`a%2Cb`), `a%2Cb,${OURS}`);
});

test("outgoingChangeAgent() has each token of several events once, in order", () => {
  assert.equal(outgoing("a,b", "b,c", "a"), `a,b,c,${OURS}`);
  assert.equal(outgoing("a, b", "b"), `a, b,${OURS}`);
});

test("outgoingChangeAgent() drops whole tokens from the front until it fits 512", () => {
  const fits = 512 - OURS.length - 1;
  assert.equal(outgoing("x".repeat(fits)).length, 512);
  assert.equal(outgoing("x".repeat(fits + 1)), OURS);
  assert.equal(outgoing(`first,${"x".repeat(fits - 6)}`).length, 512);
  assert.equal(outgoing(`first,${"x".repeat(fits - 5)}`), `${"x".repeat(fits - 5)},${OURS}`);
});

test("outgoingChangeAgent() drops from the front of a list that was encoded as a whole, too", () => {
  for (const comma of ["%2C", "%252c", "%25252C"]) {
    const value = outgoing(`${`name${comma}`.repeat(300)}last`);
    assert.ok(value.length <= 512 && value.length > 500, value);
    assert.ok(value.startsWith("name") && value.endsWith(`${comma}last,${OURS}`), value);
  }
});

test("outgoingChangeAgent() percent-encodes what a header can't hold", () => {
  assert.equal(outgoing("Büro"), `B%C3%BCro,${OURS}`);
  assert.equal(outgoing("a\r\nX-Evil: 1"), `a%0D%0AX-Evil: 1,${OURS}`);
  assert.equal(outgoing("50%"), `50%,${OURS}`);
  assert.equal(outgoing(`a%0D%0AX-Evil: 1%2C${OURS}`), `a%0D%0AX-Evil: 1,${OURS}`);
  assert.equal(outgoing("\ud800"), `%EF%BF%BD,${OURS}`);
});

test("outgoingChangeAgent() is a header of at most 512 that ends in us and comes back as ours, whatever was received", () => {
  const unit = fc.constantFrom(",", "%2C", "%252C", "%0A", "%", "+", " ", OURS, "sync", "a", "é", "\n", "\ud800");
  const list = fc.oneof(fc.string({ unit: "binary", maxLength: 600 }), fc.string({ unit, maxLength: 200 }));
  fc.assert(fc.property(fc.array(list, { maxLength: 5 }), (received) => {
    const value = outgoingChangeAgent(received, OURS);
    assert.ok(value.length <= 512);
    assert.ok(value === OURS || value.endsWith(`,${OURS}`));
    assert.equal(originOf(value, OURS), "own");
    assert.equal(new Headers({ "Smartsheet-Change-Agent": value }).get("Smartsheet-Change-Agent"), value.trim());
  }));
});

test("outgoingChangeAgent() hands the list of one event on as it is", () => {
  assert.equal(outgoingChangeAgent(["a,b,a"], OURS), `a,b,a,${OURS}`);
  assert.equal(outgoingChangeAgent(["a,b,a", "b"], OURS), `a,b,${OURS}`);
});
