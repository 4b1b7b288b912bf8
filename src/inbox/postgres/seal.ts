import { SheethookError } from "../../errors.ts";

const MIN_KEY = 32;
const IV_BYTES = 12;
const encoder = new TextEncoder();

/** Encrypts texts, so that nobody can read them without the key, and changes are detected. */
export interface Seal {
  /** @returns base64; another one each time, also for the same text */
  close(text: string): Promise<string>;
  /** @returns undefined if it was closed with another key, or changed since */
  open(sealed: string): Promise<string | undefined>;
}

/**
 * AES-256-GCM with a key that HKDF-SHA-256 makes of any text. It doesn't slow down guessing: the text should be random.
 *
 * @throws {SheethookError} `option_invalid` for one of under 32 characters; it isn't shown
 */
export function createSeal(key: string): Seal {
  const trimmed = key.trim();
  if (trimmed.length < MIN_KEY) {
    throw new SheethookError(
      "option_invalid",
      `key has ${trimmed.length} characters, but should have at least ${MIN_KEY}, as openssl rand -base64 32 makes it`,
      { option: "key" },
    );
  }
  const derived = deriveKey(trimmed);
  // `close` and `open` reject with it.
  derived.catch(() => {});
  return {
    async close(text) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await derived, encoder.encode(text));
      return encodeBase64(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    },

    async open(sealed) {
      const key = await derived;
      try {
        const bytes = Uint8Array.from(atob(sealed), (character) => character.charCodeAt(0));
        const iv = bytes.slice(0, IV_BYTES);
        const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, bytes.slice(IV_BYTES));
        return new TextDecoder().decode(text);
      } catch {
        return undefined;
      }
    },
  };
}

async function deriveKey(text: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", encoder.encode(text), "HKDF", false, ["deriveKey"]);
  const salt = encoder.encode("sheethook");
  const info = encoder.encode("secrets, AES-256-GCM, 1");
  const how = { name: "HKDF", hash: "SHA-256", salt, info };
  return await crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
