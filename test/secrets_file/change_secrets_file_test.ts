import assert from "node:assert/strict";
import fs from "node:fs";
import { chmod, chown, lchown, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { readSecretsByWebhook } from "../../src/secrets_file/stored_secrets.ts";
import { changeSecretsFile, requireSecretsFile } from "../../src/secrets_file/change_secrets_file.ts";
import { replaceFile } from "../support/certificate.ts";
import { withFolder } from "../support/run_cli.ts";

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
    const secrets = readSecretsByWebhook(file);
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

test("changeSecretsFile() breaks no lock, however old it is, and says what to do", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await replaceFile(file, '{"1": "a"}');
    await writeFile(`${file}.new`, "{");
    const old = new Date(Date.now() - 3_600_000);
    await utimes(`${file}.new`, old, old);
    const message =
      /^Secrets file \S+ is locked by \S+\.new, created at \S+Z: if no "sheethook webhooks" .* delete that file/;
    const set = (secrets: Map<number, unknown>) => void secrets.set(2, [{ secret: "b" }]);
    await assert.rejects(changeSecretsFile(file, set, { patienceMs: 100 }), { message });
    await assert.rejects(requireSecretsFile(file, { patienceMs: 100 }), { message });
    assert.deepEqual([await readFile(`${file}.new`, "utf8"), await readFile(file, "utf8")], ["{", '{"1": "a"}']);

    const waiting = changeSecretsFile(file, set);
    await rm(`${file}.new`);
    await waiting;
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), { 1: "a", 2: "b" });
  });
});

test("changeSecretsFile() touches no other file, when somebody swaps its own for a link", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const target = join(folder, "target");
    await writeFile(target, "root's", { mode: 0o600 });
    await replaceFile(file, '{"1": "a"}');
    const nobody = 65_534;
    if (process.getuid?.() === 0) await chown(file, nobody, nobody);
    const before = await stat(target);
    const real = { ...fs };
    // At the first moment that there is: from here on its path leads elsewhere.
    const openSync: typeof fs.openSync = (path, ...rest) => {
      const descriptor = real.openSync(path, ...rest);
      if (path !== `${file}.new`) return descriptor;
      real.unlinkSync(path);
      real.symlinkSync(target, path);
      return descriptor;
    };
    const paths: unknown[] = [];
    const byPath = (path: unknown) => void paths.push(path);
    Object.assign(fs, { openSync, chownSync: byPath, lchownSync: byPath, chmodSync: byPath, utimesSync: byPath });
    try {
      await changeSecretsFile(file, (secrets) => void secrets.set(2, [{ secret: "b" }]));
    } finally {
      const { openSync, chownSync, lchownSync, chmodSync, utimesSync } = real;
      Object.assign(fs, { openSync, chownSync, lchownSync, chmodSync, utimesSync });
    }
    const { uid, gid, mode, size, mtimeMs } = await stat(target);
    assert.deepEqual([uid, gid, mode, size, mtimeMs], [
      before.uid,
      before.gid,
      before.mode,
      before.size,
      before.mtimeMs,
    ]);
    assert.deepEqual(paths, []);
  });
});

const notRoot = process.getuid?.() !== 0 && "only root may give files to others";

test("changeSecretsFile() leaves the file to its owner", { skip: notRoot }, async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await replaceFile(file, '{"1": "a"}');
    await chown(file, 65_534, 65_534);
    await changeSecretsFile(file, (secrets) => void secrets.set(2, [{ secret: "b" }]));
    const { uid, gid, mode } = await stat(file);
    assert.deepEqual([uid, gid, mode & 0o777], [65_534, 65_534, 0o600]);
  });
});

test("changeSecretsFile() follows no link of another user's", { skip: notRoot }, async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    const elsewhere = join(folder, "elsewhere.json");
    await writeFile(elsewhere, "{}");
    await symlink(elsewhere, file);
    await lchown(file, 65_534, 65_534);
    const message = /^Secrets file \S+ is a symbolic link that belongs to another user than its target/;
    await assert.rejects(changeSecretsFile(file, (secrets) => void secrets.set(2, [{ secret: "b" }])), { message });
    assert.equal(await readFile(elsewhere, "utf8"), "{}");
    assert.deepEqual((await readdir(folder)).sort(), ["elsewhere.json", "secrets.json"]);
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
    const message = /^(?!.*hidden)Secrets file \S+ is not JSON/;
    await assert.rejects(requireSecretsFile(file), { message });
    await assert.rejects(changeSecretsFile(file, () => {}), { message });
    assert.equal(await readFile(file, "utf8"), '{"1": "hidden"');
    assert.deepEqual(await readdir(folder), ["secrets.json"]);
  });
});
