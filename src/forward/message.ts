import type { Envelope, EventCallback } from "../callback/callback.ts";
import { patternOf } from "../callback/content.ts";
import type { AnyEvent } from "../callback/event.ts";
import { parseTimestamp } from "../callback/timestamp.ts";
import type { Context } from "../dispatch/context.ts";
import type { Change } from "../mirror/change.ts";

/** What is posted to a target. */
export interface Message {
  /** The same over attempts and replays. */
  readonly id: string;
  /** What its target must put on its own writes: the value of `Smartsheet-Change-Agent`. */
  readonly changeAgent: string;
  /** `smartsheet.callback`, `smartsheet.row.updated`, `smartsheet.change.updated`, ... */
  readonly type: string;
  /** When it happened, ISO 8601 in UTC. */
  readonly timestamp: string;
  /** The webhook that told of it, and what that watches. */
  readonly origin: Pick<Envelope, "webhookId" | "scope" | "scopeObjectId">;
  readonly data: unknown;
}

/** What every message takes from the call that it is made in. */
export type MessageContext = Pick<Context, "idempotencyKey" | "changeAgent">;

/** A whole callback; its `events` are without own changes already. */
export function callbackMessage(callback: EventCallback, context: MessageContext): Message {
  return { ...common(callback, context), type: "smartsheet.callback", data: callback };
}

export function eventMessage(event: AnyEvent, callback: Envelope, context: MessageContext): Message {
  const { webhookId, scopeObjectId } = callback;
  return {
    ...common(callback, context, event.timestamp),
    type: `smartsheet.${patternOf(event)}`,
    data: { ...event, webhookId, scopeObjectId },
  };
}

/** @param change a `Change`, or what JSON has made of one */
export function changeMessage(
  change: Pick<Change, "kind" | "events">,
  callback: Envelope,
  context: MessageContext,
): Message {
  return {
    ...common(callback, context, change.events.at(-1)?.timestamp),
    type: `smartsheet.change.${change.kind}`,
    data: change,
  };
}

function common(
  { webhookId, scope, scopeObjectId, timestamp }: Envelope,
  { idempotencyKey, changeAgent }: MessageContext,
  happenedAt: unknown = timestamp,
) {
  // Smartsheet's own notation isn't ISO 8601 everywhere, and only that of the callback was checked.
  const time = (typeof happenedAt === "string" && parseTimestamp(happenedAt)) || parseTimestamp(timestamp);
  return {
    id: idempotencyKey,
    changeAgent,
    timestamp: Number.isNaN(time) ? timestamp : new Date(time).toISOString(),
    origin: { webhookId, scope, scopeObjectId },
  };
}
