import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { originOf, othersOf } from "../../src/change_agent/own_change.ts";

const OURS = "inventory-sync";
/** A list of `length` that ends in `end`. */
const long = (start: string, end: string, length = 512) =>
  `${start}${"x".repeat(length - start.length - end.length)}${end}`;

test("originOf() finds our name among others, and nothing like it", () => {
  for (const list of [OURS, `a,${OURS}`, `${OURS},b`, `a, ${OURS} ,b`]) assert.equal(originOf(list, OURS), "own", list);
  for (const list of ["", ",", "a", "sync", `x${OURS}`, `${OURS}x`, `a ${OURS}`, OURS.toUpperCase()]) {
    assert.equal(originOf(list, OURS), "other", list);
  }
});

test("originOf() reads what SDKs and hops have encoded, up to three times", () => {
  let list = "a,stock & order sync,b";
  for (let times = 0; times <= 3; times++) {
    assert.equal(originOf(list, "stock & order sync"), "own", list);
    list = encodeURIComponent(list);
  }
  assert.equal(originOf(list, "stock & order sync"), "other", "four times");
  assert.equal(originOf("a%2cstock+%26+order+sync", "stock & order sync"), "own");
  assert.equal(originOf("a%2Cstock%2B%26%2Border%2Bsync", "stock & order sync"), "own", "form, then percent");
  assert.equal(originOf("a+b", "a+b"), "own");
  assert.equal(originOf("a%2Bb,c", "a+b"), "own");
});

test("originOf() isn't thrown off by malformed triples", () => {
  for (const list of [`%,${OURS}`, `%zz%2C${OURS}`, `%E0%A4%A,${OURS}`, `%FF%2C${OURS}`, `${OURS}%2C%2`]) {
    assert.equal(originOf(list, OURS), "own", list);
  }
});

test("originOf() knows our tail at the front of a value that was cut, and only there", () => {
  for (const tail of ["sync", "c", "nventory-sync"]) {
    assert.equal(originOf(long(`${tail},`, ""), OURS), "cut", tail);
    assert.equal(originOf(long(`${tail},`, "", 600), OURS), "cut", tail);
    assert.equal(originOf(long(`${tail},`, "", 511), OURS), "other", `${tail} below 512`);
    assert.equal(originOf(long("a,", `,${tail}`), OURS), "other", `${tail} at the end`);
  }
  assert.equal(originOf(long("xsync,", ""), OURS), "other");
  assert.equal(originOf(long("desync,", ""), OURS), "other");
  assert.equal(originOf(long(",", ""), OURS), "other", "an empty token is no tail");
  assert.equal(originOf(long(`a,${OURS},`, ""), OURS), "own");
});

test("originOf() knows us where the cut went through an encoded comma, or through our encoded name", () => {
  const cuts = [["2C", "%2C"], ["C", "%2C"], ["252C", "%252C"], ["52C", "%252C"], ["25252C", "%25252C"]];
  for (const [rest, comma] of cuts) {
    assert.equal(originOf(long(`${rest}${OURS}${comma}`, ""), OURS), "cut", rest);
    assert.equal(originOf(long(`${rest}sync${comma}`, ""), OURS), "other", "a whole name, but not ours");
  }
  const named = (start: string, identity: string) => originOf(long(`${start}%2C`, ""), identity);
  for (const start of ["20sync", "0sync", "+sync", "Sync"]) assert.equal(named(start, "order Sync"), "cut", start);
  for (const start of ["2Finventory%3Async", "finventory%3async", "3Async", "Async", "sync"]) {
    assert.equal(named(start, "acme/inventory:sync"), "cut", start);
  }
  assert.equal(originOf(long("2520sync%252C", ""), "order sync"), "cut");
  for (const start of ["Csync", "2Csync", "0sync", "cync", "csync"]) assert.equal(named(start, OURS), "other", start);
  assert.equal(originOf(long(`C${OURS},`, ""), OURS), "other", "nothing is encoded here");
});

test("originOf() finds us in any list of any tokens, however often it was encoded", () => {
  const tokens = fc.array(fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(",", "")), {
    maxLength: 8,
  });
  fc.assert(fc.property(tokens, fc.nat(8), fc.nat(3), (others, place, times) => {
    let list = others.toSpliced(place, 0, OURS).join(",");
    for (let count = 0; count < times; count++) list = encodeURIComponent(list);
    assert.equal(originOf(list, OURS), "own");
  }));
});

test("originOf() never throws, and never takes a list without us for ours below 512", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 511 }), (list) => {
    // No reading of anything but Q's makes a name of them.
    assert.equal(originOf(list.replaceAll("Q", "q").replaceAll("51", "71"), "QQ QQ"), "other");
    assert.ok(Array.isArray(othersOf(list, OURS)));
  }));
});

test("originOf() knows us where nothing but the end of our encoded name is left", () => {
  const ours = "&".repeat(128);
  const encoded = encodeURIComponent(encodeURIComponent(ours));
  for (const length of [512, 513, 514, 515, 600]) assert.equal(originOf(encoded.slice(-length), ours), "cut");
  assert.equal(originOf(encoded.slice(-511), ours), "other");
  assert.equal(originOf(`x${encoded.slice(-512)}`, ours), "other");
});

test("originOf() takes an empty token at the front of a value that was cut for nobody", () => {
  for (const comma of [",", "%2C", "%252C", "%25252C"]) {
    assert.equal(originOf(long(`${comma}a`, ""), OURS), "other", comma);
  }
});

test("othersOf() leaves us out, also between blanks", () => {
  assert.deepEqual(othersOf(`a, ${OURS} ,b`, OURS), ["a", "b"]);
  assert.deepEqual(othersOf(`a%2C%20${OURS}+,b`, OURS), ["a", "b"]);
});

test("othersOf() leaves what others have encoded of UTF-8 as it is", () => {
  assert.deepEqual(othersOf(`h%C3%A9llo%2C${OURS}`, OURS), ["h%C3%A9llo"]);
  assert.deepEqual(othersOf(`h%25C3%25A9llo%252C${OURS},b`, OURS), ["h%C3%A9llo", "b"]);
});
