import { resolve } from "node:path";
import process from "node:process";
import { SheethookError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import {
  MAX_SECRETS,
  type SecretsByWebhook,
  type StoredSecret,
  validSecrets,
} from "../../secrets_file/stored_secrets.ts";
import type { SecretsFinder } from "../../receive/secrets.ts";
import type { SecretsStore } from "./store.ts";

/** What `serve` knows of secrets, always as of now. */
export interface SecretsSource extends SecretsFinder {
  /**
   * What `createReceiver` takes: undefined is not ours, an empty list that no secret is known at all. A body that names
   * no webhook is checked by the secrets that hold for every one.
   */
  readonly find: (
    webhookId: number | undefined,
  ) => readonly string[] | undefined | Promise<readonly string[] | undefined>;
  /** The webhooks that the store names, as far as it was read. */
  readonly webhookIds: () => readonly number[];
  /** How many there are and where they come from, never which; undefined while there is none. */
  readonly describe: () => string | undefined;
  readonly store: SecretsStore;
}

/** Where secrets are told. */
export interface SecretPlaces {
  /** SHEETHOOK_SECRET, as it is. */
  readonly environment: string | undefined;
  /** The secrets file's absolute path. */
  readonly file: string;
}

/** Where this process is told secrets. */
export function secretPlaces(): SecretPlaces {
  const { SHEETHOOK_SECRET, SHEETHOOK_SECRETS_FILE } = process.env;
  return { environment: SHEETHOOK_SECRET, file: resolve(SHEETHOOK_SECRETS_FILE?.trim() || "sheethook.secrets.json") };
}

/**
 * The secrets in SHEETHOOK_SECRET, which hold for every webhook.
 *
 * @throws {SheethookError} `option_invalid` for a blank one, or more than 10
 */
export function parseSecrets(environment: string | undefined): string[] {
  if (!environment) return [];
  const secrets = environment.split(",").map((secret) => secret.trim());
  if (secrets.includes("")) {
    throw invalid(
      "SHEETHOOK_SECRET holds a blank secret, but should hold the webhook's sharedSecret, several with commas",
    );
  }
  if (secrets.length > MAX_SECRETS) {
    throw invalid(`SHEETHOOK_SECRET holds ${secrets.length} secrets, but should hold at most ${MAX_SECRETS}`);
  }
  return secrets;
}

/**
 * Puts the environment and the store together. The store is looked at on every search, so that a new secret is known at
 * once; one that can't be read any more leaves the secrets as they were, and is told once.
 *
 * @throws {SheethookError} `option_invalid`: see {@link parseSecrets}
 * @throws {Error} if the store can't be read
 */
export async function createSecretsSource(
  { environment: text, store }: { readonly environment: string | undefined; readonly store: SecretsStore },
  logger: Logger,
  now = Date.now,
): Promise<SecretsSource> {
  const environment = parseSecrets(text);
  const check = (secrets: SecretsByWebhook) =>
    secrets.forEach((stored, id) => checkCount(id, stored, withEnvironment(stored, environment, now())));
  const followed = await store.follow({ logger, check });

  function findIn(byWebhook: SecretsByWebhook, webhookId: number | undefined): readonly string[] | undefined {
    const stored = webhookId !== undefined && byWebhook.get(webhookId);
    if (stored) return withEnvironment(stored, environment, now());
    return environment.length || !byWebhook.size ? environment : undefined;
  }

  return {
    find(webhookId) {
      const latest = followed.latest();
      return latest instanceof Promise
        ? latest.then((byWebhook) => findIn(byWebhook, webhookId))
        : findIn(latest, webhookId);
    },
    knowsUnnamed: true,
    webhookIds: () => [...followed.known().keys()],
    describe() {
      const { size } = followed.known();
      const parts: string[] = [];
      if (environment.length) parts.push(`${environment.length} for every webhook from SHEETHOOK_SECRET`);
      if (size) parts.push(`those of ${count(size, "webhook")} from ${store.name}`);
      return parts.join(", and ") || undefined;
    },
    store,
  };
}

function withEnvironment(stored: readonly StoredSecret[], environment: readonly string[], now: number): string[] {
  return [...new Set([...validSecrets(stored, now), ...environment])];
}

function checkCount(id: number, stored: readonly StoredSecret[], valid: readonly string[]): void {
  if (valid.length <= MAX_SECRETS) return;
  throw new Error(
    `has ${stored.length} secrets for webhook ${id}, with SHEETHOOK_SECRET ${valid.length}: it should be at most ${MAX_SECRETS}`,
  );
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function invalid(message: string): SheethookError {
  return new SheethookError("option_invalid", message);
}
