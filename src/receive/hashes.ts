import type { Parts } from "./parts.ts";

/** The two hashes of a callback, in lower-case hex. `node:crypto` makes them at once, `crypto.subtle` gives promises. */
export interface Hashes {
  /** HMAC-SHA-256, keyed by the bytes of `secret`. */
  hmac(body: Parts, secret: string): string | Promise<string>;
  /** SHA-256 of the text's UTF-8. */
  sha256(text: string): string | Promise<string>;
}

/** What is used of `node:crypto`. */
export interface NodeCrypto {
  createSecretKey(secret: Uint8Array): object;
  createHmac(algorithm: string, key: object): { update(data: Uint8Array): unknown; digest(encoding: "hex"): string };
  hash(algorithm: string, data: string): string;
}

const encoder = new TextEncoder();

/** Keys are kept, because importing one takes longer than a hash; `secrets` that a function makes up must not fill the memory. */
const MAX_KEYS = 1000;

/**
 * By `node:crypto` where it is there (Node, Deno, Bun): some microseconds for a callback. `crypto.subtle` hops to another
 * thread, which takes longer there than the rest of the answer.
 */
export function createHashes(node: NodeCrypto | null = findNodeCrypto()): Hashes {
  return node ? createNodeHashes(node) : createSubtleHashes();
}

/** Null on a host without it. Asked for at run time: an import would keep the core from running anywhere else. */
export function findNodeCrypto(): NodeCrypto | null {
  const host = globalThis as { "process"?: { getBuiltinModule?(name: string): Partial<NodeCrypto> | undefined } };
  try {
    const found = host["process"]?.getBuiltinModule?.("node:crypto");
    return found?.createHmac && found.createSecretKey && found.hash ? found as NodeCrypto : null;
  } catch {
    return null;
  }
}

function createNodeHashes(node: NodeCrypto): Hashes {
  const keys = new Map<string, object>();
  function keyOf(secret: string): object {
    return keys.get(secret) ?? keep(keys, secret, node.createSecretKey(encoder.encode(secret)));
  }
  return {
    hmac(body, secret) {
      const hmac = node.createHmac("sha256", keyOf(secret));
      for (const part of body.list) hmac.update(part);
      return hmac.digest("hex");
    },
    sha256: (text) => node.hash("sha256", text),
  };
}

function createSubtleHashes(): Hashes {
  const HMAC = { name: "HMAC", hash: "SHA-256" };
  // Keys, not promises of them: in workerd a promise belongs to the request that made it.
  const keys = new Map<string, CryptoKey>();
  async function keyOf(secret: string): Promise<CryptoKey> {
    return keys.get(secret) ??
      keep(keys, secret, await crypto.subtle.importKey("raw", encoder.encode(secret), HMAC, false, ["sign"]));
  }
  return {
    hmac: async (body, secret) => toHex(await crypto.subtle.sign("HMAC", await keyOf(secret), body.head(body.size))),
    sha256: async (text) => toHex(await crypto.subtle.digest("SHA-256", encoder.encode(text))),
  };
}

function keep<Key>(keys: Map<string, Key>, secret: string, key: Key): Key {
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(secret, key);
  return key;
}

function toHex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
