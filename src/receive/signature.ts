import { isEqualInConstantTime } from "../text.ts";
import { createHashes, type Hashes } from "./hashes.ts";
import { createParts, type Parts } from "./parts.ts";

const encoder = new TextEncoder();
const hashes = createHashes();

/** The signature that Smartsheet gives a body: 64 characters of lower-case hex. */
export async function signBody(body: Uint8Array<ArrayBuffer> | string, secret: string): Promise<string> {
  return await hashes.hmac(createParts(typeof body === "string" ? encoder.encode(body) : body), secret);
}

/** SHA-256 of a text, in lower-case hex: for the digest of a callback. */
export const { sha256 } = hashes;

/**
 * What a signature header says, as 64 characters of lower-case hex. It may be of either case, and is padded with zeros on the left,
 * because an official sample drops leading ones.
 *
 * @returns undefined if it is missing or malformed
 */
export function parseSignature(header: string | null): string | undefined {
  if (header === null || !/^[0-9a-f]{1,64}$/i.test(header)) return undefined;
  return header.toLowerCase().padStart(64, "0");
}

/**
 * True if one of `secrets` makes this signature of this body. `crypto.subtle.verify` isn't used: it wasn't
 * constant-time on some versions of Node (CVE-2026-21713).
 *
 * @returns a promise only where there is no `node:crypto`
 */
export function isSigned(
  body: Parts,
  signature: string,
  secrets: readonly string[],
  { hmac }: Pick<Hashes, "hmac"> = hashes,
): boolean | Promise<boolean> {
  for (const [index, secret] of secrets.entries()) {
    const made = hmac(body, secret);
    if (typeof made !== "string") return isSignedLater(made, body, signature, secrets.slice(index + 1), hmac);
    if (isEqualInConstantTime(made, signature)) return true;
  }
  return false;
}

async function isSignedLater(
  made: Promise<string>,
  body: Parts,
  signature: string,
  others: readonly string[],
  hmac: Hashes["hmac"],
): Promise<boolean> {
  return isEqualInConstantTime(await made, signature) || isSigned(body, signature, others, { hmac });
}
