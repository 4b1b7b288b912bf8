import { apiTimestamp } from "./timestamp.ts";

/** https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-status */
export const WEBHOOK_STATUSES = [
  "ENABLED",
  "NEW_NOT_VERIFIED",
  "DISABLED_BY_OWNER",
  "DISABLED_VERIFICATION_FAILED",
  "DISABLED_CALLBACK_FAILED",
  "DISABLED_EXCEEDED_GRID_LIMITS",
  "DISABLED_SCOPE_INACCESSIBLE",
  "DISABLED_APP_REVOKED",
  "DISABLED_ADMINISTRATIVE",
] as const;

export type WebhookStatus = typeof WEBHOOK_STATUSES[number];

/** A webhook of the account. */
export interface Webhook {
  readonly id: number;
  readonly ownerId: number;
  readonly scope: "sheet" | "plan";
  readonly scopeObjectId: number;
  readonly columnIds: readonly number[] | undefined;
  readonly createdAt: number;
  name: string;
  callbackUrl: string;
  events: readonly string[];
  customHeaders: Readonly<Record<string, string>> | undefined;
  sharedSecret: string;
  status: WebhookStatus;
  disabledDetails: string | undefined;
  modifiedAt: number;
  lastCallbackAttempt: number | undefined;
  lastCallbackAttemptRetryCount: number;
  lastSuccessfulCallback: number | undefined;
}

/** The webhook in API answers. */
export function webhookView(webhook: Webhook): Record<string, unknown> {
  const { columnIds, lastCallbackAttempt, lastSuccessfulCallback } = webhook;
  return {
    id: webhook.id,
    name: webhook.name,
    scope: webhook.scope,
    scopeObjectId: webhook.scopeObjectId,
    ...(columnIds ? { subscope: { columnIds } } : {}),
    ...(webhook.customHeaders ? { customHeaders: webhook.customHeaders } : {}),
    events: webhook.events,
    callbackUrl: webhook.callbackUrl,
    sharedSecret: webhook.sharedSecret,
    enabled: webhook.status === "ENABLED",
    status: webhook.status,
    ...(webhook.disabledDetails ? { disabledDetails: webhook.disabledDetails } : {}),
    version: 1,
    ...(lastCallbackAttempt === undefined ? {} : {
      stats: {
        lastCallbackAttempt: apiTimestamp(lastCallbackAttempt),
        lastCallbackAttemptRetryCount: webhook.lastCallbackAttemptRetryCount,
        ...(lastSuccessfulCallback === undefined
          ? {}
          : { lastSuccessfulCallback: apiTimestamp(lastSuccessfulCallback) }),
      },
    }),
    createdAt: apiTimestamp(webhook.createdAt),
    modifiedAt: apiTimestamp(webhook.modifiedAt),
  };
}
