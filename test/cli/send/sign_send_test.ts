import assert from "node:assert/strict";

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { SECRET } from "../../support/callbacks.ts";
import { createCertificate, replaceFile, writeCertificate } from "../../support/certificate.ts";
import { fixture, fixtureSignatures } from "../../support/fixtures.ts";
import { findFreePort } from "../../serve/client.ts";
import { runCli, withFolder, withServe } from "../../support/run_cli.ts";

const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
const absent = { SHEETHOOK_SECRETS_FILE: "/nonexistent/secrets.json" };
const withSecret = { env: { ...absent, SHEETHOOK_SECRET: `${SECRET},other` }, reads: [absent.SHEETHOOK_SECRETS_FILE] };

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** A server that keeps what it is sent, and gives one answer. */
async function withAnswer(
  status: number,
  headers: Record<string, string>,
  body: string,
  use: (url: string, seen: Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request.setEncoding("utf8")) text += chunk;
    seen.push({ method: request.method, url: request.url, headers: request.headers, body: text });
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, seen);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

test("sign prints the published signatures, with the first secret of the environment", async () => {
  for (const [name, signature] of fixtureSignatures()) {
    const result = await runCli(["sign"], { ...withSecret, input: fixture(name) });
    assert.deepEqual(result, { code: 0, stdout: `${signature}\n`, stderr: "" });
  }
  const json = await runCli(["sign", "--json"], { ...withSecret, input: new Uint8Array([0xff, 0x00, 0x0a]) });
  assert.deepEqual(JSON.parse(json.stdout), {
    header: "Smartsheet-Hmac-SHA256",
    signature: "dc36f75074ffff7c0c8f012d0b7f82545c5b74736da50fb6daf48910ba4d165f",
  });
});

test("sign takes the secret of the webhook from sheethook.secrets.json", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "sheethook.secrets.json");
    await replaceFile(file, JSON.stringify({ 8958534189639556: [SECRET, "other"], 1: SECRET }));
    const options = { cwd: folder, reads: [file] };
    const [name, signature] = fixtureSignatures().find(([name]) => name === "two-rows-edited-2025")!;
    const own = await runCli(["sign"], { ...options, input: fixture(name) });
    assert.deepEqual(own, { code: 0, stdout: `${signature}\n`, stderr: "" });

    const unknown = await runCli(["sign"], { ...options, input: fixture("sheet-row-created-2015") });
    assert.deepEqual([unknown.code, unknown.stdout], [2, ""]);
    assert.match(
      unknown.stderr,
      /^sheethook: No secret to sign with: .* has none for webhook 4503604829677444; give .*--webhook-id/,
    );
    const given = await runCli(["sign", "--webhook-id", "1"], { ...options, input: fixture("sheet-row-created-2015") });
    assert.equal(given.code, 0);
    const neither = await runCli(["sign"], { ...options, input: "no JSON" });
    assert.match(neither.stderr, /has none for a body without a webhookId/);

    await replaceFile(file, "{");
    const broken = await runCli(["sign"], { ...options, input: "{}" });
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /^sheethook: Secrets file \S+ is not JSON/);
  });
  const none = await runCli(["sign"], { env: absent, reads: [absent.SHEETHOOK_SECRETS_FILE], input: "{}" });
  assert.equal(none.code, 2);
  assert.match(
    none.stderr,
    /^sheethook: No secret to sign with: SHEETHOOK_SECRET isn't set, and \S+ holds none; set one of them\n$/,
  );
});

test("send is answered by serve as Smartsheet would be", async () => {
  await withServe([], withSecret, async ({ url, waitFor }) => {
    const made = await runCli(["send", url, "--sheet-id", "5678"], withSecret);
    assert.match(made.stdout, /^200 in [\d.]+ ms\nSmartsheet would accept this\n$/);
    assert.deepEqual([made.code, made.stderr], [0, ""]);
    await waitFor(/cell\.updated cell in row 7129509179746180, column 2477271520333700 .* \(sheet 5678\)/);

    const challenge = await runCli(["send", url, "--challenge"], withSecret);
    assert.match(challenge.stdout, /\nSmartsheet would enable the webhook: the challenge came back\n$/);
    assert.equal(challenge.code, 0);

    const status = await runCli(["send", url, "--status", "ENABLED", "--webhook-id", "99"], withSecret);
    assert.equal(status.code, 0);
    await waitFor(/webhook 99 is now ENABLED/);

    const many = await runCli(["send", url, "--count", "20", "--events", "1"], withSecret);
    assert.match(many.stdout, /^20 × 200: Smartsheet would accept this\nmedian [\d.]+ ms, slowest [\d.]+ ms\n$/);

    const wrong = await runCli(["send", url, "--json"], {
      ...withSecret,
      env: { ...absent, SHEETHOOK_SECRET: "wrong" },
    });
    const { status: code, ms, answer, ok, verdict } = JSON.parse(wrong.stdout);
    assert.deepEqual([wrong.code, code, ok, JSON.parse(answer).status, typeof ms], [1, 401, false, 401, "number"]);
    assert.match(verdict, /14 times/);
  });
});

