import { createHmac, type webcrypto } from "node:crypto";

/**
 * Makes `crypto.subtle`'s HMAC at once, as long as the simulation runs: it hops to another thread, which takes a time that no seed
 * decides. @returns ends it
 */
export function installSyncCrypto(): () => void {
  const { subtle } = globalThis.crypto;
  const keys = new WeakMap<object, Uint8Array>();
  const before = { importKey: subtle.importKey, sign: subtle.sign };
  const importKey = async (_format: string, secret: Uint8Array) => {
    const key = {};
    keys.set(key, secret);
    return key as webcrypto.CryptoKey;
  };
  const sign = async (_algorithm: unknown, key: object, data: Uint8Array) => {
    const { buffer, byteOffset, length } = createHmac("sha256", keys.get(key)!).update(data).digest();
    return buffer.slice(byteOffset, byteOffset + length);
  };
  Object.assign(subtle, { importKey, sign });
  return () => void Object.assign(subtle, before);
}
