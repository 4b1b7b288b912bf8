import type { EventCallback } from "../callback/callback.ts";
import { relayOf, withoutRelay, withRelay } from "../callback/relay.ts";
import type { Context } from "../dispatch/context.ts";
import type { PutOnlyInbox } from "../inbox/inbox.ts";
import type { Change } from "../mirror/change.ts";
import { sha256 } from "../receive/signature.ts";
import { callbackMessage, changeMessage, eventMessage, type Message } from "./message.ts";

/** What a message is made of, besides its callback. */
export type RelayedPart =
  | { readonly part: "callback" }
  | { readonly part: "event" }
  | { readonly part: "change"; readonly change: Change };

/** Puts a callback into the lane of each target: what it relays, in the callback's `events`. Resolves when all are stored. */
export type Relay = (
  callback: EventCallback,
  relayed: RelayedPart & Pick<Message, "id" | "changeAgent">,
  context: Pick<Context, "step" | "traceHeaders">,
) => Promise<void>;

/**
 * The inbox stores each once, even if the call that relays it is retried: its digest holds what the first attempt has drawn. A
 * replay draws again, and so every target gets it again.
 */
export function createRelay(inbox: PutOnlyInbox, targets: readonly string[], now: () => number): Relay {
  return async (callback, relayed, context) => {
    const { webhookId, nonce, timestamp, scopeObjectId } = callback;
    const { traceparent } = context.traceHeaders();
    const draw = await context.step("relay", () => crypto.randomUUID());
    await Promise.all(targets.map(async (to) => {
      const body = JSON.stringify(withRelay(callback, { ...relayed, to }));
      const digest = await sha256(`${draw} ${relayed.id} ${to}`);
      const lane = await laneOf(scopeObjectId, to);
      const copy = { webhookId, nonce, timestamp, scopeObjectId: lane, body, digest, acceptedAt: now() };
      await inbox.put(traceparent === undefined ? copy : { ...copy, traceparent });
    }));
  };
}

/** What a target gets of a callback that was relayed to it. */
export function messageOf(relayed: EventCallback): Message {
  const { part, change, id, changeAgent } = relayOf(relayed) as unknown as Parameters<Relay>[1] & { change: Change };
  const callback = withoutRelay(relayed);
  const context = { idempotencyKey: id, changeAgent };
  if (part === "event") return eventMessage(callback.events[0]!, callback, context);
  return part === "change" ? changeMessage(change, callback, context) : callbackMessage(callback, context);
}

/** A sheet's lane of a target. Below 0, where no id of Smartsheet's is; two may share one, at odds of 1 to 10^15. */
async function laneOf(scopeObjectId: number, to: string): Promise<number> {
  const hash = await sha256(`${scopeObjectId} ${to}`);
  return -1 - parseInt(hash.slice(0, 13), 16);
}
