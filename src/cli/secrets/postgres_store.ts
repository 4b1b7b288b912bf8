import { existsSync } from "node:fs";
import { setInterval } from "node:timers";
import { SheethookError } from "../../errors.ts";
import { postgresSecrets } from "../../inbox/postgres/secrets.ts";
import { parsePostgresUrl } from "../../inbox/postgres/url.ts";
import { registerSecret } from "../../redact.ts";
import {
  parseSecretsFile,
  readSecretsByWebhook,
  type SecretsByWebhook,
  secretsText,
} from "../../secrets_file/stored_secrets.ts";
import { delay } from "../../async/delay.ts";
import { createOutage } from "../../async/outage.ts";
import { countText } from "../terminal/count_text.ts";
import { note } from "../terminal/print.ts";
import { inCliWords } from "../options/cli_words.ts";
import type { FollowedSecrets, FollowOptions, SecretsStore } from "./store.ts";

/** For how long secrets that were read count as current. */
const AGAIN_MS = 1_000;
/** A timer may fire a little early, or a clock run a little faster elsewhere. */
const MARGIN_MS = 100;
/** How long to wait for Postgres before the known secrets are used. */
const PATIENCE_MS = 1_000;
/** How often secrets are read between look-ups. */
const POLL_MS = 10_000;

/**
 * The secrets in the Postgres inbox, for every machine that uses it, in the format of the secrets file. While they are
 * empty, the first command that writes copies the secrets file into it.
 *
 * @param key SHEETHOOK_SECRETS_KEY
 * @param file the secrets file's absolute path; it may not be there
 * @throws {SheethookError} `option_invalid` for a key that is too short, or a URL that can't be read
 */
export function postgresSecretsStore(url: string, key: string, file: string): SecretsStore {
  const stored = postgresSecrets(url, key);
  const name = `Postgres at ${parsePostgresUrl(url).name}`;
  const polls: NodeJS.Timeout[] = [];

  function parse(text: string | undefined): SecretsByWebhook {
    try {
      return text === undefined ? new Map() : parseSecretsFile(text);
    } catch (cause) {
      throw new Error(`The record of secrets in ${name} ${(cause as Error).message}`, { cause });
    }
  }

  return {
    name,
    file: undefined,
    read: async () => parse(await stored.read()),

    async requireWritable() {
      let secrets: SecretsByWebhook = new Map();
      let copied = 0;
      await stored.write((text) => {
        secrets = parse(text);
        copied = 0;
        if (!secrets.size && existsSync(file)) {
          secrets = readSecretsByWebhook(file);
          copied = secrets.size;
        }
        return secretsText(secrets);
      });
      if (copied) {
        note(
          `copied the secrets of ${countText(copied, "webhook")} from ${file} into ${name}, which is used from now on`,
        );
      }
      return secrets;
    },

    async change(change) {
      await stored.write((text) => {
        const secrets = new Map(parse(text));
        change(secrets);
        return secretsText(secrets);
      });
      // A serve that looked just before answers by what it saw then; for the challenge of a new webhook that is too old.
      await delay(AGAIN_MS + MARGIN_MS);
    },

    async follow(options) {
      const followed = await follow(stored.read, parse, { name, ...options });
      polls.push(setInterval(() => void followed.latest(), POLL_MS).unref());
      if (existsSync(file)) {
        const hint = followed.known().size
          ? ""
          : "; none is stored yet: `sheethook webhooks create` or `rotate`, with that key, copies the file into it";
        options.logger.warn(
          `secrets file {file} is ignored: SHEETHOOK_SECRETS_KEY is set, so the secrets are in {store}${hint}`,
          { file, store: name },
        );
      }
      return followed;
    },

    async close() {
      polls.forEach(clearInterval);
      await stored.close();
    },
  };
}

/** @param read returns undefined if nothing has been stored yet */
async function follow(
  read: () => Promise<string | undefined>,
  parse: (text: string | undefined) => SecretsByWebhook,
  { name, logger, check }: FollowOptions & { readonly name: string },
): Promise<FollowedSecrets> {
  let secrets: SecretsByWebhook = new Map();
  let text: string | undefined;
  const outage = createOutage({
    began: (error) => {
      const problem = (inCliWords(error) as Error).message;
      logger.warn("Secrets can't be read: {problem}; they stay as they were", { problem });
    },
  });
  let reading: Promise<void> | undefined;
  let lookUp: Promise<SecretsByWebhook> | undefined;
  let readAt = performance.now();

  /** @returns whether the secrets have changed */
  async function readAgain(): Promise<boolean> {
    const found = await read();
    if (found === text && !outage.isOn) return false;
    if (found === undefined && text !== undefined) throw new Error(`${name} has no secrets any more`);
    const parsed = parse(found);
    for (const { secret } of [...parsed.values()].flat()) registerSecret(secret);
    check?.(parsed);
    secrets = parsed;
    text = found;
    outage.clear();
    return true;
  }

  async function readAndLog(): Promise<void> {
    try {
      if (!await readAgain()) return;
      const count = countText(secrets.size, "webhook");
      logger.info("Secrets in {store} read: they name {webhooks} now", { store: name, webhooks: count });
    } catch (error) {
      outage.fail(error);
    } finally {
      reading = undefined;
    }
  }

  async function readInTime(): Promise<SecretsByWebhook> {
    readAt = performance.now();
    const isRead = new AbortController();
    reading ??= readAndLog();
    await Promise.race([reading, delay(PATIENCE_MS, isRead.signal)]);
    isRead.abort();
    lookUp = undefined;
    return secrets;
  }

  await readAgain().catch((error) => {
    // An unreachable Postgres comes back, as for the inbox.
    if (!(error instanceof SheethookError && error.code === "inbox_away")) throw error;
    outage.fail(error);
  });
  return {
    known: () => secrets,
    latest: () => lookUp ?? (performance.now() - readAt < AGAIN_MS ? secrets : lookUp = readInTime()),
  };
}
