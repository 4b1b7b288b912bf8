import { createOutage } from "../async/outage.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { registerSecret } from "../redact.ts";
import {
  fileStateOf,
  isOpenToOthers,
  parseSecretsFile,
  readSecretsText,
  type SecretsByWebhook,
} from "./stored_secrets.ts";

// File times are coarse: a second change soon after the first may not show.
const UNSETTLED_MS = 2_000;
const AGAIN_MS = 1_000;

/** Options of {@linkcode createCurrentSecrets}. */
export interface CurrentSecretsOptions {
  /** The secrets file's absolute path. */
  readonly file: string;
  readonly logger: Logger;
  /** Throws if these secrets can't be used; the file then counts as invalid. */
  readonly check?: (secrets: SecretsByWebhook) => void;
}

/**
 * Returns a function that returns the current secrets: each call checks whether the file has changed. If it can't be read
 * any more, the secrets stay as they were, and the log says so once.
 *
 * @throws {Error} if the file exists but is invalid; the returned function never throws
 */
export function createCurrentSecrets({ file, logger, check }: CurrentSecretsOptions): () => SecretsByWebhook {
  let secrets: SecretsByWebhook = new Map();
  let stamp = "";
  let text: string | undefined;
  let readAt = 0;
  let isUnsettled = false;

  /** Reads the file if it has changed. @returns whether the secrets have changed */
  const read = (): boolean => {
    const found = fileStateOf(file);
    const now = Date.now();
    if (found.stamp === stamp && !(isUnsettled && Math.abs(now - readAt) >= AGAIN_MS)) return false;
    const isTouched = found.stamp !== stamp;
    ({ stamp } = found);
    readAt = now;
    isUnsettled = Math.abs(now - found.changedAt) < UNSETTLED_MS;
    if (stamp === "absent") {
      if (secrets.size) throw new Error("is gone");
      return false;
    }
    if (isTouched && isOpenToOthers(file)) {
      logger.warn("Secrets file {file} can be read by others: it should have mode 600 (chmod 600)", { file });
    }
    const foundText = readSecretsText(file);
    if (foundText === text && !outage.isOn) return false;
    text = foundText;
    const parsed = parseSecretsFile(text);
    for (const { secret } of [...parsed.values()].flat()) registerSecret(secret);
    check?.(parsed);
    secrets = parsed;
    return true;
  };

  const outage = createOutage({
    began: (error) =>
      logger.warn("Secrets file {file} {problem}; the secrets stay as they were", { file, problem: problemOf(error) }),
    kindOf: problemOf,
  });
  try {
    read();
  } catch (cause) {
    throw new Error(`Secrets file ${file} ${(cause as Error).message}`, { cause });
  }
  return () => {
    try {
      if (read()) {
        const webhooks = `${secrets.size} webhook${secrets.size === 1 ? "" : "s"}`;
        logger.info("Secrets file {file} read: it names {webhooks} now", { file, webhooks });
        outage.clear();
      }
    } catch (error) {
      outage.fail(error);
    }
    return secrets;
  };
}

function problemOf(error: unknown): string {
  return error instanceof Error ? error.message : messageOf(error);
}
