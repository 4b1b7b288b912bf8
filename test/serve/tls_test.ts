import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { delay } from "../../src/async/delay.ts";
import { describeCertificate, readCertificate } from "../../src/serve/tls.ts";
import { watchCertificate } from "../../src/serve/watch_certificate.ts";
import { createCertificate, replaceFile, writeCertificate } from "../support/certificate.ts";
import { recordingLogger } from "./recording_logger.ts";
import { until } from "../support/until.ts";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheethook-tls-"));
});
after(() => rm(folder, { recursive: true }));

test("readCertificate() reads a certificate and its key", async () => {
  const { cert, key } = await createCertificate();
  assert.deepEqual(await readCertificate(await writeCertificate(folder, { cert, key })), { cert, key });
});

test("readCertificate() says which file is broken and what it should be", async () => {
  const [one, other] = await Promise.all([createCertificate(), createCertificate()]);
  const refused = async (cert: string, key: string, message: RegExp) => {
    const files = await writeCertificate(folder, { cert, key });
    await assert.rejects(readCertificate(files), { code: "certificate_unusable", message });
  };
  await refused("", one.key, /^certFile ".*server\.crt" should be a certificate in PEM: /);
  await refused(one.cert.slice(0, 200), one.key, /^certFile ".*server\.crt" should be a certificate in PEM: /);
  await refused(one.key, one.key, /^certFile ".*server\.crt" should be a certificate in PEM: /);
  await refused(one.cert, "", /^keyFile ".*server\.key" should be a private key in PEM, not encrypted: /);
  await refused(one.cert, one.cert, /^keyFile ".*server\.key" should be a private key in PEM, not encrypted: /);
  await refused(
    one.cert,
    other.key,
    /^keyFile ".*server\.key" doesn't belong to the first certificate in ".*server\.crt"$/,
  );
  const keyFile = join(folder, "nothing.key");
  const { certFile } = await writeCertificate(folder, one);
  await assert.rejects(readCertificate({ certFile, keyFile }), {
    message: /^keyFile ".*nothing\.key" can't be read: .*ENOENT/,
  });
});

test("describeCertificate() tells names, issuer and whole days", async () => {
  const certificate = await createCertificate(30);
  const now = Date.now();
  assert.deepEqual(describeCertificate(certificate, now), {
    names: "localhost, 127.0.0.1",
    issuer: "CN=localhost",
    isSelfSigned: true,
    daysLeft: 30,
  });
  assert.equal(describeCertificate(certificate, now + 31 * 86_400_000).daysLeft, -1);
});

test("watchCertificate() tells about the certificate, and warns of what Smartsheet would refuse", async () => {
  const told = async (days: number, port: number) => {
    const log = recordingLogger();
    const certificate = await createCertificate(days);
    const files = { certFile: "server.crt", keyFile: "server.key" };
    const stop = watchCertificate(
      certificate,
      files,
      { certificatePollMs: 60_000, logger: log.logger },
      port,
      () => {},
    );
    await stop();
    return log.lines;
  };
  const names = "localhost, 127.0.0.1";
  const selfSigned = `warn sheethook: TLS certificate for ${names} is self-signed: Smartsheet calls no such server`;
  const facts = (days: number) =>
    `info sheethook: TLS certificate for ${names}, issued by CN=localhost, ${days} days left`;
  assert.deepEqual(await told(21, 8443), [facts(21), selfSigned]);
  assert.deepEqual(await told(20, 443), [
    facts(20),
    selfSigned,
    `warn sheethook: TLS certificate for ${names} expires in 20 days: renew server.crt`,
  ]);
  assert.deepEqual(await told(-2, 9443), [
    facts(-2),
    selfSigned,
    `warn sheethook: TLS certificate for ${names} has expired: renew server.crt`,
    "warn sheethook: Smartsheet calls only the ports 443, 8000, 8008, 8080, 8443: TLS on 9443 needs a proxy that forwards one of them",
  ]);
});

test("watchCertificate() keeps the old certificate and warns once per change, until the pair is whole", async () => {
  const [one, two, three] = await Promise.all([createCertificate(), createCertificate(), createCertificate()]);
  const files = await writeCertificate(folder, one);
  const log = recordingLogger();
  const renewed: string[] = [];
  const settings = { certificatePollMs: 5, logger: log.logger };
  const stop = watchCertificate(one, files, settings, 443, ({ cert }) => {
    if (cert === three.cert) throw new Error("not by this server");
    renewed.push(cert);
  });
  const warnings = () => log.lines.filter((line) => line.includes("isn't renewed"));

  await replaceFile(files.certFile, two.cert);
  await until("it warns", () => warnings().length === 1);
  assert.match(warnings()[0]!, /doesn't belong/);
  // Many polls later, nothing new has been said.
  await delay(100);
  assert.equal(warnings().length, 1);
  assert.deepEqual(renewed, []);

  await replaceFile(files.keyFile, two.key);
  await until("it is renewed", () => renewed.length === 1);
  assert.deepEqual(renewed, [two.cert]);

  await rm(files.keyFile);
  await until("it warns", () => warnings().length === 2);
  assert.match(warnings()[1]!, /can't be read/);
  await replaceFile(files.keyFile, two.key);

  await writeCertificate(folder, three);
  await until("it warns", () => warnings().some((line) => line.includes("not by this server")));
  await stop();
  assert.deepEqual(renewed, [two.cert]);
});
