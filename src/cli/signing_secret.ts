import { SheethookError } from "../errors.ts";
import { parseSecrets, type SecretPlaces } from "./secrets.ts";
import { readSecretsByWebhook, type SecretsByWebhook, validSecrets } from "../secrets_file/stored_secrets.ts";

/** The signature header, written as Smartsheet's documentation does. */
export const SIGNATURE_HEADER_NAME = "Smartsheet-Hmac-SHA256";

/** What a body can be signed with here. */
export interface SigningSecrets {
  /** The only webhook in the secrets file, if SHEETHOOK_SECRET doesn't hold for every one. */
  readonly onlyWebhookId: number | undefined;
  /**
   * The first secret in SHEETHOOK_SECRET, else the webhook's first one in the secrets file.
   *
   * @throws {SheethookError} `option_invalid` if there is none, with what to do
   */
  readonly secretOf: (webhookId: number | undefined) => string;
  /** The same; undefined if there is none. */
  readonly findSecretOf: (webhookId: number | undefined) => string | undefined;
}

/** @throws {Error} if what is given is broken: see `createSecretsSource` */
export function readSigningSecrets({ environment, file }: SecretPlaces): SigningSecrets {
  const [fromEnvironment] = parseSecrets(environment);
  const byWebhook: SecretsByWebhook = fromEnvironment ? new Map() : readSecretsByWebhook(file);
  const findSecretOf = (webhookId: number | undefined) =>
    fromEnvironment ?? validSecrets(byWebhook.get(webhookId ?? NaN) ?? [], Date.now())[0];
  return {
    findSecretOf,
    onlyWebhookId: byWebhook.size === 1 ? [...byWebhook.keys()][0] : undefined,
    secretOf(webhookId) {
      const secret = findSecretOf(webhookId);
      if (secret) return secret;
      const where = byWebhook.size
        ? `${file} has none for ${webhookId === undefined ? "a body without a webhookId" : `webhook ${webhookId}`}`
        : `SHEETHOOK_SECRET isn't set, and ${file} holds none`;
      const fix = byWebhook.size ? "give one of its ids with --webhook-id, or set SHEETHOOK_SECRET" : "set one of them";
      throw new SheethookError("option_invalid", `No secret to sign with: ${where}; ${fix}`);
    },
  };
}
