/**
 * `sheethook/secrets-file`: the file that `sheethook webhooks create` and `rotate` write, for a receiver in a program of your own: a rotated
 * secret is known without a restart.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { secretsFile } from "sheethook/secrets-file";
 *
 * const receiver = createReceiver({ secrets: secretsFile("sheethook.secrets.json") });
 * receiver.on("row.created", (event) => console.log(event.id));
 * ```
 *
 * @module
 */
import { resolve } from "node:path";
import { SheethookError } from "../errors.ts";
import { consoleLogger, createQuietLogger, type Logger } from "../logger.ts";
import { createCurrentSecrets } from "./current_secrets.ts";
import { parseSecretsFile, type SecretsByWebhook, validSecrets } from "./stored_secrets.ts";

export { type ErrorCode, SheethookError } from "../errors.ts";
export type { Logger } from "../logger.ts";

/** Options of {@linkcode secretsFile}. */
export interface SecretsFileOptions {
  /** Is told when the file is read again, can't be, or may be read by other users. @default warnings on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970, for the ends of secrets. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Secrets for `createReceiver`, from a JSON file by webhook id: `{"<webhook id>": "<sharedSecret>"}`. Instead of a
 * secret there may be a list of up to 10, the newest first, whose items may be
 * `{"secret": "<sharedSecret>", "until": "2026-01-31T08:00:00Z"}`, to end then.
 *
 * Each look-up looks whether the file has changed, and reads it again then; nothing is watched in between, and nothing
 * keeps the process running. A webhook that the file doesn't name is refused (403). While there is no file, or it names
 * no webhook, challenges are answered and callbacks get 503, so that the first webhook can be made. A file that is broken
 * or gone later leaves the secrets as they were, and is told once.
 *
 * @param path relative to the working directory of this moment
 * @throws {SheethookError} `option_invalid` for a path that is none, or if the file is there but can't be read or used
 */
export function secretsFile(
  path: string,
  { logger = consoleLogger, now = Date.now }: SecretsFileOptions = {},
): (webhookId: number) => readonly string[] | undefined {
  if (typeof path !== "string" || !path.trim()) {
    throw new SheethookError(
      "option_invalid",
      "secretsFile() is given no path, but should be given the secrets file's",
    );
  }
  const secrets = open(resolve(path), createQuietLogger(logger));
  return (webhookId) => validIn(secrets(), webhookId, now());
}

/**
 * A webhook's secrets in a text like the secrets file: for `postgresSecrets`, where `sheethook webhooks` stores such a
 * text if `SHEETHOOK_SECRETS_KEY` is set.
 *
 * @param text undefined: nothing was stored yet
 * @param now milliseconds since 1970, for the ends of secrets
 * @returns what `createReceiver` takes: undefined for a webhook that isn't named, an empty list while none is
 * @throws {Error} if it is no such text; the message shows nothing of it
 */
export function secretsIn(
  text: string | undefined,
  webhookId: number,
  now: number = Date.now(),
): readonly string[] | undefined {
  try {
    return validIn(text === undefined ? new Map() : parseSecretsFile(text), webhookId, now);
  } catch (cause) {
    throw new Error(`What is stored as secrets ${(cause as Error).message}`, { cause });
  }
}

function validIn(byWebhook: SecretsByWebhook, webhookId: number, now: number): readonly string[] | undefined {
  const stored = byWebhook.get(webhookId);
  if (stored) return validSecrets(stored, now);
  return byWebhook.size ? undefined : [];
}

function open(file: string, logger: Logger): ReturnType<typeof createCurrentSecrets> {
  try {
    return createCurrentSecrets({ file, logger });
  } catch (cause) {
    throw new SheethookError("option_invalid", (cause as Error).message, { cause });
  }
}
