/**
 * `sheethook/secrets-file`: gives your own receiver the secrets in the file that `sheethook webhooks create` and `rotate`
 * write. A rotated secret is known without a restart.
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
  /** Logs that the file was read again, can't be read, or is open to other users. @default warnings on the console */
  readonly logger?: Logger | undefined;
  /** Milliseconds since 1970, to end secrets at their `until`. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/**
 * Reads secrets for `createReceiver` from a JSON file, by webhook id: `{"<webhook id>": "<sharedSecret>"}`. Instead of a
 * secret, a list of up to 10 is allowed, the newest first; an item may be
 * `{"secret": "<sharedSecret>", "until": "2026-01-31T08:00:00Z"}`, valid until then.
 *
 * Each look-up checks whether the file has changed, and reads it again if so; nothing is watched in between, and nothing
 * keeps the process running. A webhook that isn't in the file is refused (403). Without a file, or with an empty one,
 * challenges are answered and callbacks get 503, so that the first webhook can be created. If the file later becomes
 * invalid or disappears, the secrets stay as they were, and the log says so once.
 *
 * @param path relative to the current working directory
 * @throws {SheethookError} `option_invalid` for a blank path, or if the file exists but can't be read or is invalid
 */
export function secretsFile(
  path: string,
  { logger = consoleLogger, now = Date.now }: SecretsFileOptions = {},
): (webhookId: number) => readonly string[] | undefined {
  if (typeof path !== "string" || !path.trim()) {
    throw new SheethookError(
      "option_invalid",
      "secretsFile() needs the path of the secrets file",
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
