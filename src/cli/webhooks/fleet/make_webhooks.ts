import type { Api, Webhook } from "../../../api/api.ts";
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
  signal: AbortSignal | undefined,
): Promise<Webhook> {
  const { callbackUrl, events } = sheet!;
  const subscope = columnIds.length ? { subscope: { columnIds } } : {};
  const webhook = { name: markOf(fleet, sheet!), callbackUrl, scopeObjectId: sheetId, events, ...subscope };
  try {
    return await api.webhooks.create(webhook, { signal });
  } catch (cause) {
    if (!(cause instanceof ApiError) || (cause.code === "api_refused" && cause.status! < 500)) throw cause;
    const toDo = "run it again: it adopts the webhook if it was made";
    throw new ApiError(`${cause.message}; ${toDo}`, { ...cause, toDo }, { cause });
  }
}

/**
 * Deletes those for which another process has made the same at the same time. Both look only after they have made theirs,
 * and both keep the older one.
 *
 * @returns what stands for each step; its action is `adopt` where it is the other's
 */
export async function keepOnlyOne(
  api: Api,
  made: readonly Made[],
  store: Pick<SecretsStore, "read">,
  signal: AbortSignal | undefined,
): Promise<Made[]> {
  const bySheet = Map.groupBy(await listWebhooks(api, signal), ({ scopeObjectId }) => scopeObjectId);
  const known = await store.read();
  const kept: Made[] = [];
  for (const { step, webhook } of made) {
    const same = oldestFirst(bySheet.get(step.sheetId) ?? []).filter((other) =>
      isSameUrl(other.callbackUrl, step.sheet!.callbackUrl) && other.status !== "DISABLED_APP_REVOKED" &&
      sameItems(other.subscope?.columnIds ?? [], step.columnIds)
    );
    const chosen = same.find(({ id }) => known.has(id)) ?? same[0];
    if (!chosen || chosen.id === webhook.id) kept.push({ step, webhook });
    else {
      await api.webhooks.delete(webhook.id, { signal });
      kept.push({ step: { ...step, action: "adopt" }, webhook: chosen });
    }
  }
  return kept;
}
