/** The request header with the signature: hex of HMAC-SHA-256 over the raw body. */
export const SIGNATURE_HEADER = "smartsheet-hmac-sha256";

const encoder = new TextEncoder();
// Keys, not promises of them: in workerd a promise belongs to the request that made it.
const keys = new Map<string, CryptoKey>();
const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The signature that Smartsheet gives a body: 64 characters of lower-case hex. */
export async function signBody(body: Uint8Array<ArrayBuffer> | string, secret: string): Promise<string> {
  return toHex(await hmac(typeof body === "string" ? encoder.encode(body) : body, secret));
}

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The 32 bytes that a signature header stands for: hex of either case, padded with zeros on the left, because an
 * official sample drops leading ones.
 *
 * @returns undefined if it is missing or malformed
 */
export function parseSignature(header: string | null): Uint8Array | undefined {
  if (header === null || !/^[0-9a-f]{1,64}$/i.test(header)) return undefined;
  const hex = header.padStart(64, "0");
  const bytes = new Uint8Array(32);
  for (let index = 0; index < 32; index++) bytes[index] = nibble(hex, 2 * index) << 4 | nibble(hex, 2 * index + 1);
  return bytes;
}

// The low four bits of a digit are its value, those of a letter of either case its value less 9.
function nibble(hex: string, index: number): number {
  const code = hex.charCodeAt(index);
  return (code & 15) + (code > 57 ? 9 : 0);
}

/**
 * True if one of `secrets` makes this signature of this body. `crypto.subtle.verify` isn't used: it wasn't
 * constant-time on some versions of Node (CVE-2026-21713).
 */
export async function isSigned(
  body: Uint8Array<ArrayBuffer>,
  signature: Uint8Array,
  secrets: readonly string[],
): Promise<boolean> {
  for (const secret of secrets) {
    if (equals(await hmac(body, secret), signature)) return true;
  }
  return false;
}

async function hmac(body: Uint8Array<ArrayBuffer>, secret: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", keys.get(secret) ?? await importKey(secret), body));
}

async function importKey(secret: string): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["sign"]);
  if (keys.size >= 1000) keys.clear();
  keys.set(secret, key);
  return key;
}

// Constant-time: always 32 steps, no branch on a byte.
function equals(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let index = 0; index < 32; index++) difference |= a[index]! ^ b[index]!;
  return difference === 0;
}
