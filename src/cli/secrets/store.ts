import process from "node:process";
import type { Logger } from "../../logger.ts";
import { changeSecretsFile, requireSecretsFile } from "../../secrets_file/change_secrets_file.ts";
import { createCurrentSecrets } from "../../secrets_file/current_secrets.ts";
import { readSecretsByWebhook, type SecretsByWebhook, type StoredSecret } from "../../secrets_file/stored_secrets.ts";
import { usageError } from "../terminal/usage_error.ts";
import { parseInboxUrl } from "../options/inbox_url.ts";
import { secretSources } from "./secrets.ts";

/** Where the secrets of webhooks are stored, by webhook id: in the secrets file, or in the Postgres inbox. */
export interface SecretsStore {
  /** Its name in messages. */
  readonly name: string;
  /** The secrets file's absolute path; undefined if secrets are stored in Postgres, where nobody adds them by hand. */
  readonly file: string | undefined;
  /** @throws {Error} if it can't be read */
  read(): Promise<SecretsByWebhook>;
  /** Reads the secrets. @throws {Error} if they couldn't be stored: later, a new secret would be lost */
  requireWritable(): Promise<SecretsByWebhook>;
  /**
   * Applies `change` to the stored secrets. It may be called again if another process writes at the same time.
   * Resolves when every `serve` that can read them knows them; with Postgres that takes a second.
   *
   * @throws {Error} if nothing was changed
   */
  change(change: (secrets: Map<number, readonly StoredSecret[]>) => void): Promise<void>;
  /** @throws {Error} if it can't be read, unless that passes by itself */
  follow(options: FollowOptions): Promise<FollowedSecrets>;
  close(): Promise<void>;
}

/** Options of {@linkcode SecretsStore.follow}. */
export interface FollowOptions {
  readonly logger: Logger;
  /** Throws if the secrets can't be used here; those before then stay. */
  readonly check?: (secrets: SecretsByWebhook) => void;
}

/** The stored secrets, as they change. If they can't be read any more, they stay as they were, which is logged once. */
export interface FollowedSecrets {
  /** The current secrets, which may have to be read again. Neither throws nor rejects. */
  latest(): SecretsByWebhook | Promise<SecretsByWebhook>;
  /** The secrets that are known without waiting. */
  known(): SecretsByWebhook;
}

/** The secrets file. @param file its absolute path */
export function fileSecretsStore(file: string): SecretsStore {
  return {
    name: file,
    file,
    read: () => Promise.resolve().then(() => readSecretsByWebhook(file)),
    requireWritable: () => requireSecretsFile(file),
    change: (change) => changeSecretsFile(file, change),
    follow: (options) =>
      Promise.resolve().then(() => {
        const current = createCurrentSecrets({ file, ...options });
        return { latest: current, known: current };
      }),
    close: () => Promise.resolve(),
  };
}

/**
 * Opens the inbox's Postgres if SHEETHOOK_SECRETS_KEY is set, else the secrets file.
 *
 * @param inboxUrl the value of `--inbox`
 * @throws {SheethookError} `option_invalid` for a key that is too short, or without an inbox in Postgres
 */
export async function openSecretsStore(inboxUrl: string): Promise<SecretsStore> {
  const { file } = secretSources();
  const { SHEETHOOK_SECRETS_KEY: key } = process.env;
  if (!key) return fileSecretsStore(file);
  const inbox = parseInboxUrl(inboxUrl);
  if (inbox.kind !== "postgres") {
    throw usageError(
      "SHEETHOOK_SECRETS_KEY is set, but the inbox isn't in Postgres: --inbox (SHEETHOOK_INBOX) should be " +
        "postgres://USER:PASSWORD@HOST/DATABASE, or the key not be set, for a secrets file",
    );
  }
  // Imported here, because the driver reads the environment.
  const { postgresSecretsStore } = await import("./postgres_store.ts");
  return postgresSecretsStore(inbox.url, key, file);
}

/** Runs `use` with the store that {@link openSecretsStore} opens. */
export async function withSecretsStore<Result>(
  inboxUrl: string,
  use: (store: SecretsStore) => Promise<Result>,
): Promise<Result> {
  const store = await openSecretsStore(inboxUrl);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
