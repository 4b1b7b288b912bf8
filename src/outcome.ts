import type { AttemptResult } from "./attempt.ts";
import type { AcceptedCallback } from "./callback/callback.ts";
import type { Counts } from "./counts.ts";
import { isDiscard, isRetryLater, messageOf } from "./errors.ts";
import type { Outcome } from "./inbox/inbox.ts";
import { retryDelayMs } from "./inbox/retry_delay.ts";
import type { Logger } from "./logger.ts";

/** What an attempt leads to: the end, another attempt, or a dead letter. */
export type OutcomeOf = (
  result: AttemptResult,
  callback: Pick<AcceptedCallback, "webhookId" | "nonce">,
  attempt: number,
  attempts: number,
) => Outcome;

/** The one place that decides on retries, and that counts and logs how attempts end. */
export function createOutcomeOf(options: {
  readonly random: () => number;
  readonly logger: Logger;
  readonly counts: Counts;
}): OutcomeOf {
  const { random, logger, counts } = options;
  return (result, { webhookId, nonce }, attempt, attempts) => {
    if (result.kind !== "failed") return result;
    const { error: thrown, position } = result;
    const error = messageOf(thrown);
    const properties = { webhookId, nonce, event: position.event, handler: position.handler, attempt, error, thrown };
    if (isDiscard(thrown)) {
      counts.discarded++;
      logger.info("Callback {nonce} of webhook {webhookId} is discarded at event {event}: {error}", properties);
      return { kind: "discarded", reason: error };
    }
    counts.failures++;
    if (attempt >= attempts) {
      counts.deadLetters++;
      logger.error(
        "Callback {nonce} of webhook {webhookId} is a dead letter after {attempt} attempts: {error}",
        properties,
      );
      return { kind: "dead", error, position };
    }
    const retryAfterMs = isRetryLater(thrown) ? Math.round(thrown.delayMs) : retryDelayMs(attempt, random);
    logger.warn(
      "Attempt {attempt} at callback {nonce} of webhook {webhookId} failed at event {event}, next in {retryAfterMs} ms: {error}",
      { ...properties, retryAfterMs },
    );
    return { kind: "failed", error, retryAfterMs, position };
  };
}
