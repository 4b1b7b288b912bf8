import { resolve } from "node:path";
import process from "node:process";
import { SheethookError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { markKnowsUnnamed } from "../receive/secrets.ts";
import {
  isOpenToOthers,
  MAX_SECRETS,
  readSecretsFile,
  type SecretsByWebhook,
  stampFile,
  validSecrets,
} from "./secrets_file.ts";

/** What `serve` knows of secrets, always as of now. */
export interface SecretsSource {
  /**
   * What `createReceiver` takes: undefined is not ours, an empty list that no secret is known at all. A body that names
   * no webhook is checked by the secrets that hold for every one.
   */
  readonly find: (webhookId: number | undefined) => readonly string[] | undefined;
  /** The webhooks that the file names, as of now. */
  readonly webhookIds: () => readonly number[];
  /** How many there are and where they come from, never which; undefined while there is none. */
  readonly describe: () => string | undefined;
  /** The absolute path of the secrets file, whether it is there or not. */
  readonly file: string;
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
 * Puts the environment and the file together. The file is looked at on every search, so that a new one is known at
 * once; one that can't be read any more leaves the secrets as they were, and is told once.
 *
 * @throws {SheethookError} `option_invalid`: see {@link parseSecrets}
 * @throws {Error} if the file is there, but broken
 */
export function createSecretsSource(places: SecretPlaces, logger: Logger, now = Date.now): SecretsSource {
  const environment = parseSecrets(places.environment);
  const { file } = places;
  let stamp = "absent";
  let byWebhook: SecretsByWebhook = new Map();

  const read = (): boolean => {
    const found = stampFile(file);
    if (found === stamp) return false;
    stamp = found;
    if (found === "absent") {
      if (byWebhook.size) throw new Error("is gone");
      return false;
    }
    byWebhook = withEnvironment(readSecretsFile(file), environment, now());
    if (isOpenToOthers(file, process.platform)) {
      logger.warn("Secrets file {file} can be read by others: it should have mode 600 (chmod 600)", { file });
    }
    return true;
  };

  const describe = (): string | undefined => {
    const parts: string[] = [];
    if (environment.length) parts.push(`${environment.length} for every webhook from SHEETHOOK_SECRET`);
    if (byWebhook.size) parts.push(`those of ${count(byWebhook.size, "webhook")} from ${file}`);
    return parts.join(", and ") || undefined;
  };

  let trouble = "";
  const refresh = (): void => {
    try {
      if (read()) logger.info("Secrets file read; known now: {known}", { known: describe() ?? "none" });
      trouble = "";
    } catch (error) {
      const problem = (error as Error).message;
      if (problem !== trouble) {
        logger.warn("Secrets file {file} {problem}; the secrets stay as they were", { file, problem });
      }
      trouble = problem;
    }
  };

  try {
    read();
  } catch (cause) {
    throw new Error(`Secrets file ${file} ${(cause as Error).message}`, { cause });
  }
  return {
    find: markKnowsUnnamed((webhookId) => {
      refresh();
      const stored = webhookId !== undefined && byWebhook.get(webhookId);
      if (stored) return validSecrets(stored, now());
      return environment.length || !byWebhook.size ? environment : undefined;
    }),
    webhookIds() {
      refresh();
      return [...byWebhook.keys()];
    },
    describe,
    file,
  };
}

function withEnvironment(byWebhook: SecretsByWebhook, environment: readonly string[], now: number): SecretsByWebhook {
  return new Map([...byWebhook].map(([id, own]) => {
    const others = environment.filter((secret) => !own.some((stored) => stored.secret === secret && !stored.until));
    const secrets = [...own, ...others.map((secret) => ({ secret }))];
    const valid = new Set(validSecrets(secrets, now)).size;
    if (valid <= MAX_SECRETS) return [id, secrets];
    throw new Error(
      `has ${own.length} secrets for webhook ${id}, with SHEETHOOK_SECRET ${valid}: it should be at most ${MAX_SECRETS}`,
    );
  }));
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function invalid(message: string): SheethookError {
  return new SheethookError("option_invalid", message);
}
