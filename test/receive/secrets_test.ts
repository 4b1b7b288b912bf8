import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecretSource, type Secrets } from "../../src/receive/secrets.ts";
import { redact } from "../../src/redact.ts";

test("createSecretSource() finds one, several, or those of a webhook", async () => {
  assert.deepEqual(await createSecretSource("a").find(1), ["a"]);
  assert.deepEqual(await createSecretSource(["a", "b"]).find(undefined), ["a", "b"]);
  assert.deepEqual(await createSecretSource({ 1: "a", 2: ["b", "c"] }).find(2), ["b", "c"]);
  assert.equal(await createSecretSource({ 1: "a" }).find(3), undefined);
  assert.equal(await createSecretSource({ 1: "a" }).find(undefined), undefined);
});

test("createSecretSource() takes ten secrets, which a later change of the list doesn't touch", async () => {
  const ten = Array.from({ length: 10 }, (_, index) => `secret ${index}`);
  const list = [...ten];
  const { find } = createSecretSource(list);
  list.length = 0;
  assert.deepEqual(await find(1), ten);
});

test("createSecretSource() keeps secrets out of logs, also those that a function finds later", async () => {
  const { find } = createSecretSource(() => "2bXh-found-later");
  createSecretSource({ 1: "7kQz-known-at-once" });
  await find(1);
  const text = redact("2bXh-found-later and 7kQz-known-at-once");
  assert.doesNotMatch(text, /2bXh|7kQz/);
});

test("createSecretSource() knows without an id what holds for every webhook, and that alone", () => {
  assert.deepEqual(createSecretSource(["a", "b"]).ofAll, ["a", "b"]);
  assert.equal(createSecretSource({ 1: "a" }).ofAll, undefined);
  assert.equal(createSecretSource({ find: () => "a", knowsUnnamed: true }).ofAll, undefined);
});

test("createSecretSource() asks a function each time, but never without an id", async () => {
  const asked: number[] = [];
  const { find } = createSecretSource((id) => {
    asked.push(id);
    return Promise.resolve(id === 1 ? "a" : id === 2 ? [] : undefined);
  });
  assert.deepEqual(await find(1), ["a"]);
  assert.deepEqual(await find(2), []);
  assert.equal(await find(3), undefined);
  assert.equal(await find(undefined), undefined);
  assert.deepEqual(asked, [1, 2, 3]);
});

test("createSecretSource() asks a finder that knows unnamed ones without an id, too", async () => {
  const { find } = createSecretSource({
    find: (id) => id === undefined ? ["of all"] : undefined,
    knowsUnnamed: true,
  });
  assert.deepEqual(await find(undefined), ["of all"]);
  assert.equal(await find(1), undefined);
});

test("createSecretSource() refuses at once what could never work, and never shows a secret", () => {
  const eleven = Array.from({ length: 11 }, (_, index) => `private${index}`);
  const wrong: unknown[] = [
    "",
    "  ",
    [],
    ["private", ""],
    ["private", " "],
    eleven,
    {},
    { 1: "" },
    { 1: [] },
    { sheet: "private" },
    {
      "01": "private",
    },
    { 1: 5 },
    ["private", 5],
  ];
  for (const secrets of wrong) {
    assert.throws(() => createSecretSource(secrets as Secrets), (error: Error) => {
      assert.equal((error as { code?: string }).code, "option_invalid", JSON.stringify(secrets));
      assert.doesNotMatch(error.message, /private/);
      return true;
    }, JSON.stringify(secrets));
  }
});

test("createSecretSource() rejects what a function shouldn't have returned", async () => {
  await assert.rejects(async () => await createSecretSource(() => "").find(1), { code: "option_invalid" });
  await assert.rejects(async () => await createSecretSource(() => Array(11).fill("a")).find(1), {
    code: "option_invalid",
  });
});
