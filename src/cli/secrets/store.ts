import process from "node:process";
import { SheethookError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { changeSecretsFile, requireSecretsFile } from "../../secrets_file/change_secrets_file.ts";
import { createCurrentSecrets } from "../../secrets_file/current_secrets.ts";
import { readSecretsByWebhook, type SecretsByWebhook, type StoredSecret } from "../../secrets_file/stored_secrets.ts";
import { parseInboxUrl } from "../options/inbox_url.ts";
import { secretPlaces } from "./secrets.ts";

/** Where the secrets of webhooks are stored, by webhook id: in the secrets file, or in the Postgres inbox. */
export interface SecretsStore {
  /** What messages call it. */
  readonly name: string;
  /** The secrets file's absolute path; undefined if secrets are stored in Postgres, where nobody puts them by hand. */
  readonly file: string | undefined;
  /** @throws {Error} if it can't be read */
  read(): Promise<SecretsByWebhook>;
  /** Reads, and fails now if nothing could be stored later, when a secret would be lost by that. @throws {Error} */
  requireWritable(): Promise<SecretsByWebhook>;
  /**
   * Stores what `change` makes of what is stored. It may be called again if another process writes at the same time.
   * Resolves when every `serve` that can read it knows it; Postgres takes a second for that.
   *
   * @throws {Error} and then nothing was changed
   */
  change(change: (secrets: Map<number, readonly StoredSecret[]>) => void): Promise<void>;
  /** @throws {Error} if it can't be read, and that doesn't pass by itself */
  follow(options: FollowOptions): Promise<FollowedSecrets>;
  close(): Promise<void>;
}

/** Options of {@linkcode SecretsStore.follow}. */
export interface FollowOptions {
  readonly logger: Logger;
  /** Throws if what is stored can't be used here; the secrets then stay as they were. */
  readonly check?: (secrets: SecretsByWebhook) => void;
}

/** What is stored, as it changes. A store that can't be read any more leaves the secrets as they were, and is told once. */
export interface FollowedSecrets {
  /** As of now: it may have to be read again. Neither throws nor rejects. */
  latest(): SecretsByWebhook | Promise<SecretsByWebhook>;
  /** What is known without waiting. */
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
 * @param inboxUrl what `--inbox` says
 * @throws {SheethookError} `option_invalid` for a key that is too short, or without an inbox in Postgres
 */
export async function openSecretsStore(inboxUrl: string): Promise<SecretsStore> {
  const { file } = secretPlaces();
  const { SHEETHOOK_SECRETS_KEY: key } = process.env;
  if (!key) return fileSecretsStore(file);
  const inbox = parseInboxUrl(inboxUrl);
  if (inbox.kind !== "postgres") {
    throw new SheethookError(
      "option_invalid",
      "SHEETHOOK_SECRETS_KEY is set, but the inbox isn't in Postgres: --inbox (SHEETHOOK_INBOX) should be " +
        "postgres://USER:PASSWORD@HOST/DATABASE, or the key not be set, for a secrets file",
    );
  }
  // Not before it is asked for, as the inbox itself.
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
