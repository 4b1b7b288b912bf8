import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { delay } from "../../../src/async/delay.ts";
import type { CertificateFiles } from "../../../src/serve/options.ts";
import { createCertificate, replaceFile, type TestCertificate, writeCertificate } from "../../support/certificate.ts";
import { type Child, runtime, startChild } from "../../support/runtime.ts";
import { findFreePort, open, type Reply, send } from "../client.ts";

const program = new URL("./program.ts", import.meta.url);

/** A folder with a certificate, and on request a door that serves it and looks for another one each 50 ms. */
async function withCertificate(
  use: (context: {
    folder: string;
    files: CertificateFiles;
    first: TestCertificate;
    startDoor: (options?: object) => Promise<Child>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sheethook-door-"));
  const doors: Child[] = [];
  try {
    const first = await createCertificate();
    const files = await writeCertificate(folder, first);
    const startDoor = async (options: object = {}) => {
      const permissions = ["--allow-net=127.0.0.1", `--allow-read=${files.certFile},${files.keyFile}`];
      const settings = { tls: files, certificatePollMs: 50, ...options };
      doors.push(await startChild(program, [JSON.stringify(settings)], { permissions }));
      return doors.at(-1)!;
    };
    await use({ folder, files, first, startDoor });
  } finally {
    await Promise.all(doors.map((door) => door.kill()));
    await rm(folder, { recursive: true });
  }
}

test("serve() serves TLS and tells about its certificate", async () => {
  await withCertificate(async ({ first, startDoor }) => {
    const door = await startDoor();
    assert.match(door.url, /^https:\/\/127\.0\.0\.1:\d+\/webhook$/);
    const reply = await send(door.url, "POST", "12345");
    assert.deepEqual([reply.status, reply.text, reply.fingerprint], [200, "read 5", first.fingerprint]);
    assert.equal((await send(new URL("/healthz", door.url).href)).text, "ok");
    assert.match(
      door.output,
      /info .*TLS certificate for localhost, 127\.0\.0\.1, issued by CN=localhost, 90 days left/,
    );
    assert.match(door.output, /warn .*is self-signed/);
    assert.match(door.output, /warn .*Smartsheet calls only the ports 443, 8000, 8008, 8080, 8443/);
    assert.equal(await door.stop(), 0);
  });
});

test("serve() serves a renewed certificate to new connections, and drops no request in flight", async () => {
  await withCertificate(async ({ folder, first, startDoor }) => {
    const door = await startDoor();
    let shown = first;
    for (let round = 1; round <= 2; round++) {
      const waiting = send(`${door.url}?wait=1500`, "POST");
      await door.waitFor(RegExp(`(waiting[^]*){${round}}`));
      const next = await createCertificate();
      await writeCertificate(folder, next);
      await door.waitFor(RegExp(`(Renewed TLS certificate[^]*){${round}}`));

      const after = await send(door.url, "POST", "12345");
      assert.deepEqual([after.status, after.text, after.fingerprint], [200, "read 5", next.fingerprint]);
      const before = await waiting;
      assert.deepEqual([before.status, before.text, before.fingerprint], [200, "waited", shown.fingerprint]);
      shown = next;
    }
    assert.equal((await send(door.url, "POST", "12345")).fingerprint, shown.fingerprint);
    assert.equal(await door.stop(), 0);
  });
});

test("serve() answers everyone while certificates are renewed, if need be at the second try", async () => {
  await withCertificate(async ({ folder, first, startDoor }) => {
    const door = await startDoor();
    const certificates = [first];
    const replies: Reply[] = [];
    const failures: string[] = [];
    let isDone = false;
    const callers = Array.from({ length: 4 }, async () => {
      while (!isDone) {
        await send(door.url, "POST", "12345").then((reply) => replies.push(reply), ({ code }) => failures.push(code));
      }
    });
    for (let round = 1; round <= 5; round++) {
      certificates.push(await createCertificate());
      await writeCertificate(folder, certificates[round]!);
      await door.waitFor(RegExp(`(Renewed TLS certificate[^]*){${round}}`));
      assert.equal((await send(door.url, "POST", "12345")).fingerprint, certificates[round]!.fingerprint);
    }
    isDone = true;
    await Promise.all(callers);

    assert.deepEqual(new Set(replies.map(({ text }) => text)), new Set(["read 5"]));
    const known = new Set(certificates.map(({ fingerprint }) => fingerprint));
    assert.deepEqual(replies.filter(({ fingerprint }) => !known.has(fingerprint!)), []);
    // Only Node changes the certificate without another listener. On the others a connection that is just being made may be
    // refused or reset, before its request was sent; anything else would be a request that was dropped.
    const expected = runtime === "node" ? [] : ["ECONNREFUSED", "ECONNRESET"];
    assert.deepEqual(failures.filter((code) => !expected.includes(code)), []);
  });
});

test("serve() keeps its certificate while the files are broken, and says so once per change", async () => {
  await withCertificate(async ({ files, first, startDoor }) => {
    const door = await startDoor();
    const warnings = () => door.output.match(/isn't renewed/g)?.length ?? 0;
    const fingerprint = async () => (await send(door.url, "POST", "12345")).fingerprint;

    await replaceFile(files.certFile, first.cert.slice(0, 200));
    await door.waitFor(/warn .*isn't renewed, the old one stays: certFile ".*" should be a certificate in PEM/);
    assert.equal(await fingerprint(), first.fingerprint);

    const next = await createCertificate();
    await replaceFile(files.certFile, next.cert);
    await door.waitFor(/warn .*isn't renewed, the old one stays: keyFile ".*" doesn't belong to the first certificate/);
    assert.equal(await fingerprint(), first.fingerprint);
    await delay(500);
    assert.equal(warnings(), 2);

    await replaceFile(files.keyFile, next.key);
    await door.waitFor(/Renewed TLS certificate/);
    assert.equal(await fingerprint(), next.fingerprint);
    assert.equal(warnings(), 2);
  });
});

test("serve() doesn't start with a certificate that is broken", async () => {
  await withCertificate(async ({ files, startDoor }) => {
    await replaceFile(files.keyFile, (await createCertificate()).key);
    await assert.rejects(startDoor(), {
      message: /failed: SheethookError certificate_unusable: keyFile ".*" doesn't belong/,
    });
    await rm(files.keyFile);
    await assert.rejects(startDoor(), {
      message: /failed: SheethookError certificate_unusable: keyFile ".*" can't be read/,
    });
  });
});

test("serve() says that a port is taken, with TLS too", async () => {
  await withCertificate(async ({ first, startDoor }) => {
    const { url } = await startDoor();
    const port = Number(new URL(url).port);
    await assert.rejects(startDoor({ port }), { message: /Port \d+ on 127\.0\.0\.1 is taken: .* \(EADDRINUSE\)/ });
    const fingerprints = await Promise.all(Array.from({ length: 10 }, async () => (await send(url)).fingerprint));
    assert.deepEqual(new Set(fingerprints), new Set([first.fingerprint]));
  });
});

test("serve() answers others while clients dribble their TLS handshake, and ends those", async () => {
  await withCertificate(async ({ startDoor }) => {
    const { url } = await startDoor({ headersTimeoutMs: 2000 });
    const hello = "\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03" + "a".repeat(240);
    const slow = await Promise.all(Array.from({ length: 50 }, () => open(url)));
    for (const connection of slow) connection.dribble(hello);
    for (let i = 0; i < 20; i++) assert.equal((await send(url, "POST", "12345")).text, "read 5");
    // Deno bounds no handshake: it has to be done in front of it.
    if (runtime !== "deno") await Promise.all(slow.map(({ closed }) => closed));
    for (const { socket } of slow) socket.destroy();
  });
});

test("serve() needs no more of Deno than its address and the two files", {
  skip: runtime !== "deno" && "only Deno asks",
}, async () => {
  await withCertificate(async ({ folder, files }) => {
    const port = await findFreePort();
    const permissions = [`--allow-net=127.0.0.1:${port}`, `--allow-read=${files.certFile},${files.keyFile}`];
    const args = [JSON.stringify({ tls: files, port, certificatePollMs: 50 })];
    const door = await startChild(program, args, { permissions });
    try {
      const next = await createCertificate();
      await writeCertificate(folder, next);
      await door.waitFor(/Renewed TLS certificate/);
      assert.equal((await send(door.url)).fingerprint, next.fingerprint);
      assert.equal(await door.stop(), 0);
    } finally {
      await door.kill();
    }
    await assert.rejects(startChild(program, args, { permissions: permissions.slice(0, 1) }), {
      message: /keyFile|certFile.*Requires read access/,
    });
  });
});
