import type { Receiver } from "../../mod.ts";

/** Looks at everything that a handler can ask for, and keeps nothing. */
export default function register(receiver: Receiver): void {
  receiver.on("*.*", (event, context) => void [event.objectType, context.changeAgent, context.idempotencyKey]);
  receiver.onCallback((callback, context) => void [callback.events?.length, context.changeAgent, context.rows()]);
  receiver.onStatus((status, context) => void [status.newWebhookStatus, context.attempt]);
}
