import { resolve } from "node:path";
import process from "node:process";
import type { Logger } from "../../logger.ts";
import {
  MAX_SECRETS,
  type SecretsByWebhook,
  type StoredSecret,
  validSecrets,
} from "../../secrets_file/stored_secrets.ts";
import type { SecretsFinder } from "../../receive/secrets.ts";
import { countText } from "../terminal/count_text.ts";
import { usageError } from "../terminal/usage_error.ts";
import type { SecretsStore } from "./store.ts";

/** The current secrets of `serve`. */
export interface SecretsSource extends SecretsFinder {
  /**
   * For `createReceiver`: undefined for a webhook that isn't ours, an empty list if no secret is known at all. A body
   * without a webhook id is checked with the secrets for every webhook.
   */
  readonly find: (
    webhookId: number | undefined,
  ) => readonly string[] | undefined | Promise<readonly string[] | undefined>;
  /** The webhooks in the store, when it was last read. */
  readonly webhookIds: () => readonly number[];
  /** Whether no secret is known at all. */
  readonly isEmpty: () => boolean;
  /** The number of secrets and where they come from; undefined without any. */
  readonly describe: () => string | undefined;
  readonly store: SecretsStore;
}

/** Where secrets come from. */
export interface SecretSources {
  /** SHEETHOOK_SECRET. */
  readonly environment: string | undefined;
  /** The secrets file's absolute path. */
  readonly file: string;
}

/** Where the secrets of this process come from. */
export function secretSources(): SecretSources {
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
    throw usageError(
      "SHEETHOOK_SECRET holds a blank secret, but should hold the webhook's sharedSecret, several with commas",
    );
  }
  if (secrets.length > MAX_SECRETS) {
    throw usageError(`SHEETHOOK_SECRET holds ${secrets.length} secrets, but should hold at most ${MAX_SECRETS}`);
  }
  return secrets;
}

/**
 * Joins the secrets of the environment and the store. Each look-up checks the store for changes, so that a new secret is
 * known at once. If the store can't be read any more, the secrets stay as they were, and a warning is logged once.
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
    isEmpty: () => !environment.length && !followed.known().size,
    describe() {
      const { size } = followed.known();
      const parts: string[] = [];
      if (environment.length) parts.push(`${environment.length} for every webhook from SHEETHOOK_SECRET`);
      if (size) parts.push(`those of ${countText(size, "webhook")} from ${store.name}`);
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
