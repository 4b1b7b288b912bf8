import { isIP } from "node:net";
import { checkServerIdentity, connect, type PeerCertificate } from "node:tls";
import { printable } from "../../text.ts";
import { explainNoAnswer } from "../send/deliver.ts";
import { hostOf } from "./address.ts";
import { error, type Finding, fine, warning } from "./finding.ts";

/** A server's certificate, and why this machine doesn't trust it. */
interface Peer {
  readonly certificate: PeerCertificate;
  /** Empty if it is trusted here. */
  readonly distrust: string;
}

const DAY_MS = 86_400_000;
const RENEW_BEFORE_DAYS = 14;

/**
 * The problems with the certificate of an https URL, or that it has none. A finding named `connection` means that the
 * server sent no certificate.
 */
export async function checkCertificate(url: URL, timeoutMs: number, now = Date.now()): Promise<Finding[]> {
  let peer: Peer;
  try {
    peer = await readPeer(url, timeoutMs);
  } catch (cause) {
    return [error("connection", explainNoAnswer(url, timeoutMs, cause), "make the server answer https on this port")];
  }
  const findings = judgePeer(peer, hostOf(url), now);
  const { subject, issuer, valid_to } = peer.certificate;
  if (findings.every(({ severity }) => severity !== "error")) {
    findings.unshift(fine("certificate", `${nameOf(subject)}, issued by ${nameOf(issuer)}, until ${valid_to}`));
  }
  return findings;
}

function judgePeer({ certificate, distrust }: Peer, host: string, now: number): Finding[] {
  const findings: Finding[] = [];
  const issuer = nameOf(certificate.issuer);
  const isSelfSigned = distrust === "DEPTH_ZERO_SELF_SIGNED_CERT" || (distrust && sameName(certificate));
  const from = Date.parse(certificate.valid_from);
  const daysLeft = Math.floor((Date.parse(certificate.valid_to) - now) / DAY_MS);
  const hasExpired = daysLeft < 0;

  if (hasExpired) {
    findings.push(error("certificate", `The certificate expired on ${certificate.valid_to}`, "renew it"));
  } else if (from > now) {
    findings.push(
      error("certificate", `The certificate is valid only from ${certificate.valid_from}`, "check the clocks, or wait"),
    );
  } else if (daysLeft < RENEW_BEFORE_DAYS) {
    findings.push(
      warning(
        "certificate",
        `The certificate expires in ${daysLeft} days`,
        "renew it; serve reloads the files by itself",
      ),
    );
  }
  const wrongName = checkServerIdentity(host, certificate);
  if (wrongName) {
    const names = (certificate.subjectaltname ?? nameOf(certificate.subject)).replace(/\b(DNS|IP Address):/g, "");
    findings.push(error("certificate", `The certificate is for ${names}, not for ${host}`, "get one for this name"));
  }
  if (isSelfSigned) {
    findings.push(
      error(
        "certificate",
        "The certificate is self-signed, and Smartsheet calls no such server",
        "get one of a public authority, e.g. Let's Encrypt",
      ),
    );
  } else if (/^UNABLE_TO_GET_ISSUER/.test(distrust)) {
    // With the leaf alone the code is UNABLE_TO_VERIFY_LEAF_SIGNATURE.
    findings.push(
      error(
        "certificate",
        `The authority of ${issuer} isn't known, or an intermediate certificate was not sent (${distrust})`,
        "serve the whole chain (fullchain.pem) of a public authority, e.g. Let's Encrypt",
      ),
    );
  } else if (distrust === "SELF_SIGNED_CERT_IN_CHAIN") {
    findings.push(
      error(
        "certificate",
        `The authority behind ${issuer} isn't a public one`,
        "get a certificate of a public authority, e.g. Let's Encrypt",
      ),
    );
  } else if (/ISSUER|LEAF|UNKNOWN_?ISSUER|CHAIN/i.test(distrust)) {
    findings.push(
      error(
        "certificate",
        `The chain is incomplete: ${issuer}, which issued the certificate, was not sent and isn't known (${distrust})`,
        "serve the whole chain (fullchain.pem, not cert.pem): the certificate, and the intermediates behind it",
      ),
    );
  } else if (distrust && !findings.some(({ severity }) => severity === "error")) {
    findings.push(
      error("certificate", `The certificate isn't trusted (${distrust})`, "check the chain that the server sends"),
    );
  }
  return findings;
}

function readPeer(url: URL, timeoutMs: number): Promise<Peer> {
  return new Promise((resolve, reject) => {
    const host = hostOf(url);
    const socket = connect({
      host,
      port: Number(url.port || 443),
      // An address is no server name.
      ...(isIP(host) ? {} : { servername: host }),
      rejectUnauthorized: false,
    });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new DOMException("timed out", "TimeoutError"));
    }, timeoutMs);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      const problem: unknown = socket.authorized ? "" : socket.authorizationError;
      const distrust = String((problem as { code?: string } | undefined)?.code ?? problem ?? "");
      resolve({ certificate: socket.getPeerCertificate(), distrust: /ALTNAME/.test(distrust) ? "" : distrust });
      socket.destroy();
    });
    socket.on("error", (cause: Error) => {
      clearTimeout(timer);
      reject(cause);
    });
  });
}

function sameName({ subject, issuer }: PeerCertificate): boolean {
  return JSON.stringify(subject) === JSON.stringify(issuer);
}

function nameOf(name: PeerCertificate["subject"]): string {
  const text = name?.CN ?? name?.O;
  return printable(String(text ?? "(no name)"));
}
