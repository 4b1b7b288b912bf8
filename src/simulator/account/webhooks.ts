import type { Activity } from "../delivery/activity.ts";
import { ApiError, notFound } from "../http/api_error.ts";
import { createDeliveries, type Deliveries } from "../delivery/deliveries.ts";
import type { DeliveryLog } from "../delivery/log.ts";
import { type Actor, type Change, eventsOf, type WebhookEvent } from "./event.ts";
import type { SimulatorSettings } from "../options.ts";
import { collapse, subscribedEvents } from "./subscription.ts";
import { eventTimestamp } from "../timestamp.ts";
import type { Webhook, WebhookStatus } from "./webhook.ts";
import type { NewWebhook, WebhookChange } from "../http/webhook_body.ts";

/** Per plan. */
const MAX_WEBHOOKS = 100;

/** What webhooks need to know of the objects that they watch. */
export interface Scopes {
  has(scope: "sheet" | "plan", id: number): boolean;
  isOverGridLimits(id: number): boolean;
}

/** The webhooks of the account. */
export interface Webhooks {
  create(webhook: NewWebhook, ownerId: number): Webhook;
  /** @throws {ApiError} 1006 */
  get(id: number, ownerId?: number): Webhook;
  /** Newest first. */
  list(ownerId: number): Webhook[];
  /** Resolves when the challenge, if this makes for one, is answered. */
  update(webhook: Webhook, change: WebhookChange): Promise<void>;
  delete(webhook: Webhook): void;
  resetSecret(webhook: Webhook): string;
  setStatus(webhook: Webhook, status: WebhookStatus, why?: string): void;
  /** Something happened to an object. @returns how many events that makes */
  publish(scopeObjectId: number, changes: readonly Change[], actor: Actor): number;
  /** The object grew too large, is gone, or is back. */
  setScopeStatus(scopeObjectId: number, from: WebhookStatus, to: WebhookStatus): void;
  readonly deliveries: Deliveries;
}

export function createWebhooks(
  settings: SimulatorSettings,
  log: DeliveryLog,
  activity: Activity,
  scopes: Scopes,
): Webhooks {
  const { random, now, assumptions } = settings;
  const webhooks = new Map<number, Webhook>();
  const deliveries = createDeliveries(settings, log, activity, (webhook, status, why) => {
    // It may have been disabled for a better reason while a callback was on its way.
    if (webhook.status === "ENABLED") setStatus(webhook, status, why);
  });

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
    // The only two that are announced; every other way of being disabled has to be asked for.
    if (status === "DISABLED_SCOPE_INACCESSIBLE" && before === "ENABLED") deliveries.announce(webhook, status);
    if (status === "ENABLED" && before === "DISABLED_SCOPE_INACCESSIBLE") deliveries.announce(webhook, status);
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
    // The one comes back by itself, the other when the sheet is smaller.
    if (webhook.status === "DISABLED_SCOPE_INACCESSIBLE") return;
    if (webhook.status === "DISABLED_EXCEEDED_GRID_LIMITS" && scopes.isOverGridLimits(webhook.scopeObjectId)) return;
    await verify(webhook);
  }

  async function verify(webhook: Webhook): Promise<void> {
    const failure = await deliveries.verify(webhook);
    if (!webhooks.has(webhook.id)) throw notFound();
    if (failure === undefined) return setStatus(webhook, "ENABLED");
    // Tried in vain once more: the details are new ones.
    if (webhook.status === "DISABLED_VERIFICATION_FAILED") webhook.status = "NEW_NOT_VERIFIED";
    setStatus(webhook, "DISABLED_VERIFICATION_FAILED", failure);
  }

  return {
    create({ columnIds, customHeaders, ...webhook }, ownerId) {
      if (!scopes.has(webhook.scope, webhook.scopeObjectId)) {
        const message = `Scope '${webhook.scope}', object id ${webhook.scopeObjectId} was not found.`;
        throw new ApiError(400, 1151, message);
      }
      if (webhooks.size >= MAX_WEBHOOKS) {
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
    publish(scopeObjectId, changes, actor) {
      const timestamp = eventTimestamp(now(), assumptions.timestampFormat);
      const events: WebhookEvent[] = eventsOf(changes, actor, timestamp);
      for (const webhook of collapse(webhooks.values(), scopeObjectId, assumptions)) {
        const subscribed = subscribedEvents(webhook, events);
        if (subscribed.length) deliveries.enqueue(webhook, subscribed);
      }
      return events.length;
    },
    setScopeStatus(scopeObjectId, from, to) {
      for (const webhook of webhooks.values()) {
        if (webhook.scopeObjectId === scopeObjectId && webhook.status === from) setStatus(webhook, to);
      }
    },
    deliveries,
  };
}
