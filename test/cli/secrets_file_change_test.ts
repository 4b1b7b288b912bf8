import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { readSecretsFile } from "../../src/cli/secrets_file.ts";
import { changeSecretsFile, requireSecretsFile } from "../../src/cli/secrets_file_change.ts";
import { createSecretsSource } from "../../src/cli/secrets.ts";
import { createLog } from "../callbacks.ts";
import { replaceFile } from "../certificate.ts";
import { withFolder } from "./run_cli.ts";

test("changeSecretsFile() makes the file with mode 0600, keeps what is in it, and loses nothing to another", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await changeSecretsFile(file, (secrets) => void secrets.set(1, [{ secret: "a" }]));
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), { 1: "a" });
    const until = Date.parse("2026-01-31T08:00:00Z");
    await Promise.all(
      Array.from(
        { length: 20 },
        (_, index) =>
          changeSecretsFile(file, (secrets) => void secrets.set(index + 2, [{ secret: "b" }, { secret: "c", until }])),
      ),
    );
    const secrets = readSecretsFile(file);
    assert.deepEqual([secrets.size, secrets.get(1)], [21, [{ secret: "a" }]]);
    assert.deepEqual(secrets.get(21), [{ secret: "b" }, { secret: "c", until }]);
    await chmod(file, 0o644);
    await changeSecretsFile(file, (secrets) => void secrets.delete(1));
    if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ["secrets.json"]);
  });
});

test("changeSecretsFile() writes through a symbolic link", async () => {
  await withFolder(async (folder) => {
    await mkdir(join(folder, "data"));
    const file = join(folder, "secrets.json");
    await replaceFile(join(folder, "data", "real.json"), '{"1": "a"}');
    await symlink(join("data", "real.json"), file);
    await changeSecretsFile(file, (secrets) => void secrets.set(2, [{ secret: "b" }]));
    assert.deepEqual(JSON.parse(await readFile(join(folder, "data", "real.json"), "utf8")), { 1: "a", 2: "b" });
  });
});

test("changeSecretsFile() goes on behind one that was killed in the middle", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await writeFile(`${file}.new`, "{");
    const old = new Date(Date.now() - 60_000);
    await utimes(`${file}.new`, old, old);
    await changeSecretsFile(file, (secrets) => void secrets.set(1, [{ secret: "a" }]));
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), { 1: "a" });
  });
});

test("changeSecretsFile() keeps its hands off a file that another has made in the place of its own", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    let changes = 0;
    await changeSecretsFile(file, (secrets) => {
      secrets.set(1, [{ secret: "a" }]);
      if (++changes > 1) return;
      // As if somebody had taken it for left over, and had finished meanwhile.
      rmSync(`${file}.new`);
      writeFileSync(file, '{"2": "b"}');
    });
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), { 1: "a", 2: "b" });
    assert.deepEqual(await readdir(folder), ["secrets.json"]);
  });
});

test("requireSecretsFile() changes nothing in the file", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const text = '\ufeff{"1":"a",\n"2": [{"secret": "b", "until": "2026-01-31T08:00:00Z"}]}';
    await replaceFile(file, text);
    assert.deepEqual([...(await requireSecretsFile(file)).keys()], [1, 2]);
    assert.equal(await readFile(file, "utf8"), text);
    assert.deepEqual(await readdir(folder), ["secrets.json"]);
    const message =
      /^Secrets file \S+secrets.json can't be written \(ENOENT; its folder should be there, .*\): secrets have no /;
    await assert.rejects(requireSecretsFile(join(folder, "none", "secrets.json")), { message });
  });
});

test("changeSecretsFile() and requireSecretsFile() leave a broken file as it is", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    assert.deepEqual([...await requireSecretsFile(file)], []);
    assert.deepEqual(await readdir(folder), []);
    await replaceFile(file, '{"1": "hidden"');
    const message = /^(?!.*hidden)Secrets file \S+ is not JSON.*: secrets have no other place to go$/;
    await assert.rejects(requireSecretsFile(file), { message });
    await assert.rejects(changeSecretsFile(file, () => {}), { message });
    assert.equal(await readFile(file, "utf8"), '{"1": "hidden"');
    assert.deepEqual(await readdir(folder), ["secrets.json"]);
  });
});

test("secrets with an end are accepted until then, also without a change of the file", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const until = "2026-01-31T08:00:00.000Z";
    await replaceFile(file, JSON.stringify({ 1: ["new", { secret: "old", until }], 2: { secret: "alone", until } }));
    let now = Date.parse(until) - 1;
    const source = createSecretsSource({ environment: "env", file }, createLog(), () => now);
    assert.deepEqual(source.find(1), ["new", "old", "env"]);
    assert.deepEqual(source.webhookIds(), [1, 2]);
    now++;
    assert.deepEqual(source.find(1), ["new", "env"]);
    const own = createSecretsSource({ environment: undefined, file }, createLog(), () => now);
    // Ours still, but callbacks get 503 until there is a secret.
    assert.deepEqual([own.find(2), own.find(3)], [[], undefined]);
    const wrong = JSON.stringify({ 1: [{ secret: "hidden", until: "tomorrow" }] });
    await replaceFile(file, wrong);
    assert.throws(() => readSecretsFile(file), /^(?!.*hidden).*has an "until" that is no time, for webhook 1/);
    const ended = Array.from({ length: 12 }, () => ({ secret: "a", until: "2020-01-01T00:00:00Z" }));
    await replaceFile(file, JSON.stringify({ 1: ["new", ...ended] }));
    assert.equal(readSecretsFile(file).get(1)!.length, 13);
  });
});
