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

/** Longer, a lane isn't held. */
const LONGEST_RETRY_MS = 30 * 86_400_000;
/** What is kept and logged of an error. */
const MAX_ERROR_LENGTH = 4000;

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
    const message = messageOf(thrown);
    const error = shorten(message);
    const properties = {
      webhookId,
      nonce,
      event: position.event,
      handler: position.handler,
      attempt,
      error,
      ...(error === message && { thrown }),
    };
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
    const asked = isRetryLater(thrown) ? Math.min(Math.max(Math.round(thrown.delayMs), 0), LONGEST_RETRY_MS) : NaN;
    const retryAfterMs = Number.isNaN(asked) ? retryDelayMs(attempt, random) : asked;
    logger.warn(
      "Attempt {attempt} at callback {nonce} of webhook {webhookId} failed at event {event}, next in {retryAfterMs} ms: {error}",
      { ...properties, retryAfterMs },
    );
    return { kind: "failed", error, retryAfterMs, position };
  };
}

function shorten(text: string): string {
  if (text.length <= MAX_ERROR_LENGTH) return text;
  return `${text.slice(0, MAX_ERROR_LENGTH)} ... (${text.length - MAX_ERROR_LENGTH} characters more)`;
}
