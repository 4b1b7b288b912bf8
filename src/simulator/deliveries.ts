import { MAX_RETRIES, retryDelayMs, type Verdict, verdictOf } from "./answer.ts";
import { type Callback, createCallback, encode, renew } from "./callback.ts";
import { challenge } from "./challenge.ts";
import { type Channel, createChannel, dropEvents, wake } from "./channel.ts";
import type { DeliveryLog } from "./delivery_log.ts";
import type { WebhookEvent } from "./event.ts";
import type { SimulatorSettings } from "./options.ts";
import { type Answer, send } from "./send.ts";
import type { Webhook, WebhookStatus } from "./webhook.ts";

/** Disables a webhook that failed. */
export type Disable = (webhook: Webhook, status: WebhookStatus, why: string) => void;

/** The delivery clock: debounce, one callback in flight per webhook, retries, a challenge every 100 callbacks. */
export interface Deliveries {
  /** Events that a webhook subscribes to have happened. */
  enqueue(webhook: Webhook, events: readonly WebhookEvent[]): void;
  /** Tells the receiver of a status. */
  announce(webhook: Webhook, status: WebhookStatus): void;
  /** Gives up what is on its way to a webhook that is disabled, or gone. */
  drop(webhook: Webhook, isDeleted: boolean): void;
  /** Asks the receiver; undefined, or why it failed. */
  verify(webhook: Webhook): Promise<string | undefined>;
  /** Resolves when nothing is owed, or the clock has stopped. */
  idle(): Promise<void>;
  start(): void;
  /** Cuts what is in flight, and keeps it for the next start. */
  stop(): void;
}

const CALLBACKS_PER_CHALLENGE = 100;

