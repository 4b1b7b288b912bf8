import type { Activity } from "./activity.ts";
import { createCallback } from "./callback.ts";
import { challenge } from "./challenge.ts";
import { type Channel, createChannel, dropEvents, wake } from "./channel.ts";
import { createDeliver, type Disable } from "./deliver.ts";
import type { DeliveryLog } from "./log.ts";
import type { WebhookEvent } from "../event.ts";
import type { SimulatorSettings } from "../options.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** The delivery clock: debounce, one callback in flight per webhook, retries, a challenge every 100 callbacks. */
export interface Deliveries {
  /** Queues events for a webhook. */
  enqueue(webhook: Webhook, events: readonly WebhookEvent[]): void;
  /** Queues a status callback. */
  announce(webhook: Webhook, status: WebhookStatus): void;
  /** Drops the pending events of a webhook that is disabled or deleted. */
  drop(webhook: Webhook, isDeleted: boolean): void;
  /** Sends a challenge. @returns undefined, or why it failed */
  verify(webhook: Webhook): Promise<string | undefined>;
  start(): void;
  /** Aborts requests in flight; their callbacks are sent again after the next start. */
  stop(): void;
}

export function createDeliveries(
  settings: SimulatorSettings,
  log: DeliveryLog,
  activity: Activity,
  disable: Disable,
): Deliveries {
  const { strikes, now } = settings;
  const deliver = createDeliver(settings, log, disable);
  const channels = new Map<number, Channel>();
  let stopping = new AbortController();

  const isRunning = () => !stopping.signal.aborted;

  function channelOf(webhook: Webhook): Channel {
    const channel = channels.get(webhook.id) ?? createChannel(webhook);
    channels.set(webhook.id, channel);
    return channel;
  }

  function processChannel(channel: Channel): void {
    if (channel.isProcessing || !isRunning()) return;
    channel.isProcessing = true;
    activity.run("A delivery", async () => {
      try {
        while (isRunning() && !channel.isDeleted && await processNext(channel));
      } finally {
        channel.isProcessing = false;
      }
      // Something may have been queued in the meantime.
      if (isRunning() && !channel.isDeleted && (channel.events.length || channel.statuses.length)) {
        processChannel(channel);
      }
    });
  }

  async function processNext(channel: Channel): Promise<boolean> {
    const { signal: stop } = stopping;
    const [status] = channel.statuses;
    if (status) {
      if (await deliver(channel, createCallback(channel.webhook, { newWebhookStatus: status }, settings), stop)) {
        channel.statuses.shift();
      }
      return true;
    }
    if (!channel.events.length) return false;
    // Limited, because the clock may have been set back.
    const waitMs = Math.min(channel.firstAt + settings.debounceMs - now(), settings.debounceMs);
    if (waitMs > 0) {
      const { signal } = channel.wake;
      await settings.sleep(waitMs, signal);
      if (signal.aborted) return true;
    }
    const events = channel.events.splice(0);
    if (strikes("lost-callback")) return true;
    const parts = strikes("burst") ? events.map((event) => [event]) : [events];
    await Promise.all(parts.map(async (events) => {
      const { generation } = channel;
      const callback = createCallback(channel.webhook, { events }, settings);
      const isEnded = await deliver(channel, callback, stop);
      // The clock was stopped: the events are sent after the next start.
      if (!isEnded && channel.generation === generation) channel.events = callback.events!.concat(channel.events);
    }));
    return true;
  }

  return {
    enqueue(webhook, events) {
      const channel = channelOf(webhook);
      if (!channel.events.length) channel.firstAt = now();
      // Not push(...): a large edit has more events than a call can take arguments.
      channel.events = channel.events.concat(events);
      processChannel(channel);
    },
    announce(webhook, status) {
      const channel = channelOf(webhook);
      channel.statuses.push(status);
      processChannel(channel);
    },
    drop(webhook, isDeleted) {
      const channel = channels.get(webhook.id);
      if (!channel) return;
      channel.isDeleted = isDeleted;
      if (isDeleted) channels.delete(webhook.id);
      dropEvents(channel);
    },
    verify: (webhook) =>
      activity.track(async () => {
        channelOf(webhook).unchallenged = 0;
        return await challenge(webhook, 1, "disable", { settings, log, stop: new AbortController().signal });
      }),
    start() {
      if (isRunning()) return;
      stopping = new AbortController();
      for (const channel of channels.values()) processChannel(channel);
    },
    stop() {
      stopping.abort();
      for (const channel of channels.values()) wake(channel);
    },
  };
}
