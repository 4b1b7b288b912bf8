import type { WebhookEvent } from "../event.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** What is on its way to one webhook. One callback is in flight at a time; the next one waits. */
export interface Channel {
  readonly webhook: Webhook;
  /** Events that no callback carries yet. */
  events: WebhookEvent[];
  /** When the first of them happened. */
  firstAt: number;
  /** Status changes that no callback carries yet. */
  statuses: WebhookStatus[];
  /** Callbacks begun since the last challenge, without retries: after 100 of them there is one. */
  unchallenged: number;
  /** Counts the times that what was on its way was given up. */
  generation: number;
  isWorking: boolean;
  isDeleted: boolean;
  /** Ends the wait that the channel is in, if any. */
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
    isWorking: false,
    isDeleted: false,
    wake: new AbortController(),
  };
}

/** Gives up the events that are on their way: those of a disabled webhook are never sent. */
export function dropEvents(channel: Channel): void {
  channel.events = [];
  channel.generation++;
  wake(channel);
}

export function wake(channel: Channel): void {
  channel.wake.abort();
  channel.wake = new AbortController();
}
