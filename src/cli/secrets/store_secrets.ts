import { MAX_SECRETS, type StoredSecret } from "../../secrets_file/stored_secrets.ts";
import type { SecretsStore } from "./store.ts";

/** Stores secrets in front of those that another process may have stored meanwhile: which may be the newer ones. */
export async function storeSecrets(store: SecretsStore, secrets: ReadonlyMap<number, string>): Promise<void> {
  if (!secrets.size) return;
  await store.change((stored) => secrets.forEach((secret, id) => stored.set(id, withSecret(stored.get(id), secret))));
}

/** A webhook's secrets with one more in front. */
function withSecret(stored: readonly StoredSecret[] = [], secret: string): StoredSecret[] {
  return [{ secret }, ...stored.filter((other) => other.secret !== secret)].slice(0, MAX_SECRETS);
}