export function createDeliveries(settings: SimulatorSettings, log: DeliveryLog, disable: Disable): Deliveries {
  const { assumptions, strikes, now } = settings;
  const channels = new Map<number, Channel>();
  let stopping = new AbortController();
  let busy = 0;
  const whenIdle: (() => void)[] = [];

  const isRunning = () => !stopping.signal.aborted;

  async function track<Result>(work: () => Promise<Result>): Promise<Result> {
    busy++;
    try {
      return await work();
    } finally {
      if (--busy === 0) { for (const resolve of whenIdle.splice(0)) resolve(); }
    }
  }

  function channelOf(webhook: Webhook): Channel {
    const channel = channels.get(webhook.id) ?? createChannel(webhook);
    channels.set(webhook.id, channel);
    return channel;
  }

  function work(channel: Channel): void {
    if (channel.isWorking || !isRunning()) return;
    channel.isWorking = true;
    track(async () => {
      try {
        while (isRunning() && !channel.isDeleted && await workOnce(channel));
      } finally {
        channel.isWorking = false;
      }
      // What came in while it ended.
      if (isRunning() && !channel.isDeleted && (channel.events.length || channel.statuses.length)) work(channel);
    });
  }

  async function workOnce(channel: Channel): Promise<boolean> {
    const [status] = channel.statuses;
    if (status) {
      if (await deliver(channel, createCallback(channel.webhook, { newWebhookStatus: status }, settings))) {
        channel.statuses.shift();
      }
      return true;
    }
    if (!channel.events.length) return false;
    const waitMs = channel.firstAt + settings.debounceMs - now();
    if (waitMs > 0) {
      const { signal } = channel.wake;
      await settings.sleep(waitMs, signal);
      if (signal.aborted) return true;
    }
    const events = channel.events.splice(0);
    const parts = strikes("burst") ? events.map((event) => [event]) : [events];
    await Promise.all(parts.map(async (events) => {
      const { generation } = channel;
      const callback = createCallback(channel.webhook, { events }, settings);
      const isEnded = await deliver(channel, callback);
      // The clock was stopped: it is sent when it goes on.
      if (!isEnded && channel.generation === generation) channel.events.unshift(...callback.events!);
    }));
    return true;
  }

  /** False if the clock was stopped, or the events given up, before it came to an end. */
  async function deliver(channel: Channel, callback: Callback): Promise<boolean> {
    const { webhook } = channel;
    const { generation } = channel;
    const { signal: stop } = stopping;
    const isGivenUp = () =>
      stop.aborted || channel.isDeleted || (callback.events !== undefined && channel.generation !== generation);

    if (channel.begun > 0 && channel.begun % CALLBACKS_PER_CHALLENGE === 0) {
      const failure = await challengeAgain(channel, stop, isGivenUp);
      if (isGivenUp()) return false;
      if (failure !== undefined) {
        disable(webhook, "DISABLED_VERIFICATION_FAILED", failure);
        return true;
      }
    }
    channel.begun++;

    for (let retry = 0;; retry++) {
      const { answer, verdict } = await attempt(callback, retry, stop);
      if (isGivenUp()) return false;
      if (verdict === "done") {
        webhook.lastSuccessfulCallback = now();
        await duplicate(callback, retry, stop);
        return true;
      }
      if (verdict === "disable") {
        disable(webhook, "DISABLED_CALLBACK_FAILED", reasonOf(answer));
        return true;
      }
      await pause(channel, retry);
      if (isGivenUp()) return false;
      if (callback.events && assumptions.laterEvents === "merge") callback.events.push(...channel.events.splice(0));
      renew(callback, settings);
    }
  }

  async function attempt(
    callback: Callback,
    retry: number,
    stop: AbortSignal,
  ): Promise<{ answer: Answer; verdict: Verdict }> {
    const { webhook } = callback;
    webhook.lastCallbackAttempt = now();
    webhook.lastCallbackAttemptRetryCount = retry;
    const fault = strikes("drop-answer") ? "drop-answer" : strikes("late-answer") ? "late-answer" : undefined;
    const { answer, end } = await post(callback, retry + 1, stop);
    if (fault === "late-answer") await settings.sleep(settings.timeoutMs, stop);
    const seen: Answer = fault ? { status: "timeout", error: `the answer was lost (${fault})` } : answer;
    const judged = verdictOf(seen.status, assumptions);
    const verdict = judged === "retry" && retry === MAX_RETRIES ? "disable" : judged;
    end({
      status: typeof seen.status === "number" ? seen.status : null,
      error: seen.error ?? null,
      outcome: verdict,
      ...(verdict === "retry" ? { retryInMs: retryDelayMs(retry, assumptions) / settings.speed } : {}),
      ...(fault ? { fault } : {}),
    });
    return { answer: seen, verdict };
  }

  async function post(callback: Callback, attempt: number, stop: AbortSignal) {
    const { webhook, nonce, events, newWebhookStatus } = callback;
    const { body, headers } = await encode(callback, settings);
    const end = log.begin({
      webhookId: webhook.id,
      kind: events ? "events" : "status",
      url: webhook.callbackUrl,
      attempt,
      nonce,
      ...(events ? { events: events.length } : { newWebhookStatus: newWebhookStatus! }),
    });
    return { answer: await send(webhook.callbackUrl, body, headers, false, settings, stop), end };
  }

  /** Whatever is answered to a callback that was sent once too often changes nothing. */
  async function duplicate(callback: Callback, retry: number, stop: AbortSignal): Promise<void> {
    for (const fault of ["duplicate", "duplicate-new-nonce"] as const) {
      if (!strikes(fault) || stop.aborted) continue;
      if (fault === "duplicate-new-nonce") callback.nonce = settings.random.uuid();
      const { answer, end } = await post(callback, retry + 1, stop);
      const status = typeof answer.status === "number" ? answer.status : null;
      end({ status, error: answer.error ?? null, outcome: "done", fault });
    }
  }

  async function challengeAgain(
    channel: Channel,
    stop: AbortSignal,
    isGivenUp: () => boolean,
  ): Promise<string | undefined> {
    for (let retry = 0;; retry++) {
      const isLast = assumptions.failedChallenge === "disable" || retry === MAX_RETRIES;
      const context = { settings, log, stop };
      const failure = await challenge(channel.webhook, retry + 1, isLast ? "disable" : "retry", context);
      if (failure === undefined || isLast || isGivenUp()) return failure;
      await pause(channel, retry);
    }
  }

  /** A retry waits its time, whatever else comes in meanwhile; only a webhook that is disabled ends the wait. */
  async function pause(channel: Channel, retry: number): Promise<void> {
    await settings.sleep(retryDelayMs(retry, assumptions) / settings.speed, channel.wake.signal);
  }

  return {
    enqueue(webhook, events) {
      const channel = channelOf(webhook);
      if (!channel.events.length) channel.firstAt = now();
      channel.events.push(...events);
      work(channel);
    },
    announce(webhook, status) {
      const channel = channelOf(webhook);
      channel.statuses.push(status);
      work(channel);
    },
    drop(webhook, isDeleted) {
      const channel = channels.get(webhook.id);
      if (!channel) return;
      channel.isDeleted = isDeleted;
      if (isDeleted) channels.delete(webhook.id);
      dropEvents(channel);
    },
    verify: (webhook) =>
      track(() => challenge(webhook, 1, "disable", { settings, log, stop: new AbortController().signal })),
    idle: () => busy === 0 ? Promise.resolve() : new Promise((resolve) => whenIdle.push(resolve)),
    start() {
      if (isRunning()) return;
      stopping = new AbortController();
      for (const channel of channels.values()) work(channel);
    },
    stop() {
      stopping.abort();
      for (const channel of channels.values()) wake(channel);
    },
  };
}

function reasonOf({ status, error }: Answer): string {
  return typeof status === "number" ? `Request returned HTTP status code ${status}` : `Request failed: ${error}`;
}
