import fs from "node:fs";
import { platform } from "node:os";
import { parseId } from "../smartsheet/ids.ts";

/** At most this many secrets may be valid for one webhook. */
export const MAX_SECRETS = 10;

/** A secret, and until when it is accepted, in milliseconds since 1970; for ever without that. */
export interface StoredSecret {
  readonly secret: string;
  readonly until?: number;
}

/** The secrets of each webhook, the newest first. */
export type SecretsByWebhook = ReadonlyMap<number, readonly StoredSecret[]>;

/** Those that are accepted at a time. */
export function validSecrets(stored: readonly StoredSecret[], now: number): string[] {
  return stored.filter(({ until = Infinity }) => until > now).map(({ secret }) => secret);
}

/** What a look at the file tells, without reading it. */
export interface FileState {
  /** Changes when the file does (also when another one is renamed into its place); `"absent"` while there is none. */
  readonly stamp: string;
  /** When it was changed last, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** @throws {Error} if the file can't be looked at */
export function fileStateOf(path: string): FileState {
  try {
    const { ino, size, mtimeMs, ctimeMs } = fs.statSync(path);
    return { stamp: [ino, size, mtimeMs, ctimeMs].join(" "), changedAt: Math.max(mtimeMs, ctimeMs) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { stamp: "absent", changedAt: 0 };
    throw unreadable(error);
  }
}

/** What is in the file. @throws {Error} if it can't be read */
export function readSecretsText(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(error);
  }
}

/** What the secrets file says; none if there is no such file. @throws {Error} that names the file */
export function readSecretsByWebhook(path: string): SecretsByWebhook {
  try {
    return fileStateOf(path).stamp === "absent" ? new Map() : parseSecretsFile(readSecretsText(path));
  } catch (cause) {
    throw new Error(`Secrets file ${path} ${(cause as Error).message}`, { cause });
  }
}

/** True if others than its owner may read or write the file. Windows has no such bits. */
export function isOpenToOthers(path: string): boolean {
  return platform() !== "win32" && (fs.statSync(path).mode & 0o077) !== 0;
}

/**
 * Reads `{"<webhook id>": "<sharedSecret>"}`; instead of the secret there may be a list, the newest first, whose items may
 * be `{"secret": "<sharedSecret>", "until": "<ISO time>"}`: accepted until then.
 *
 * @throws {Error} that says what should be in the file, and never what is: it may be a secret
 */
export function parseSecretsFile(text: string): SecretsByWebhook {
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

/** The text that {@link parseSecretsFile} reads. */
export function secretsText(secrets: SecretsByWebhook): string {
  const entries = [...secrets].map(([id, stored]) => {
    const items = stored.map(({ secret, until }) =>
      until === undefined ? secret : { secret, until: new Date(until).toISOString() }
    );
    return [id, items.length === 1 && typeof items[0] === "string" ? items[0] : items];
  });
  return `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`;
}

function parseKey(key: string): number {
  const id = parseId(key);
  if (id !== undefined) return id;
  throw new Error("has a key that is no webhook id: keys should be up to 16 digits");
}

function parseSecrets(key: string, value: unknown): StoredSecret[] {
  const secrets = (Array.isArray(value) ? value : [value]).map((item) => parseSecret(key, item));
  if (!secrets.length) {
    throw new Error(`has an empty list for webhook ${key}: it should hold the webhook's sharedSecret`);
  }
  const valid = validSecrets(secrets, Date.now()).length;
  if (valid > MAX_SECRETS) {
    throw new Error(`has ${valid} secrets for webhook ${key}: it should be at most ${MAX_SECRETS}`);
  }
  return secrets;
}

function parseSecret(key: string, item: unknown): StoredSecret {
  const { secret, until } = typeof item === "object" && item !== null
    ? item as Record<string, unknown>
    : { secret: item, until: undefined };
  if (typeof secret !== "string" || !secret.trim()) {
    throw new Error(
      `has a blank secret, or one that is no text, for webhook ${key}: it should be the webhook's sharedSecret`,
    );
  }
  if (until === undefined) return { secret: secret.trim() };
  const time = typeof until === "string" ? Date.parse(until) : NaN;
  if (!Number.isNaN(time)) return { secret: secret.trim(), until: time };
  throw new Error(`has an "until" that is no time, for webhook ${key}: it should be like 2026-01-31T08:00:00Z`);
}

function unreadable(cause: unknown): Error {
  return new Error(`can't be read (${codeOf(cause) ?? (cause as Error).message})`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
