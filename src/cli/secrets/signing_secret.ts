import { type SecretsByWebhook, validSecrets } from "../../secrets_file/stored_secrets.ts";
import { usageError } from "../terminal/usage_error.ts";
import { parseSecrets, secretSources } from "./secrets.ts";
import { withSecretsStore } from "./store.ts";

/** The secrets that bodies can be signed with. */
export interface SigningSecrets {
  /** The webhook that was stored last; undefined if there is none, or SHEETHOOK_SECRET is set. */
  readonly lastWebhookId: number | undefined;
  /**
   * The first secret in SHEETHOOK_SECRET, else the webhook's first one in the store.
   *
   * @throws {SheethookError} `option_invalid` if there is none, with what to do
   */
  readonly secretOf: (webhookId: number | undefined) => string;
  /** The same; undefined if there is none. */
  readonly findSecretOf: (webhookId: number | undefined) => string | undefined;
}

/**
 * @param inboxUrl the value of `--inbox`
 * @throws {Error} if the secrets can't be read: see `createSecretsSource`
 */
export async function readSigningSecrets(inboxUrl: string): Promise<SigningSecrets> {
  const [fromEnvironment] = parseSecrets(secretSources().environment);
  const { name, byWebhook } = await withSecretsStore(inboxUrl, async (store) => {
    const byWebhook: SecretsByWebhook = fromEnvironment ? new Map() : await store.read();
    return { name: store.name, byWebhook };
  });
  const findSecretOf = (webhookId: number | undefined) =>
    fromEnvironment ?? validSecrets(byWebhook.get(webhookId ?? NaN) ?? [], Date.now())[0];
  return {
    findSecretOf,
    lastWebhookId: [...byWebhook.keys()].at(-1),
    secretOf(webhookId) {
      const secret = findSecretOf(webhookId);
      if (secret) return secret;
      const where = byWebhook.size
        ? `${name} has none for ${webhookId === undefined ? "a body without a webhookId" : `webhook ${webhookId}`}`
        : `SHEETHOOK_SECRET isn't set, and ${name} holds none`;
      const fix = byWebhook.size ? "give one of its ids with --webhook-id, or set SHEETHOOK_SECRET" : "set one of them";
      throw usageError(`No secret to sign with: ${where}; ${fix}`);
    },
  };
}
