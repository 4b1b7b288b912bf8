import type { WebhookEvent } from "../event.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** The queue of one webhook. One callback is in flight at a time. */
export interface Channel {
  readonly webhook: Webhook;
  /** Events that are in no callback yet. */
  events: WebhookEvent[];
  /** When the first of these events happened. */
  firstAt: number;
  /** Status changes that are in no callback yet. */
  statuses: WebhookStatus[];
  /** Callbacks since the last challenge, without retries; a challenge is due after 100. */
  unchallenged: number;
  /** Incremented when pending events are dropped. */
  generation: number;
  isProcessing: boolean;
  isDeleted: boolean;
  /** Ends the current wait, if any. */
  wake: AbortController;
}

export function createChannel(webhook: Webhook): Channel {
  return {
    webhook,
    events: [],
    firstAt: 0,
    statuses: [],
    unchallenged: 0,
    generation: 0,
    isProcessing: false,
    isDeleted: false,
    wake: new AbortController(),
  };
}

/** Drops all pending events: those of a disabled webhook are never sent. */
export function dropEvents(channel: Channel): void {
  channel.events = [];
  channel.generation++;
  wake(channel);
}

export function wake(channel: Channel): void {
  channel.wake.abort();
  channel.wake = new AbortController();
}
