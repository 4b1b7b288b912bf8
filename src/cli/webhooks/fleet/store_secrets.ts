import type { Api, Webhook } from "../../../api/api.ts";
import { MAX_SECRETS, type StoredSecret } from "../../../secrets_file/stored_secrets.ts";
import { isSharedSecret } from "../../secrets/rotated_secrets.ts";
import type { SecretsStore } from "../../secrets/store.ts";

/** A webhook's secret; a new one if Smartsheet doesn't show it, and the old one is then invalid. */
export async function readSecret(
  api: Api,
  { id, sharedSecret }: Webhook,
  signal: AbortSignal | undefined,
): Promise<string> {
  return isSharedSecret(sharedSecret) ? sharedSecret : await api.webhooks.resetSharedSecret(id, { signal });
}

/** Stores secrets in front of those that another process may have stored meanwhile: theirs may be the newer ones. */
export async function storeSecrets(store: SecretsStore, secrets: ReadonlyMap<number, string>): Promise<void> {
  if (!secrets.size) return;
  await store.change((stored) => secrets.forEach((secret, id) => stored.set(id, withSecret(stored.get(id), secret))));
}

/** A webhook's secrets with one more in front. */
function withSecret(stored: readonly StoredSecret[] = [], secret: string): StoredSecret[] {
  return [{ secret }, ...stored.filter((other) => other.secret !== secret)].slice(0, MAX_SECRETS);
}
