import type { Api, Webhook } from "../../api/api.ts";
import { ApiError } from "../../api/api_error.ts";
import type { SecretsStore } from "../secrets/store.ts";

/** What is wanted. */
export interface WantedWebhook {
  readonly name?: string;
  readonly events?: readonly string[];
  readonly columns?: readonly number[];
  readonly sheetId: number;
  readonly callbackUrl: string;
}

/** One that does the same: Smartsheet would send the callbacks of two only once anyway, by the older. */
export async function findWebhook(
  api: Api,
  { sheetId, callbackUrl, columns = [] }: WantedWebhook,
  store: Pick<SecretsStore, "read">,
): Promise<Webhook | undefined> {
  const same = (await Array.fromAsync(api.webhooks.list())).filter((webhook) =>
    webhook.scope === "sheet" && webhook.scopeObjectId === sheetId && isSameUrl(webhook.callbackUrl, callbackUrl) &&
    sameItems(webhook.subscope?.columnIds ?? [], columns) && webhook.status !== "DISABLED_APP_REVOKED"
  );
  const oldest = same.toSorted((a, b) => (a.createdAt ?? "").localeCompare(b.createdAt ?? "") || a.id - b.id);
  const known = await store.read();
  return oldest.find(({ id }) => known.has(id)) ?? oldest[0];
}

/**
 * Makes it, not enabled yet; takes it back if somebody else has made the same at the same time.
 *
 * @throws {Error} if it was not made, or nobody knows, or it was taken back
 */
export async function makeOnlyWebhook(
  api: Api,
  wanted: WantedWebhook,
  store: Pick<SecretsStore, "read">,
): Promise<Webhook> {
  const made = await makeWebhook(api, wanted);
  const kept = await findWebhook(api, wanted, store);
  if (!kept || kept.id === made.id) return made;
  await api.webhooks.delete(made.id);
  throw new Error(
    `Webhook ${kept.id}, which does the same, was made at the same time, so this one was deleted: the same command adopts that one`,
  );
}

async function makeWebhook(
  api: Api,
  { name = "sheethook", callbackUrl, sheetId, events, columns }: WantedWebhook,
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
    throw new Error(`${cause.message}; the same command adopts it, if it was made`, { cause });
  }
}

function isSameUrl(a: string, b: string): boolean {
  return (URL.parse(a)?.href ?? a) === b;
}

/** True for the same items, in whatever order. */
export function sameItems<Item>(a: readonly Item[], b: readonly Item[]): boolean {
  return new Set([...a, ...b]).size === new Set(a).size && new Set(a).size === new Set(b).size;
}
