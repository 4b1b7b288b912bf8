import { type DeliveryOutcome, MAX_RETRIES, outcomeOf, retryDelayMs } from "./answer.ts";
import { type Callback, encode, renew } from "./callback.ts";
import { challenge } from "./challenge.ts";
import type { Channel } from "./channel.ts";
import type { DeliveryLog } from "./log.ts";
import type { SimulatorSettings } from "../options.ts";
import { type Answer, send } from "./send.ts";
import type { Webhook, WebhookStatus } from "../webhook.ts";

/** Disables a webhook that failed. */
export type Disable = (webhook: Webhook, status: WebhookStatus, why: string) => void;

/**
 * Sends one callback until it succeeds or disables the webhook, with retries, and with a challenge before it if one is
 * due. Resolves to false if the clock is stopped or the events are dropped first.
 */
export type Deliver = (channel: Channel, callback: Callback, stop: AbortSignal) => Promise<boolean>;

const CALLBACKS_PER_CHALLENGE = 100;

export function createDeliver(settings: SimulatorSettings, log: DeliveryLog, disable: Disable): Deliver {
  const { assumptions, strikes, now } = settings;

  async function deliver(channel: Channel, callback: Callback, stop: AbortSignal): Promise<boolean> {
    const { webhook } = channel;
    const { generation } = channel;
    const isDropped = () =>
      stop.aborted || channel.isDeleted || (callback.events !== undefined && channel.generation !== generation);

    if (channel.unchallenged >= CALLBACKS_PER_CHALLENGE) {
      // Reset first: of the callbacks of a burst, only one sends a challenge.
      channel.unchallenged = 0;
      const failure = await challengeAgain(channel, stop, isDropped);
      if (stop.aborted) channel.unchallenged = CALLBACKS_PER_CHALLENGE;
      if (isDropped()) return false;
      if (failure !== undefined) {
        disable(webhook, "DISABLED_VERIFICATION_FAILED", failure);
        return true;
      }
    }
    channel.unchallenged++;

    for (let retry = 0;; retry++) {
      const { answer, outcome } = await attempt(callback, retry, stop);
      if (isDropped()) return false;
      if (outcome === "done") {
        webhook.lastSuccessfulCallback = now();
        await duplicate(callback, retry, stop);
        return true;
      }
      if (outcome === "disable") {
        disable(webhook, "DISABLED_CALLBACK_FAILED", reasonOf(answer));
        return true;
      }
      await pause(channel, retry);
      if (isDropped()) return false;
      if (callback.events && assumptions.laterEvents === "merge") {
        callback.events = callback.events.concat(channel.events);
        channel.events = [];
      }
      renew(callback, settings);
    }
  }

  async function attempt(
    callback: Callback,
    retry: number,
    stop: AbortSignal,
  ): Promise<{ answer: Answer; outcome: DeliveryOutcome }> {
    const { webhook } = callback;
    webhook.lastCallbackAttempt = now();
    webhook.lastCallbackAttemptRetryCount = retry;
    const fault = strikes("drop-answer") ? "drop-answer" : strikes("late-answer") ? "late-answer" : undefined;
    const { answer, end } = await post(callback, retry + 1, stop);
    if (fault === "late-answer") await settings.sleep(settings.timeoutMs, stop);
    const seen: Answer = fault ? { status: "timeout", error: `the answer was lost (${fault})` } : answer;
    const byStatus = outcomeOf(seen.status, assumptions);
    const outcome = byStatus === "retry" && retry === MAX_RETRIES ? "disable" : byStatus;
    end({
      status: typeof seen.status === "number" ? seen.status : null,
      error: seen.error ?? null,
      outcome,
      ...(outcome === "retry" ? { retryInMs: retryDelayMs(retry, assumptions) / settings.speed } : {}),
      ...(fault ? { fault } : {}),
    });
    return { answer: seen, outcome };
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

  /** Sends duplicates, if those faults occur. Their answers have no consequence. */
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
    isDropped: () => boolean,
  ): Promise<string | undefined> {
    for (let retry = 0;; retry++) {
      const isLast = assumptions.failedChallenge === "disable" || retry === MAX_RETRIES;
      const context = { settings, log, stop };
      const failure = await challenge(channel.webhook, retry + 1, isLast ? "disable" : "retry", context);
      if (failure === undefined || isLast || isDropped()) return failure;
      await pause(channel, retry);
    }
  }

  /** Waits until a retry is due. New events don't end the wait; disabling the webhook does. */
  async function pause(channel: Channel, retry: number): Promise<void> {
    await settings.sleep(retryDelayMs(retry, assumptions) / settings.speed, channel.wake.signal);
  }

  return deliver;
}

function reasonOf({ status, error }: Answer): string {
  return typeof status === "number" ? `Request returned HTTP status code ${status}` : `Request failed: ${error}`;
}
