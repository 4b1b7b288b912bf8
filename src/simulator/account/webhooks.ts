import type { Activity } from "../delivery/activity.ts";
import { ApiError, notFound } from "../api_error.ts";
import { createDeliveries, type Deliveries } from "../delivery/deliveries.ts";
import type { DeliveryLog } from "../delivery/log.ts";
import { type Actor, type Change, eventsOf } from "../event.ts";
import type { SimulatorSettings } from "../options.ts";
import { isOverGridLimits } from "./sheet.ts";
import { accessOf, type Sheets } from "./sheets.ts";
import { collapse, subscribedEvents } from "./subscription.ts";
import { eventTimestamp } from "../timestamp.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** With the scope of one plan; a sheet may have 100,000. */
const MAX_PLAN_WEBHOOKS = 100;

/** The body of `POST /webhooks`, checked except for whether its object exists. */
export interface NewWebhook {
  readonly name: string;
  readonly callbackUrl: string;
  readonly scope: "sheet" | "plan";
  readonly scopeObjectId: number;
  readonly events: readonly string[];
  readonly columnIds: readonly number[] | undefined;
  readonly customHeaders: Readonly<Record<string, string>> | undefined;
}

/** The body of `PUT /webhooks/{id}`, checked. */
export interface WebhookChange {
  readonly name?: string;
  readonly callbackUrl?: string;
  readonly events?: readonly string[];
  readonly enabled?: boolean;
  readonly customHeaders?: Readonly<Record<string, string>>;
}

/** The webhooks of the account. */
export interface Webhooks {
  create(webhook: NewWebhook, ownerId: number): Webhook;
  /** @throws {ApiError} 1006 */
  get(id: number, ownerId?: number): Webhook;
  /** Newest first. */
  list(ownerId: number): Webhook[];
  /** Resolves when a challenge, if the change needs one, is answered. */
  update(webhook: Webhook, change: WebhookChange): Promise<void>;
  delete(webhook: Webhook): void;
  resetSecret(webhook: Webhook): string;
  setStatus(webhook: Webhook, status: WebhookStatus, why?: string): void;
  /** Makes a webhook, or all of a sheet, send no callbacks although enabled. @throws {ApiError} 1006 */
  setSilent(id: number, isSilent: boolean): void;
  /** Sends the events of one change of an object to its webhooks. */
  publish(scopeObjectId: number, changes: readonly Change[], actor: Actor): void;
  readonly deliveries: Deliveries;
}

