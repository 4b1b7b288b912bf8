import assert from "node:assert/strict";
import fs from "node:fs";
import { chmod, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { createReceiver } from "../../src/receiver.ts";
import { signBody } from "../../src/receive/signature.ts";
import { changeSecretsFile } from "../../src/secrets_file/change_secrets_file.ts";
import { secretsFile, secretsIn } from "../../src/secrets_file/secrets_file.ts";
import { callbackBody, createLog } from "../support/callbacks.ts";
import { replaceFile } from "../support/certificate.ts";
import { runCommand, withFolder } from "../support/run_cli.ts";
import { programCommand } from "../support/runtime.ts";

const withFile = (use: (file: string) => Promise<void>) =>
  withFolder((folder) => use(join(folder, "sheethook.secrets.json")));

async function post(fetch: (request: Request) => Promise<Response>, webhookId: number, secret: string) {
  const body = callbackBody({ webhookId, nonce: crypto.randomUUID() });
  const headers = { "smartsheet-hmac-sha256": await signBody(body, secret) };
  return (await fetch(new Request("http://localhost/webhook", { method: "POST", body, headers }))).status;
}

describe("secretsFile()", () => {
  it("gives a receiver what webhooks create and rotate write, with no restart", async () => {
    await withFile(async (file) => {
      const log = createLog();
      const { fetch } = createReceiver({ secrets: secretsFile(file, { logger: log }), logger: log });
      const challenge = async (webhookId: number) => {
        const body = JSON.stringify({ challenge: "c", webhookId });
        const headers = { "smartsheet-hook-challenge": "c" };
        return (await fetch(new Request("http://localhost/webhook", { method: "POST", body, headers }))).status;
      };
      assert.deepEqual([await challenge(1), await post(fetch, 1, "a")], [200, 503]);
      await changeSecretsFile(file, (secrets) => void secrets.set(1, [{ secret: "a" }]));
      assert.deepEqual([await challenge(1), await challenge(2)], [200, 403]);
      assert.deepEqual([await post(fetch, 1, "a"), await post(fetch, 1, "b"), await post(fetch, 2, "a")], [
        200,
        401,
        403,
      ]);
      const until = Date.now() + 3_600_000;
      await changeSecretsFile(file, (secrets) => void secrets.set(1, [{ secret: "b" }, { secret: "a", until }]));
      assert.deepEqual([await post(fetch, 1, "b"), await post(fetch, 1, "a")], [200, 200]);
      await changeSecretsFile(file, (secrets) => void secrets.set(1, [{ secret: "b" }, { secret: "a", until: 1 }]));
      assert.deepEqual([await post(fetch, 1, "b"), await post(fetch, 1, "a")], [200, 401]);
    });
  });

  it("keeps what it knew when the file is broken or gone, and says so once, without what is in it", async () => {
    await withFile(async (file) => {
      await replaceFile(file, '{"1": "a"}');
      const log = createLog();
      const secrets = secretsFile(file, { logger: log });
      await writeFile(file, '{"1": "hidden"');
      assert.deepEqual([secrets(1), secrets(1), secrets(2)], [["a"], ["a"], undefined]);
      assert.deepEqual(log.lines.map((line) => line.replace(file, "FILE")), [
        'warn Secrets file FILE is not JSON: it should be {"<webhook id>": "<sharedSecret>"}; the secrets stay as they were',
      ]);
      await rm(file);
      assert.deepEqual([secrets(1), secrets(1)], [["a"], ["a"]]);
      assert.equal(log.lines.length, 2);
      await replaceFile(file, '{"1": "b"}');
      assert.deepEqual(secrets(1), ["b"]);
      assert.match(log.lines[2]!, /^info Secrets file \S+ read: it names 1 webhook now$/);
    });
  });

  it("says that the file may be read by others", { skip: process.platform === "win32" && "no such bits" }, async () => {
    await withFile(async (file) => {
      await replaceFile(file, '{"1": "a"}');
      await chmod(file, 0o644);
      const log = createLog();
      secretsFile(file, { logger: log });
      assert.match(log.lines.join(), /^warn Secrets file \S+ can be read by others: it should have mode 600/);
    });
  });

  it("knows a change within a second, even if the file looks the same", async () => {
    await withFile(async (file) => {
      const real = { statSync: fs.statSync, now: Date.now };
      const then = 1_800_000_000_000;
      const looks = { ino: 1, size: 10, mode: 0o600, mtimeMs: then, ctimeMs: then };
      try {
        Object.assign(fs, { statSync: () => looks });
        Object.assign(Date, { now: () => then + 500 });
        await replaceFile(file, '{"1": "a"}');
        const secrets = secretsFile(file, { logger: createLog() });
        await replaceFile(file, '{"1": "b"}');
        assert.deepEqual(secrets(1), ["a"]);
        Object.assign(Date, { now: () => then + 1_500 });
        assert.deepEqual(secrets(1), ["b"]);
      } finally {
        Object.assign(fs, { statSync: real.statSync });
        Object.assign(Date, { now: real.now });
      }
    });
  });

  it("refuses at once what can't work, and shows nothing of it", async () => {
    await withFile(async (file) => {
      for (const path of ["", " ", undefined as unknown as string]) {
        assert.throws(() => secretsFile(path), { code: "option_invalid", message: /needs the path/ });
      }
      for (const text of ['{"1": "hidden"', '{"1": [{"secret": "hidden", "until": "tomorrow"}]}', '{"hidden": "a"}']) {
        await replaceFile(file, text);
        assert.throws(() => secretsFile(file), { code: "option_invalid", message: /^(?!.*hidden)Secrets file \S+ / });
      }
      const ended = Array.from({ length: 12 }, () => ({ secret: "a", until: "2020-01-01T00:00:00Z" }));
      await replaceFile(file, JSON.stringify({ 1: ["new", ...ended] }));
      assert.deepEqual(secretsFile(file)(1), ["new"]);
    });
  });

  it("keeps no process running", async () => {
    await withFile(async (file) => {
      await replaceFile(file, '{"1": "a"}');
      const program = new URL("./look_up_program.ts", import.meta.url);
      const command = programCommand(program, [file], [`--allow-read=${file}`]);
      const { code, stdout, stderr } = await runCommand(command);
      assert.deepEqual([code, stdout.trim(), stderr], [0, "a", ""]);
    });
  });
});

describe("secretsIn()", () => {
  it("finds the secrets of a webhook that hold, and shows nothing of a text that it can't read", () => {
    const text = '{"1": "a", "2": ["b", {"secret": "c", "until": "2026-01-31T08:00:00Z"}]}';
    const now = Date.parse("2026-01-31T08:00:00Z");
    assert.deepEqual([1, 2, 3].map((id) => secretsIn(text, id, now - 1)), [["a"], ["b", "c"], undefined]);
    assert.deepEqual([secretsIn(text, 2, now), secretsIn(undefined, 1), secretsIn("{}", 1)], [["b"], [], []]);
    assert.throws(() => secretsIn("hidden", 1), { message: /^What is stored as secrets is not JSON: (?!.*hidden)/ });
  });
});
