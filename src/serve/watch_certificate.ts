import { messageOf } from "../errors.ts";
import { CALLBACK_PORTS } from "../smartsheet/ports.ts";
import type { CertificateFiles, ServeSettings } from "./options.ts";
import { type Certificate, checkCertificate, describeCertificate, readCertificateFiles } from "./tls.ts";

/** Let's Encrypt renews 30 days before the end: with less than this left, renewing has failed for a while. */
const DAYS_LEFT_AT_LEAST = 21;

/**
 * Logs the certificate's facts, then polls its files until stopped and passes a changed pair to `renew`. A pair that is
 * broken, or that `renew` refuses, is logged once as a warning; the old certificate stays in use.
 *
 * @returns a function that stops the polling; it resolves when no `renew` runs any more
 */
export function watchCertificate(
  first: Certificate,
  files: CertificateFiles,
  { certificatePollMs, logger }: Pick<ServeSettings, "certificatePollMs" | "logger">,
  port: number,
  renew: (certificate: Certificate) => void | Promise<void>,
): () => Promise<void> {
  let current = first;
  let seen = textOf(first);
  let warnedAtDaysLeft: number | undefined;
  let stopped = false;
  let polling: Promise<void> = Promise.resolve();
  let timer = setTimeout(tick, certificatePollMs);

  describe("TLS certificate");
  if (!CALLBACK_PORTS.includes(port)) {
    logger.warn("Smartsheet calls only the ports {ports}: TLS on {port} needs a proxy that forwards one of them", {
      ports: CALLBACK_PORTS.join(", "),
      port,
    });
  }

  function tick(): void {
    polling = poll().then(() => {
      if (!stopped) timer = setTimeout(tick, certificatePollMs);
    });
  }

  async function poll(): Promise<void> {
    // Compares contents, not times or inodes: some tools renew in place, others swap symbolic links.
    const found = await readCertificateFiles(files).catch((error: Error) => error);
    const text = found instanceof Error ? found.message : textOf(found);
    if (text !== seen && !stopped) {
      seen = text;
      if (text !== textOf(current)) await change(found);
    }
    warnOfExpiry();
  }

  async function change(found: Certificate | Error): Promise<void> {
    try {
      if (found instanceof Error) throw found;
      checkCertificate(found, files);
      await renew(found);
      current = found;
      describe("Renewed TLS certificate");
    } catch (error) {
      logger.warn("TLS certificate isn't renewed, the old one stays: {error}", { error: messageOf(error) });
    }
  }

  function describe(what: string): void {
    const { names, issuer, daysLeft, isSelfSigned } = describeCertificate(current);
    logger.info(`${what} for {names}, issued by {issuer}, {daysLeft} days left`, { names, issuer, daysLeft });
    if (isSelfSigned) {
      logger.warn("TLS certificate for {names} is self-signed: Smartsheet calls no such server", { names });
    }
    warnedAtDaysLeft = undefined;
    warnOfExpiry();
  }

  // Once a day: a process may run for months, and an expiring certificate must not go unnoticed.
  function warnOfExpiry(): void {
    const { names, daysLeft } = describeCertificate(current);
    if (daysLeft >= DAYS_LEFT_AT_LEAST || daysLeft === warnedAtDaysLeft) return;
    warnedAtDaysLeft = daysLeft;
    const when = daysLeft < 0 ? "has expired" : "expires in {daysLeft} days";
    logger.warn(`TLS certificate for {names} ${when}: renew {certFile}`, { names, daysLeft, certFile: files.certFile });
  }

  return () => {
    stopped = true;
    clearTimeout(timer);
    return polling;
  };
}

function textOf({ cert, key }: Certificate): string {
  return cert + key;
}
