import type { Api, Webhook } from "../../api/api.ts";
import { ApiError } from "../../api/api_error.ts";
import type { SecretsStore } from "../secrets/store.ts";

/** A webhook as `webhooks create` is asked for. */
export interface DesiredWebhook {
  readonly name?: string;
  readonly events?: readonly string[];
  readonly columns?: readonly number[];
  readonly sheetId: number;
  readonly callbackUrl: string;
}

/** Finds a webhook that does the same. Of two, Smartsheet sends the callbacks once, for the older. */
export async function findWebhook(
  api: Api,
  desired: DesiredWebhook,
  store: Pick<SecretsStore, "read">,
): Promise<Webhook | undefined> {
  const oldest = oldestFirst(await listSame(api, desired));
  const known = await store.read();
  return oldest.find(({ id }) => known.has(id)) ?? oldest[0];
}

async function listSame(api: Api, { sheetId, callbackUrl, columns = [] }: DesiredWebhook): Promise<Webhook[]> {
  return (await Array.fromAsync(api.webhooks.list())).filter((webhook) =>
    webhook.scope === "sheet" && webhook.scopeObjectId === sheetId && isSameUrl(webhook.callbackUrl, callbackUrl) &&
    sameItems(webhook.subscope?.columnIds ?? [], columns) && webhook.status !== "DISABLED_APP_REVOKED"
  );
}

/**
 * Deletes a webhook that was created, and its secret, if another process has created the same and stored its secret first: each
 * looks after it has stored its own, so one of them stays.
 *
 * @throws {Error} if it was deleted
 */
export async function keepFirst(
  api: Api,
  desired: DesiredWebhook,
  created: Webhook,
  store: SecretsStore,
): Promise<void> {
  const same = new Set((await listSame(api, desired)).map(({ id }) => id));
  // Those that are added later come behind.
  const first = [...(await store.read()).keys()].find((id) => same.has(id));
  if (first === undefined || first === created.id) return;
  await api.webhooks.delete(created.id);
  await store.change((secrets) => void secrets.delete(created.id));
  throw deletedAgain(first);
}

function deletedAgain(keptId: number): Error {
  return new Error(
    `Webhook ${keptId} does the same and was created at the same time, so this one was deleted: repeat the command to adopt that one`,
  );
}

/**
 * Creates the webhook, not enabled yet; deletes it again if another process has created the same at the same time.
 *
 * @throws {Error} if it wasn't created, if that is unknown, or if it was deleted again
 */
export async function createOnlyWebhook(
  api: Api,
  desired: DesiredWebhook,
  store: Pick<SecretsStore, "read">,
): Promise<Webhook> {
  const created = await createWebhook(api, desired);
  const kept = await findWebhook(api, desired, store);
  if (!kept || kept.id === created.id) return created;
  await api.webhooks.delete(created.id);
  throw deletedAgain(kept.id);
}

async function createWebhook(
  api: Api,
  { name = "sheethook", callbackUrl, sheetId, events, columns }: DesiredWebhook,
): Promise<Webhook> {
  const webhook = { name, callbackUrl, scopeObjectId: sheetId };
  try {
    return await api.webhooks.create({
      ...webhook,
      ...(events && { events }),
      ...(columns && { subscope: { columnIds: columns } }),
    });
  } catch (cause) {
    if (!(cause instanceof ApiError) || (cause.code === "api_refused" && cause.status! < 500)) throw cause;
    throw new Error(`${cause.message}; repeat the command: it adopts the webhook if it was created`, { cause });
  }
}

/** Webhooks as a list has them, which begins with the newest: times alone have whole seconds. */
export function oldestFirst(listed: readonly Webhook[]): Webhook[] {
  return listed.toReversed().toSorted((a, b) => (a.createdAt ?? "").localeCompare(b.createdAt ?? ""));
}

/** Whether a webhook's URL is this one. @param b as URL.href has it */
export function isSameUrl(a: string, b: string): boolean {
  return (URL.parse(a)?.href ?? a) === b;
}

/** Whether both hold the same items, in any order. */
export function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return new Set([...a, ...b]).size === new Set(a).size && new Set(a).size === new Set(b).size;
}
