import { X509Certificate } from "node:crypto";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generate } from "selfsigned";
import type { CertificateFiles } from "../../src/serve/options.ts";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
  /** SHA-256, as `getPeerCertificate().fingerprint256` tells it. */
  readonly fingerprint: string;
}

const DAY_MS = 86_400_000;

/** Makes a self-signed certificate for localhost and 127.0.0.1. @param days until it expires */
export async function createCertificate(days = 90): Promise<TestCertificate> {
  const now = Date.now();
  const { cert, private: key } = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(now + Math.min(0, days * DAY_MS) - DAY_MS),
    // Half a day more, so that whole days can be compared.
    notAfterDate: new Date(now + (days + 0.5) * DAY_MS),
    extensions: [{
      name: "subjectAltName",
      altNames: [{ type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }],
    }],
  });
  return { cert, key, fingerprint: new X509Certificate(cert).fingerprint256 };
}

/** Writes it as `server.crt` and `server.key`, over what was there before. */
export async function writeCertificate(
  folder: string,
  { cert, key }: Pick<TestCertificate, "cert" | "key">,
): Promise<CertificateFiles> {
  const files = { certFile: join(folder, "server.crt"), keyFile: join(folder, "server.key") };
  await replaceFile(files.certFile, cert);
  await replaceFile(files.keyFile, key);
  return files;
}

/** Writes a file so that nobody sees half of it. */
export async function replaceFile(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