test("send sends a file, or stdin, to the byte, with its signature", async () => {
  await withAnswer(200, {}, "", async (url, seen) => {
    const [name, signature] = fixtureSignatures()[0]!;
    const options = { ...withSecret, reads: [...withSecret.reads, fixtures] };
    assert.equal((await runCli(["send", url, join(fixtures, `${name}.json`)], options)).code, 0);
    assert.equal((await runCli(["send", url, "-"], { ...options, input: fixture(name) })).code, 0);
    assert.equal(seen.length, 2);
    for (const { method, body, headers } of seen) {
      assert.deepEqual([method, body, headers["smartsheet-hmac-sha256"]], ["POST", fixture(name), signature]);
      assert.equal(headers["content-type"], "application/json; charset=UTF-8");
    }
    // A challenge in a file is sent as one; this server gives nothing back.
    const challenge = await runCli(["send", url, join(fixtures, "challenge-2015.json")], options);
    assert.equal(seen[2]?.headers["smartsheet-hook-challenge"], JSON.parse(fixture("challenge-2015")).challenge);
    assert.equal(seen[2]?.headers["smartsheet-hmac-sha256"], undefined);
    assert.equal(challenge.code, 1);
    assert.match(challenge.stdout, /DISABLED_VERIFICATION_FAILED/);
  });
});

test("send makes bodies with nonces of their own, for the only webhook of the secrets file", async () => {
  await withFolder(async (folder) => {
    const file = join(folder, "sheethook.secrets.json");
    await replaceFile(file, JSON.stringify({ 4711: "s" }));
    await withAnswer(200, {}, "", async (url, seen) => {
      const { code, stdout } = await runCli(["send", url, "--count", "3", "--json"], { cwd: folder, reads: [file] });
      assert.equal(code, 0);
      assert.equal(stdout.trimEnd().split("\n").map((line) => JSON.parse(line).ok).join(), "true,true,true");
      const bodies = seen.map(({ body }) => JSON.parse(body));
      assert.equal(new Set(bodies.map(({ nonce }) => nonce)).size, 3);
      assert.deepEqual(bodies.map(({ webhookId }) => webhookId), [4711, 4711, 4711]);
    });
  });
});

test("send tells of answers that disable a webhook, and follows no redirect", async () => {
  await withAnswer(204, {}, "", async (url) => {
    const { code, stdout } = await runCli(["send", url], withSecret);
    assert.equal(code, 1);
    assert.match(stdout, /^204 in .*\nSmartsheet would disable the webhook at once/);
  });
  await withAnswer(302, { location: "/elsewhere" }, "", async (url, seen) => {
    const { code, stdout } = await runCli(["send", url], withSecret);
    assert.equal(code, 1);
    assert.match(stdout, /^302 in .*\nSmartsheet doesn't document/);
    assert.deepEqual(seen.map(({ url }) => url), ["/hook"]);
  });
  await withAnswer(400, {}, "a\x1b[2Jb\n\u202ec", async (url) => {
    const { stdout } = await runCli(["send", url], withSecret);
    assert.match(stdout, /^400 in [\d.]+ ms: a \[2Jb c\n/);
  });
});

test("send says what is wrong when there is no answer", async () => {
  const fails = async (args: string[], message: RegExp, code = 1) => {
    const result = await runCli(["send", ...args], withSecret);
    assert.deepEqual([result.code, result.stdout], [code, ""], result.stderr);
    assert.match(result.stderr, message);
    assert.equal(result.stderr.match(/\n/g)?.length, 1);
  };
  const port = await findFreePort();
  await fails(
    [`http://127.0.0.1:${port}/`],
    /^sheethook: Nothing listens at http:\/\/127\.0\.0\.1:\d+ \(connection refused\)/,
  );
  await fails(
    ["localhost:8000/webhook"],
    /^sheethook: URL is "localhost:8000\/webhook", but should be an http or https URL/,
    2,
  );
  const url = `http://127.0.0.1:${port}/`;
  await fails(
    [url, "--status", "ENABLED", "--challenge"],
    /What to send is "--status and --challenge", but should be one of/,
    2,
  );
  await fails(
    [url, "/nonexistent/secrets.json"],
    /^sheethook: File \/nonexistent\/secrets\.json can't be read \(ENOENT\)/,
  );
  await withFolder(async (folder) => {
    const { certFile, keyFile } = await writeCertificate(folder, await createCertificate());
    const options = { ...withSecret, reads: [...withSecret.reads, certFile, keyFile] };
    await withServe(["--cert", certFile, "--key", keyFile], options, async ({ url }) => {
      await fails([url], /^sheethook: No TLS connection to https:.*Smartsheet takes no self-signed certificate either/);
    });
  });
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const { port: silentPort } = silent.address() as AddressInfo;
  await fails(
    [`http://127.0.0.1:${silentPort}/`, "--timeout", "300ms"],
    /gave no answer in 300 ms: Smartsheet waits about 5 s/,
  );
  silent.closeAllConnections();
  await new Promise((resolve) => silent.close(resolve));
});