export function createWebhooks({ settings, planId, sheets, log, activity }: {
  readonly settings: SimulatorSettings;
  readonly planId: number;
  readonly sheets: Sheets;
  readonly log: DeliveryLog;
  readonly activity: Activity;
}): Webhooks {
  const { random, now, assumptions } = settings;
  const webhooks = new Map<number, Webhook>();
  /** Ids of webhooks and sheets. */
  const silent = new Set<number>();
  const deliveries = createDeliveries(settings, log, activity, (webhook, status, why) => {
    // It may have been disabled for another reason while a callback was in flight.
    if (webhook.status === "ENABLED") setStatus(webhook, status, why);
  });

  const isSilent = ({ id, scopeObjectId }: Webhook) => silent.has(id) || silent.has(scopeObjectId);
  const newSecret = () => random.text(random.next() < 0.5 ? 25 : 26);

  function setStatus(webhook: Webhook, status: WebhookStatus, why?: string): void {
    const before = webhook.status;
    if (before === status) return;
    webhook.status = status;
    webhook.modifiedAt = now();
    webhook.disabledDetails = status === "ENABLED" || why === undefined
      ? undefined
      : `${why} (ref id: ${random.text(6)})`;
    settings.onStatus(webhook.id, status, why);
    if (status !== "ENABLED") deliveries.drop(webhook, false);
    // Only these two changes send a status callback; others show in the API alone.
    const isAnnounced = (status === "DISABLED_SCOPE_INACCESSIBLE" && before === "ENABLED") ||
      (status === "ENABLED" && before === "DISABLED_SCOPE_INACCESSIBLE");
    if (isAnnounced && !isSilent(webhook)) deliveries.announce(webhook, status);
  }

  async function enable(webhook: Webhook): Promise<void> {
    if (webhook.status === "DISABLED_APP_REVOKED") {
      const message = "This webhook cannot be enabled because access was revoked for the application that created it.";
      throw new ApiError(403, 1153, message);
    }
    if (webhook.status === "DISABLED_ADMINISTRATIVE") {
      throw new ApiError(403, 1154, "Please contact Support in order to enable this webhook.");
    }
    if (webhook.status === "DISABLED_VERIFICATION_FAILED" && assumptions.failedVerification === "stays") return;
    // The first can't be enabled by hand, the second only once the sheet is smaller.
    if (webhook.status === "DISABLED_SCOPE_INACCESSIBLE") return;
    const { scopeObjectId } = webhook;
    const isTooLarge = sheets.has(scopeObjectId) && isOverGridLimits(sheets.get(scopeObjectId));
    if (webhook.status === "DISABLED_EXCEEDED_GRID_LIMITS" && isTooLarge) return;
    await verify(webhook);
  }

  async function verify(webhook: Webhook): Promise<void> {
    const failure = await deliveries.verify(webhook);
    if (!webhooks.has(webhook.id)) throw notFound();
    if (failure === undefined) return setStatus(webhook, "ENABLED");
    // Failed again: setStatus() should write new details.
    if (webhook.status === "DISABLED_VERIFICATION_FAILED") webhook.status = "NEW_NOT_VERIFIED";
    setStatus(webhook, "DISABLED_VERIFICATION_FAILED", failure);
  }

  function publish(scopeObjectId: number, changes: readonly Change[], actor: Actor): void {
    const events = eventsOf(changes, actor, eventTimestamp(now(), assumptions.timestampFormat));
    for (const webhook of collapse(webhooks.values(), scopeObjectId, assumptions)) {
      const subscribed = subscribedEvents(webhook, events);
      if (subscribed.length && !isSilent(webhook)) deliveries.enqueue(webhook, subscribed);
    }
  }

  function disableAll(scopeObjectId: number, status: WebhookStatus): void {
    for (const webhook of webhooks.values()) {
      if (webhook.scopeObjectId === scopeObjectId && webhook.status === "ENABLED") setStatus(webhook, status);
    }
  }

  sheets.listen({
    changed(sheet, changes, actor) {
      publish(sheet.id, changes, actor);
      if (isOverGridLimits(sheet)) disableAll(sheet.id, "DISABLED_EXCEEDED_GRID_LIMITS");
    },
    deleted: ({ id }) => disableAll(id, "DISABLED_SCOPE_INACCESSIBLE"),
    accessChanged(sheet, userId) {
      const [from, to] = accessOf(sheet, userId) === "NONE"
        ? ["ENABLED", "DISABLED_SCOPE_INACCESSIBLE"] as const
        : ["DISABLED_SCOPE_INACCESSIBLE", "ENABLED"] as const;
      for (const webhook of webhooks.values()) {
        if (webhook.scopeObjectId !== sheet.id || webhook.ownerId !== userId) continue;
        if (webhook.status === from) setStatus(webhook, to);
      }
    },
  });

  return {
    create({ columnIds, customHeaders, ...webhook }, ownerId) {
      const { scope, scopeObjectId: id } = webhook;
      const isThere = sheets.has(id) && accessOf(sheets.get(id), ownerId) !== "NONE";
      if (!(scope === "plan" ? id === planId : isThere)) {
        const message = `Scope '${scope}', object id ${id} was not found.`;
        throw new ApiError(400, 1151, message);
      }
      if (
        scope === "plan" && [...webhooks.values()].filter(({ scope }) => scope === "plan").length >= MAX_PLAN_WEBHOOKS
      ) {
        const message =
          "The operation you are attempting to perform is not supported by your plan: it has 100 webhooks.";
        throw new ApiError(403, 1013, message);
      }
      const created: Webhook = {
        ...webhook,
        id: random.id(),
        ownerId,
        columnIds,
        customHeaders,
        sharedSecret: newSecret(),
        status: "NEW_NOT_VERIFIED",
        disabledDetails: undefined,
        createdAt: now(),
        modifiedAt: now(),
        lastCallbackAttempt: undefined,
        lastCallbackAttemptRetryCount: 0,
        lastSuccessfulCallback: undefined,
      };
      webhooks.set(created.id, created);
      return created;
    },
    get(id, ownerId) {
      const webhook = webhooks.get(id);
      if (!webhook || (ownerId !== undefined && webhook.ownerId !== ownerId)) throw notFound();
      return webhook;
    },
    list: (ownerId) => [...webhooks.values()].filter((webhook) => webhook.ownerId === ownerId).reverse(),
    async update(webhook, { enabled, ...change }) {
      const isNewUrl = change.callbackUrl !== undefined && change.callbackUrl !== webhook.callbackUrl;
      Object.assign(webhook, change, { modifiedAt: now() });
      if (enabled === false && webhook.status === "ENABLED") setStatus(webhook, "DISABLED_BY_OWNER");
      if (webhook.status === "ENABLED") {
        if (isNewUrl && assumptions.changedUrl === "challenge") await verify(webhook);
      } else if (enabled) await enable(webhook);
    },
    delete(webhook) {
      webhooks.delete(webhook.id);
      deliveries.drop(webhook, true);
    },
    resetSecret(webhook) {
      webhook.modifiedAt = now();
      return webhook.sharedSecret = newSecret();
    },
    setStatus,
    setSilent(id, isNow) {
      if (!webhooks.has(id) && !sheets.has(id)) throw notFound();
      if (!isNow) return void silent.delete(id);
      silent.add(id);
      for (const webhook of webhooks.values()) if (isSilent(webhook)) deliveries.drop(webhook, false);
    },
    publish,
    deliveries,
  };
}
