import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createSecretsSource, parseSecrets } from "../../../src/cli/secrets/secrets.ts";
import { fileSecretsStore } from "../../../src/cli/secrets/store.ts";
import { createLog } from "../../support/callbacks.ts";
import { replaceFile } from "../../support/certificate.ts";
import { withFolder } from "../../support/run_cli.ts";

test("parseSecrets() takes several with commas, and none of a blank", () => {
  assert.deepEqual(parseSecrets(undefined), []);
  assert.deepEqual(parseSecrets(""), []);
  assert.deepEqual(parseSecrets("a"), ["a"]);
  assert.deepEqual(parseSecrets(" a, b "), ["a", "b"]);
  for (const blank of [" ", ",", "a,", ",a", "a, ,b"]) {
    assert.throws(() => parseSecrets(blank), { code: "option_invalid", message: /blank secret, but should hold/ });
  }
  assert.equal(parseSecrets("a,b,c,d,e,f,g,h,i,j").length, 10);
  assert.throws(() => parseSecrets("a,b,c,d,e,f,g,h,i,j,k"), {
    code: "option_invalid",
    message: /11 secrets, .* at most 10/,
  });
});

test("createSecretsSource() finds by webhook: environment, file, both, neither", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const store = fileSecretsStore(file);
    const find = async (environment: string | undefined, webhookId: number | undefined) =>
      (await createSecretsSource({ environment, store }, createLog())).find(webhookId);
    assert.deepEqual(await find(undefined, 1), []);
    assert.deepEqual(await find("e,f", 1), ["e", "f"]);
    await replaceFile(file, "{}");
    assert.deepEqual(await find(undefined, 1), []);
    await replaceFile(file, '\ufeff{"1": "a", "9007199254740991": [" b ", "c"]}');
    assert.deepEqual(await find(undefined, 1), ["a"]);
    assert.deepEqual(await find(undefined, 9007199254740991), ["b", "c"]);
    assert.equal(await find(undefined, 2), undefined);
    assert.deepEqual(await find("e,a", 1), ["a", "e"]);
    assert.deepEqual(await find("e,a", 2), ["e", "a"]);
    assert.deepEqual(await find("e,a", undefined), ["e", "a"]);
    assert.equal(await find(undefined, undefined), undefined);
  });
});

test("createSecretsSource() sees each change at once, and keeps what it knew when a file is broken or gone", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const log = createLog();
    const source = await createSecretsSource({ environment: undefined, store: fileSecretsStore(file) }, log);
    assert.equal(source.describe(), undefined);
    assert.deepEqual([source.find(1), log.lines], [[], []]);

    const told = () => log.lines.splice(0).map((line) => line.replace(file, "FILE"));
    await replaceFile(file, '{"1": "a"}');
    assert.deepEqual([source.find(1), source.find(1)], [["a"], ["a"]]);
    assert.deepEqual(told(), [`info Secrets file FILE read: it names 1 webhook now`]);
    await replaceFile(file, '{"1": "b"}');
    assert.deepEqual(source.find(1), ["b"]);
    told();

    await writeFile(file, '{"1": "hidden"');
    assert.deepEqual([source.find(1), source.find(1), source.find(2)], [["b"], ["b"], undefined]);
    assert.deepEqual(told(), [
      'warn Secrets file FILE is not JSON: it should be {"<webhook id>": "<sharedSecret>"}; the secrets stay as they were',
    ]);
    await rm(file);
    assert.deepEqual([source.find(1), source.find(1)], [["b"], ["b"]]);
    assert.deepEqual(told(), ["warn Secrets file FILE is gone; the secrets stay as they were"]);
    await replaceFile(file, '{"2": "c"}');
    assert.deepEqual([source.find(1), source.find(2)], [undefined, ["c"]]);
    assert.equal(told().length, 1);
  });
});

test("createSecretsSource() refuses to start with a broken file, and shows nothing of it", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const open = (environment?: string) =>
      createSecretsSource({ environment, store: fileSecretsStore(file) }, createLog());
    const refuses = async (text: string, message: RegExp, environment?: string) => {
      await replaceFile(file, text);
      await assert.rejects(open(environment), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(error.message.startsWith(`Secrets file ${file} `));
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      });
    };
    await refuses("", /is not JSON/);
    await refuses("hidden", /is not JSON/);
    await refuses('["hidden"]', /should hold one object/);
    await refuses("null", /should hold one object/);
    for (const key of ["0", "01", "-1", "1.5", "9007199254740992", "hidden"]) {
      await refuses(`{"${key}": "hidden"}`, /has a key that is no webhook id/);
    }
    for (const value of ['""', '" "', "5", "null", '["hidden", ""]', '{"a": "hidden"}']) {
      await refuses(`{"12": ${value}}`, /has a blank secret, or one that is no text, for webhook 12: /);
    }
    await refuses('{"12": []}', /has an empty list for webhook 12/);
    const ten = JSON.stringify({ 12: Array.from({ length: 10 }, (_, index) => `hidden${index}`) });
    await refuses(ten.replace("]", ', "hidden"]'), /has 11 secrets for webhook 12: it should be at most 10/);
    await refuses(ten, /has 10 secrets for webhook 12, with SHEETHOOK_SECRET 11: it should be at most 10/, "e");
    assert.equal((await (await open("hidden3")).find(12))?.length, 10);

    await assert.rejects(
      createSecretsSource({ environment: undefined, store: fileSecretsStore(folder) }, createLog()),
      /can't be read \(EISDIR\)/,
    );
  });
});

test("secrets with an end are accepted until then, also without a change of the file", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const until = "2026-01-31T08:00:00.000Z";
    await replaceFile(file, JSON.stringify({ 1: ["new", { secret: "old", until }], 2: { secret: "alone", until } }));
    let now = Date.parse(until) - 1;
    const store = fileSecretsStore(file);
    const source = await createSecretsSource({ environment: "env", store }, createLog(), () => now);
    assert.deepEqual(source.find(1), ["new", "old", "env"]);
    assert.deepEqual(source.webhookIds(), [1, 2]);
    now++;
    assert.deepEqual(source.find(1), ["new", "env"]);
    const own = await createSecretsSource({ environment: undefined, store }, createLog(), () => now);
    // Ours still, but callbacks get 503 until there is a secret.
    assert.deepEqual([own.find(2), own.find(3)], [[], undefined]);
  });
});
