import type { KnownWebhookStatus } from "../smartsheet/webhook_status.ts";
import { resultOf } from "./answer.ts";
import { unexpectedAnswer } from "./api_error.ts";
import { requireId } from "./ids.ts";
import { type ListOptions, listPages } from "./list_pages.ts";
import type { CallOptions, SendRequest } from "./request.ts";

/** The state of a webhook. Smartsheet may have more states than its documentation. */
export type WebhookStatus = KnownWebhookStatus | (string & Record<never, never>);

/** A webhook. */
export interface Webhook {
  /** The webhook's id. */
  readonly id: number;
  /** Its name. */
  readonly name: string;
  /** Where Smartsheet sends callbacks. */
  readonly callbackUrl: string;
  /** `sheet` or `plan`. */
  readonly scope: string;
  /** The sheet or the plan. */
  readonly scopeObjectId: number;
  /** The columns that it is limited to. */
  readonly subscope?: { readonly columnIds?: readonly number[] } | null;
  /** Patterns, such as `*.*`. */
  readonly events: readonly string[];
  /** Whether callbacks are wanted; whether they are sent, `status` says. */
  readonly enabled: boolean;
  /** What state it is in. */
  readonly status: WebhookStatus;
  /** Why it is disabled, in Smartsheet's words. */
  readonly disabledDetails?: string | null;
  /** Present when it is created; later, maybe. */
  readonly sharedSecret?: string | null;
  /** The times of Smartsheet's last callbacks. */
  readonly stats?: WebhookStats | null;
  /** Smartsheet's version of webhooks: 1. */
  readonly version?: number;
  /** When it was made, ISO 8601. */
  readonly createdAt?: string;
  /** When it was last changed, ISO 8601. */
  readonly modifiedAt?: string;
}

/** The times of Smartsheet's last callbacks. */
export interface WebhookStats {
  /** ISO 8601. */
  readonly lastCallbackAttempt?: string | null;
  /** Retries of that attempt. */
  readonly lastCallbackAttemptRetryCount?: number | null;
  /** ISO 8601. */
  readonly lastSuccessfulCallback?: string | null;
}

/** A webhook to create. */
export interface NewWebhook {
  /** A name for people. */
  readonly name: string;
  /** Where Smartsheet sends callbacks; https, on port 443, 8000, 8008, 8080 or 8443. */
  readonly callbackUrl: string;
  /** What `scopeObjectId` is. @default "sheet" */
  readonly scope?: "sheet" | "plan";
  /** The sheet or the plan. */
  readonly scopeObjectId: number;
  /** Patterns. @default ["*.*"] */
  readonly events?: readonly string[];
  /** Limits events to these columns, and to deleted rows. */
  readonly subscope?: { readonly columnIds: readonly number[] };
  /** For webhooks on plans. */
  readonly customHeaders?: Readonly<Record<string, string>>;
}

/** Changes of a webhook. Its scope can't be changed. */
export interface WebhookChanges {
  /** A new name. */
  readonly name?: string;
  /** A new callback URL, which Smartsheet then verifies. */
  readonly callbackUrl?: string;
  /** New patterns. */
  readonly events?: readonly string[];
  /** True verifies the callback URL and enables it; false disables it. */
  readonly enabled?: boolean;
  /** For webhooks on plans. */
  readonly customHeaders?: Readonly<Record<string, string>>;
}

/** https://developers.smartsheet.com/api/smartsheet/openapi/webhooks */
export interface WebhookCalls {
  /** Every webhook of the token's owner, page by page. */
  list(options?: ListOptions): AsyncGenerator<Webhook, void, undefined>;
  /** One webhook. */
  get(webhookId: number, options?: CallOptions): Promise<Webhook>;
  /** Creates a webhook, not yet enabled, with its `sharedSecret`. Not retried if it may have been created. */
  create(webhook: NewWebhook, options?: CallOptions): Promise<Webhook>;
  /**
   * Changes a webhook. With `enabled: true`, Smartsheet sends a challenge to the callback URL and answers once that is
   * answered: a process that awaits this must be able to answer meanwhile.
   */
  update(webhookId: number, changes: WebhookChanges, options?: CallOptions): Promise<Webhook>;
  /** Deletes it. */
  delete(webhookId: number, options?: CallOptions): Promise<void>;
  /**
   * Replaces the secret: the new one is in use at once. Retried if the answer was lost: another new secret is better than
   * one that nobody knows.
   */
  resetSharedSecret(webhookId: number, options?: CallOptions): Promise<string>;
}

export function createWebhookCalls(send: SendRequest): WebhookCalls {
  const pathOf = (webhookId: number) => `webhooks/${requireId("webhookId", webhookId)}`;
  return {
    list: (options) => listPages<Webhook>(send, { path: "webhooks", options }),
    get: async (id, options) => await send({ method: "GET", path: pathOf(id), options }) as unknown as Webhook,
    async create({ scope = "sheet", events = ["*.*"], ...webhook }, options) {
      const json = { ...webhook, scope, events, version: 1 };
      return resultOf<Webhook>(await send({ method: "POST", path: "webhooks", json, options }));
    },
    update: async (id, json, options) =>
      resultOf<Webhook>(await send({ method: "PUT", path: pathOf(id), json, options })),
    async delete(id, options) {
      await send({ method: "DELETE", path: pathOf(id), options });
    },
    async resetSharedSecret(id, options) {
      const path = `${pathOf(id)}/resetsharedsecret`;
      const answer = await send({ method: "POST", path, repeatable: true, options });
      const { sharedSecret } = resultOf<{ sharedSecret?: unknown }>(answer);
      if (typeof sharedSecret === "string") return sharedSecret;
      throw unexpectedAnswer("The answer has no sharedSecret, but should have one");
    },
  };
}
