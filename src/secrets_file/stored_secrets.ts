import fs from "node:fs";
import { platform } from "node:os";
import { parseId } from "../smartsheet/ids.ts";

/** At most this many secrets may be valid for one webhook. */
export const MAX_SECRETS = 10;

/** A secret, accepted until this time in milliseconds since 1970, or for ever. */
export interface StoredSecret {
  readonly secret: string;
  readonly until?: number;
}

/** The secrets of each webhook, the newest first. */
export type SecretsByWebhook = ReadonlyMap<number, readonly StoredSecret[]>;

/** The secrets that are accepted at this time. */
export function validSecrets(stored: readonly StoredSecret[], now: number): string[] {
  return stored.filter(({ until = Infinity }) => until > now).map(({ secret }) => secret);
}

/** The file's state, without reading it. */
export interface FileState {
  /** Differs after a change of the file, also by a rename; `"absent"` without a file. */
  readonly stamp: string;
  /** Time of the last change, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** @throws {Error} if the file's state can't be read */
export function fileStateOf(path: string): FileState {
  try {
    const { ino, size, mtimeMs, ctimeMs } = fs.statSync(path);
    return { stamp: [ino, size, mtimeMs, ctimeMs].join(" "), changedAt: Math.max(mtimeMs, ctimeMs) };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return { stamp: "absent", changedAt: 0 };
    throw unreadable(error);
  }
}

/** Reads the file. @throws {Error} if it can't be read */
export function readSecretsText(path: string): string {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    throw unreadable(error);
  }
}

/** Reads the secrets; none without a file. @throws {Error} that names the file */
export function readSecretsByWebhook(path: string): SecretsByWebhook {
  try {
    return fileStateOf(path).stamp === "absent" ? new Map() : parseSecretsFile(readSecretsText(path));
  } catch (cause) {
    throw new Error(`Secrets file ${path} ${(cause as Error).message}`, { cause });
  }
}

/** True if users other than the owner may read or write the file. Always false on Windows. */
export function isOpenToOthers(path: string): boolean {
  return platform() !== "win32" && (fs.statSync(path).mode & 0o077) !== 0;
}

/**
 * Parses `{"<webhook id>": "<sharedSecret>"}`. Instead of a secret, a list is allowed, the newest first; an item may be
 * `{"secret": "<sharedSecret>", "until": "<ISO time>"}`.
 *
 * @throws {Error} that says what the file should hold, and never quotes it: the text may be a secret
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

/** Writes the text that {@linkcode parseSecretsFile} parses. */
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
  throw new Error(`has an "until" that isn't a time, for webhook ${key}: it should be like 2026-01-31T08:00:00Z`);
}

function unreadable(cause: unknown): Error {
  return new Error(`can't be read (${codeOf(cause) ?? (cause as Error).message})`, { cause });
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}
