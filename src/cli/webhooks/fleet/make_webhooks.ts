import type { Api, CallOptions, Webhook } from "../../../api/api.ts";
import { ApiError } from "../../../api/api_error.ts";
import type { SecretsStore } from "../../secrets/store.ts";
import { isSameUrl, oldestFirst, sameItems } from "../desired_webhook.ts";
import { markOf } from "./mark.ts";
import type { Step } from "./plan.ts";
import { listWebhooks } from "./prepare.ts";

/** A webhook that was made for a step. */
export interface Made {
  readonly step: Step;
  readonly webhook: Webhook;
}

/** Makes the webhook of a step, not enabled yet. @throws {ApiError} if it wasn't made, or if that is unknown */
export async function makeWebhook(
  api: Api,
  fleet: string,
  { sheet, sheetId, columnIds }: Step,
  call: CallOptions,
): Promise<Webhook> {
  const { callbackUrl, events } = sheet!;
  const subscope = columnIds.length ? { subscope: { columnIds } } : {};
  const webhook = { name: markOf(fleet, sheet!), callbackUrl, scopeObjectId: sheetId, events, ...subscope };
  try {
    return await api.webhooks.create(webhook, call);
  } catch (cause) {
    if (!(cause instanceof ApiError) || (cause.code === "api_refused" && cause.status! < 500)) throw cause;
    const toDo = "run it again: it adopts the webhook if it was made";
    throw new ApiError(`${cause.message}; ${toDo}`, { ...cause, toDo }, { cause });
  }
}

/**
 * Deletes those for which another process has made the same at the same time: the one whose secret was stored first stays,
 * or, if none is stored yet, the older one. Each process looks twice, after it has made and after it has stored its own:
 * of two that were made in one second, they might not agree on the older one.
 *
 * @returns what stands for each step; its action is `adopt` where it is the other's
 */
export async function keepOnlyOne(
  api: Api,
  made: readonly Made[],
  store: SecretsStore,
  call: CallOptions,
): Promise<Made[]> {
  const bySheet = Map.groupBy(await listWebhooks(api, call), ({ scopeObjectId }) => scopeObjectId);
  // Read after the list: whatever is stored later comes behind.
  const stored = await store.read();
  const places = new Map([...stored.keys()].map((id, place) => [id, place]));
  const kept: Made[] = [];
  const deleted: number[] = [];
  for (const { step, webhook } of made) {
    const same = oldestFirst(bySheet.get(step.sheetId) ?? []).filter((other) =>
      isSameUrl(other.callbackUrl, step.sheet!.callbackUrl) && other.status !== "DISABLED_APP_REVOKED" &&
      sameItems(other.subscope?.columnIds ?? [], step.columnIds)
    );
    const placeOf = ({ id }: Webhook) => places.get(id) ?? Infinity;
    const chosen = same.reduce((best, other) => placeOf(other) < placeOf(best) ? other : best, same[0] ?? webhook);
    if (chosen.id === webhook.id) kept.push({ step, webhook });
    else {
      await api.webhooks.delete(webhook.id, call);
      deleted.push(webhook.id);
      kept.push({ step: { ...step, action: "adopt" }, webhook: chosen });
    }
  }
  const forgotten = deleted.filter((id) => stored.has(id));
  if (forgotten.length) await store.change((secrets) => forgotten.forEach((id) => secrets.delete(id)));
  return kept;
}
