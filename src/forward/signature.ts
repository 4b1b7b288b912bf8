import { SheethookError } from "../errors.ts";
import { registerSecret } from "../redact.ts";

/** Signs a message as Standard Webhooks: https://www.standardwebhooks.com. */
export interface Signer {
  /** The value of `webhook-signature`: one `v1,<base64>` for each secret. Undefined without a secret. */
  sign(id: string, timestamp: number, body: string): Promise<string | undefined>;
}

/** The least that Standard Webhooks allows; a shorter secret can be guessed. */
const MIN_BYTES = 24;
const HMAC = { name: "HMAC", hash: "SHA-256" };
const encoder = new TextEncoder();

/**
 * Signs with each of the secrets, so that a target which knows one of them can verify: that is how they are rotated. The
 * secrets are kept out of logs from now on.
 *
 * @throws {SheethookError} `option_invalid` for a secret that isn't `whsec_` and base64; the message doesn't show it
 */
export function createSigner(secrets: readonly string[]): Signer {
  const keys = secrets.map(parseSecret);
  // Keys, not promises of them: in workerd a promise belongs to the request that made it.
  let imported: readonly CryptoKey[] | undefined;

  return {
    async sign(id, timestamp, body) {
      if (!keys.length) return undefined;
      imported ??= await Promise.all(keys.map((key) => crypto.subtle.importKey("raw", key, HMAC, false, ["sign"])));
      const signed = encoder.encode(`${id}.${timestamp}.${body}`);
      const signatures = await Promise.all(imported.map((key) => crypto.subtle.sign("HMAC", key, signed)));
      return signatures.map((signature) => `v1,${toBase64(new Uint8Array(signature))}`).join(" ");
    },
  };
}

/** Whether a secret has fewer bytes than Standard Webhooks allows. */
export function isShortSecret(secret: string): boolean {
  return parseSecret(secret).length < MIN_BYTES;
}

function parseSecret(secret: unknown): Uint8Array<ArrayBuffer> {
  const [, base64] = typeof secret === "string" ? /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [] : [];
  const bytes = base64 === undefined ? undefined : fromBase64(base64);
  if (base64 === undefined || !bytes?.length) throw secretError();
  registerSecret(secret as string);
  registerSecret(base64);
  return bytes;
}

/** It doesn't show the secret: it may be a good one of something else. */
function secretError(): SheethookError {
  return new SheethookError(
    "option_invalid",
    "secret is something else, but should be whsec_ and the base64 of 24 to 64 random bytes, " +
      "as `echo whsec_$(openssl rand -base64 32)` makes it",
    { option: "secret" },
  );
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
