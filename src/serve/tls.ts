import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { messageOf, SheethookError } from "../errors.ts";
import type { CertificateFiles } from "./options.ts";

/** The texts of both files. The first certificate is the server's own, its intermediates follow. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** What people want to know of a certificate. */
export interface CertificateFacts {
  readonly names: string;
  readonly issuer: string;
  readonly isSelfSigned: boolean;
  /** Whole days until it expires; negative once it has. */
  readonly daysLeft: number;
}

const DAY_MS = 86_400_000;

/**
 * Reads both files, and checks them.
 *
 * @throws {SheethookError} `certificate_unusable` if one can't be read or parsed, or if they don't belong together
 */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const certificate = await readCertificateFiles(files);
  checkCertificate(certificate, files);
  return certificate;
}

/** Reads both files as they are. @throws {SheethookError} `certificate_unusable` */
export async function readCertificateFiles({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readText("certFile", certFile), readText("keyFile", keyFile)]);
  return { cert, key };
}

/** @throws {SheethookError} `certificate_unusable` if one can't be parsed, or if they don't belong together */
export function checkCertificate({ cert, key }: Certificate, { certFile, keyFile }: CertificateFiles): void {
  let x509: X509Certificate;
  try {
    x509 = new X509Certificate(cert);
  } catch (cause) {
    throw unusable("certFile", certFile, "should be a certificate in PEM", cause);
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch (cause) {
    throw unusable("keyFile", keyFile, "should be a private key in PEM, not encrypted", cause);
  }
  if (!x509.checkPrivateKey(privateKey)) {
    throw new SheethookError(
      "certificate_unusable",
      `keyFile ${JSON.stringify(keyFile)} doesn't belong to the first certificate in ${JSON.stringify(certFile)}`,
      { option: "keyFile" },
    );
  }
}

/** What the first certificate of a checked text says. */
export function describeCertificate({ cert }: Certificate, now = Date.now()): CertificateFacts {
  const { subject, subjectAltName, issuer, validTo } = new X509Certificate(cert);
  return {
    names: (subjectAltName ?? subject).replace(/\b(DNS|IP Address):/g, ""),
    issuer: issuer.replaceAll("\n", ", "),
    isSelfSigned: issuer === subject,
    daysLeft: Math.floor((Date.parse(validTo) - now) / DAY_MS),
  };
}

async function readText(option: keyof CertificateFiles, file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw unusable(option, file, "can't be read", cause);
  }
}

function unusable(option: keyof CertificateFiles, file: string, why: string, cause: unknown): SheethookError {
  const message = `${option} ${JSON.stringify(file)} ${why}: ${messageOf(cause)}`;
  return new SheethookError("certificate_unusable", message, { cause, option });
}
