import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { SECRET, WEBHOOK_ID } from "../../support/callbacks.ts";
import { createCertificate, replaceFile, writeCertificate } from "../../support/certificate.ts";
import { runCli, withFolder, withServe } from "../../support/run_cli.ts";

test("doctor finds nothing wrong with serve but what loopback means, and exits with 1 or 0", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "secrets.json");
    await replaceFile(file, JSON.stringify({ [WEBHOOK_ID - 1]: "another secret", [WEBHOOK_ID]: SECRET }));
    const options = { env: { SHEETHOOK_SECRETS_FILE: file }, reads: [file] };
    await withServe([], options, async ({ url, output }) => {
      const far = await runCli(["doctor", url], options);
      assert.equal(far.code, 1, far.stderr);
      assert.match(far.stdout, /^error\[scheme\] .*; what to do: /);
      assert.match(far.stdout, /\nerror\[address\] +127\.0\.0\.1 is a private address/);
      assert.match(far.stdout, /\n3 errors, no warnings\n$/);

      const near = await runCli(["doctor", url, "--local", "--json"], options);
      assert.equal(near.code, 0, near.stdout);
      const { ok, url: told, findings } = JSON.parse(near.stdout);
      assert.deepEqual([ok, told], [true, url]);
      assert.deepEqual([...new Set(findings.map(({ severity }: { severity: string }) => severity))], ["ok"]);
      assert.ok(findings.length >= 9);
      assert.equal(
        findings[0].text,
        `The challenge of webhook ${WEBHOOK_ID} came back`,
        "the one that was stored last",
      );

      const wrong = await runCli(["doctor", url, "--local", "--webhook-id", String(WEBHOOK_ID)], {
        ...options,
        env: { ...options.env, SHEETHOOK_SECRET: "hidden" },
      });
      assert.equal(wrong.code, 1);
      assert.match(wrong.stdout, /error\[signed\] .*401.*check that the secret here is this webhook's sharedSecret/);
      for (const { stdout, stderr } of [far, near, wrong]) assert.doesNotMatch(stdout + stderr, /hidden|3qo29/);
      assert.doesNotMatch(output, /3qo29/);
    });
  });
});

test("doctor finds a self-signed certificate, and goes on", async () => {
  await withFolder(async (folder) => {
    const { certFile, keyFile } = await writeCertificate(folder, await createCertificate());
    const env = { SHEETHOOK_SECRET: SECRET, SHEETHOOK_SECRETS_FILE: join(folder, "none.json") };
    const options = { env, reads: [certFile, keyFile, env.SHEETHOOK_SECRETS_FILE] };
    await withServe(["--cert", certFile, "--key", keyFile], options, async ({ url }) => {
      const { code, stdout } = await runCli(["doctor", url, "--local"], options);
      assert.equal(code, 1, stdout);
      assert.match(stdout, /^error\[certificate\] +The certificate is self-signed/);
      assert.match(stdout, /\nok\[signed\]/);
    });
  });
});

test("doctor says what it can't be asked", async () => {
  const { code, stdout, stderr } = await runCli(["doctor", "hooks.example.com/webhook"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^sheethook: URL is "hooks\.example\.com\/webhook", but should be an http or https URL/);
});
