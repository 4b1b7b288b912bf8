import type { WebhookEvent } from "../event.ts";
import type { SimulatorSettings } from "../options.ts";
import { sign } from "./sign.ts";
import { callbackTimestamp } from "../timestamp.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** A callback that is sent until it succeeds. */
export interface Callback {
  readonly webhook: Webhook;
  readonly newWebhookStatus?: WebhookStatus;
  events?: WebhookEvent[];
  nonce: string;
  timestamp: string;
}

export function createCallback(
  webhook: Webhook,
  what: { events: WebhookEvent[] } | { newWebhookStatus: WebhookStatus },
  settings: SimulatorSettings,
): Callback {
  return { webhook, nonce: settings.random.uuid(), timestamp: timestampNow(settings), ...what };
}

/** Prepares the next attempt. */
export function renew(callback: Callback, settings: SimulatorSettings): void {
  if (settings.assumptions.retryNonce === "new") callback.nonce = settings.random.uuid();
  if (settings.assumptions.retryTimestamp === "new") callback.timestamp = timestampNow(settings);
}

/** The body and its headers, with the signature. */
export async function encode(
  { webhook, nonce, timestamp, events, newWebhookStatus }: Callback,
  { assumptions }: SimulatorSettings,
): Promise<{ body: Uint8Array<ArrayBuffer>; headers: Record<string, string> }> {
  const { id, scope, scopeObjectId, sharedSecret, customHeaders } = webhook;
  const text = JSON.stringify({ nonce, timestamp, webhookId: id, scope, scopeObjectId, newWebhookStatus, events });
  const body = new TextEncoder().encode(text);
  const signature = await sign(body, sharedSecret, assumptions.signatureZeros);
  return { body, headers: { ...customHeaders, "Smartsheet-Hook-Id": String(id), "Smartsheet-Hmac-SHA256": signature } };
}

function timestampNow({ now, assumptions }: SimulatorSettings): string {
  return callbackTimestamp(now(), assumptions.timestampFormat);
}
