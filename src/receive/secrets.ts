import { SheethookError } from "../errors.ts";
import { registerSecret } from "../redact.ts";
import { isThenable } from "../thenable.ts";
import { parseId } from "../smartsheet/ids.ts";

/**
 * The shared secrets of the webhooks: one for all, several for all, by webhook id, or a function, which may read them
 * from elsewhere. A function that returns undefined (or null) says that the webhook isn't ours (403), an empty list that it is
 * but that its secret isn't known yet (challenges are answered, callbacks get 503). At most 10 for a webhook.
 */
export type Secrets =
  | string
  | readonly string[]
  | { readonly [webhookId: string]: string | readonly string[] }
  | ((webhookId: number) => SecretsOfWebhook | Promise<SecretsOfWebhook>)
  | SecretsFinder;

/** Finds secrets, as a function does, and is asked about a body that names no webhook, too: for secrets of all webhooks. */
export interface SecretsFinder {
  /** The secrets of one webhook, or, for undefined, those that hold for every one. */
  find(webhookId: number | undefined): SecretsOfWebhook | Promise<SecretsOfWebhook>;
  /** Tells it apart from secrets by webhook id. */
  readonly knowsUnnamed: true;
}

/** What a function given as `secrets` may return. */
export type SecretsOfWebhook = string | readonly string[] | null | undefined;

/** Where the secrets of webhooks are found. */
export interface SecretSource {
  /** Secrets of every webhook, which are known without looking into a body. Undefined where they depend on the webhook. */
  readonly ofAll: readonly string[] | undefined;
  /** The secrets of one webhook, or of a body that names none. Undefined means that it isn't ours. */
  find(webhookId: number | undefined): readonly string[] | undefined | Promise<readonly string[] | undefined>;
}

/**
 * Checks what can be checked at once, and returns where secrets are found.
 *
 * @throws {SheethookError} `option_invalid` for no secret, an empty or blank one, more than 10, or a key that is no id
 */
export function createSecretSource(secrets: Secrets): SecretSource {
  // A function looks an id up: it is never asked without one.
  if (typeof secrets === "function") return createAskingSource((id) => id === undefined ? undefined : secrets(id));
  if (isFinder(secrets)) return createAskingSource((webhookId) => secrets.find(webhookId));
  if (typeof secrets === "string" || Array.isArray(secrets)) {
    const list = checkSecrets("secrets", secrets as string | readonly string[]);
    return { ofAll: list, find: () => list };
  }
  const byId = new Map<number | undefined, readonly string[]>(
    Object.entries(secrets).map(([key, value]) => {
      const id = parseId(key);
      if (id !== undefined) return [id, checkSecrets(`secrets[${key}]`, value)];
      throw secretsError("secrets", "has a key that is no webhook id");
    }),
  );
  if (!byId.size) throw secretsError("secrets", "holds none");
  return { ofAll: undefined, find: (webhookId) => byId.get(webhookId) };
}

function isFinder(secrets: Secrets): secrets is SecretsFinder {
  return (secrets as Partial<SecretsFinder> | null)?.knowsUnnamed === true;
}

function createAskingSource(ask: SecretsFinder["find"]): SecretSource {
  const check = (webhookId: number | undefined, found: SecretsOfWebhook) =>
    found == null ? undefined : checkSecrets(`secrets(${webhookId})`, found, 0);
  return {
    ofAll: undefined,
    find(webhookId) {
      const found = ask(webhookId);
      return isThenable(found)
        ? Promise.resolve(found).then((found) => check(webhookId, found))
        : check(webhookId, found);
    },
  };
}

function checkSecrets(name: string, value: string | readonly string[], min = 1): readonly string[] {
  const list = typeof value === "string" ? [value] : value;
  const items: readonly unknown[] = Array.isArray(list) ? list : [list];
  if (items.some((item) => typeof item === "object" && item !== null)) {
    throw secretsError(
      name,
      'holds an object; {"secret", "until"} is for a secrets file, which secretsFile(path) of "sheethook/secrets-file" reads',
    );
  }
  if (!Array.isArray(list) || list.length < min || list.length > 10) {
    throw secretsError(name, `isn't a secret, or ${min} to 10 of them`);
  }
  if (!list.every((secret) => typeof secret === "string" && secret.trim())) {
    throw secretsError(name, "holds an empty or blank secret");
  }
  for (const secret of list) registerSecret(secret);
  return [...list];
}

/** Never says what was given: it may be a secret in the wrong place. */
function secretsError(name: string, problem: string): SheethookError {
  return new SheethookError(
    "option_invalid",
    `${name} ${problem}: give the webhook's sharedSecret, or those by webhook id`,
  );
}
