import { readFileSync, statSync } from "node:fs";

/** At most this many secrets may be valid for one webhook. */
export const MAX_SECRETS = 10;

/** The secrets of each webhook. */
export type SecretsByWebhook = ReadonlyMap<number, readonly string[]>;

/**
 * A word that changes when the file does (also when another one is renamed into its place), `"absent"` while there is
 * none.
 *
 * @throws {Error} if the file can't be looked at
 */
export function stampFile(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path);
    return [ino, size, mtimeMs, ctimeMs].join(" ");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return "absent";
    throw unreadable(error);
  }
}

/**
 * Reads `{"<webhook id>": "<sharedSecret>"}`, or with a list of secrets.
 *
 * @throws {Error} that says what should be in the file, and never what is: it may be a secret
 */
export function readSecretsFile(path: string): SecretsByWebhook {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(error);
  }
  return parseSecretsFile(text);
}

/** True if others than its owner may read or write the file. Windows has no such bits. */
export function isOpenToOthers(path: string, platform: string): boolean {
  return platform !== "win32" && (statSync(path).mode & 0o077) !== 0;
}

function parseSecretsFile(text: string): SecretsByWebhook {
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    // The parser's own message quotes the text.
    throw new Error('is not JSON: it should be {"<webhook id>": "<sharedSecret>"}');
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new Error('should hold one object: {"<webhook id>": "<sharedSecret>"}');
  }
  return new Map(Object.entries(json).map(([key, value]) => [parseKey(key), parseSecrets(key, value)]));
}

function parseKey(key: string): number {
  if (/^[1-9]\d{0,15}$/.test(key) && Number.isSafeInteger(Number(key))) return Number(key);
  throw new Error("has a key that is no webhook id: keys should be up to 16 digits");
}

function parseSecrets(key: string, value: unknown): string[] {
  const secrets = (Array.isArray(value) ? value : [value]).map((secret) => {
    if (typeof secret === "string" && secret.trim()) return secret.trim();
    throw new Error(
      `has a blank secret, or one that is no text, for webhook ${key}: it should be the webhook's sharedSecret`,
    );
  });
  if (!secrets.length) {
    throw new Error(`has an empty list for webhook ${key}: it should hold the webhook's sharedSecret`);
  }
  if (secrets.length > MAX_SECRETS) {
    throw new Error(`has ${secrets.length} secrets for webhook ${key}: it should be at most ${MAX_SECRETS}`);
  }
  return secrets;
}

function unreadable(cause: unknown): Error {
  return new Error(`can't be read (${codeOf(cause) ?? (cause as Error).message})`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
