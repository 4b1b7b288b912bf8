import type { AcceptedCallback } from "./callback.ts";
import { NO_WEBHOOK } from "./reconcile.ts";

/** How the log names a callback: the text, for the middle of a message, and what its braces stand for. */
export function logNameOf(
  { webhookId, nonce, scopeObjectId }: Pick<AcceptedCallback, "webhookId" | "nonce" | "scopeObjectId">,
): { readonly text: string; readonly properties: Readonly<Record<string, unknown>> } {
  return webhookId === NO_WEBHOOK
    ? { text: "callback {nonce} of our own for sheet {scopeObjectId}", properties: { nonce, scopeObjectId } }
    : { text: "callback {nonce} of webhook {webhookId}", properties: { webhookId, nonce } };
}
