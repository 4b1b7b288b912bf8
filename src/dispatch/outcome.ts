import type { AttemptResult, FailedCall } from "./attempt.ts";
import type { AcceptedCallback } from "../callback/callback.ts";
import type { Counts } from "../counts.ts";
import { errorText, firstLine } from "../error_text.ts";
import { isDiscard, retryDelayOf } from "../errors.ts";
import type { Outcome } from "../inbox/inbox.ts";
import { retryDelayMs } from "../inbox/attempts.ts";
import type { Logger } from "../logger.ts";

/** Decides what follows an attempt: the end, a retry, or a dead letter. Never throws, whatever a handler has thrown. */
export type OutcomeOf = (
  result: AttemptResult,
  callback: Pick<AcceptedCallback, "webhookId" | "nonce">,
  attempt: number,
  attempts: number,
) => Ended;

/** An attempt that ended. */
export interface Ended {
  readonly outcome: Outcome;
  /** Counts and logs the outcome. Called when it is recorded: after a lost lease it doesn't count. */
  report(): void;
}

/** No lane is held longer. */
const LONGEST_RETRY_MS = 30 * 86_400_000;

/** The one place that decides on retries, and that counts and logs how attempts end. */
export function createOutcomeOf(options: {
  readonly random: () => number;
  readonly logger: Logger;
  readonly counts: Counts;
}): OutcomeOf {
  const { random, logger, counts } = options;
  return (result, { webhookId, nonce }, attempt, attempts) => {
    if (result.kind === "paused" || result.kind === "dropped") return { outcome: result, report() {} };
    if (result.kind === "done") {
      const { events, calls, ms } = result;
      return {
        outcome: { kind: "done" },
        report: () =>
          logger.info(
            `Processed callback {nonce} of webhook {webhookId}: {events} event${plural(events)}, {calls} call${
              plural(calls)
            } of handlers, {ms} ms`,
            { webhookId, nonce, events, calls, ms: Math.round(ms) },
          ),
      };
    }
    const { error: thrown, position, call } = result;
    const error = errorText(thrown);
    const reason = firstLine(error);
    const at = call ? ` at ${callText(call)}` : "";
    const properties = { webhookId, nonce, ...call, at, attempt, reason, error };
    if (isDiscard(thrown)) {
      return {
        outcome: { kind: "discarded", reason },
        report() {
          counts.discarded++;
          logger.info("Callback {nonce} of webhook {webhookId} is discarded{at}: {reason}", properties);
        },
      };
    }
    if (attempt >= attempts) {
      return {
        outcome: { kind: "dead", error, position },
        report() {
          counts.failures++;
          counts.deadLetters++;
          logger.error(
            "Callback {nonce} of webhook {webhookId} is a dead letter after {attempt} attempts{at}: {reason}",
            // If the last attempt was killed, this one has run nothing.
            { ...properties, attempt: attempts },
          );
        },
      };
    }
    const asked = Math.min(Math.max(Math.round(retryDelayOf(thrown) ?? NaN), 0), LONGEST_RETRY_MS);
    const retryAfterMs = Number.isNaN(asked) ? retryDelayMs(attempt, random) : asked;
    return {
      outcome: { kind: "failed", error, retryAfterMs, position },
      report() {
        counts.failures++;
        logger.warn(
          "Attempt {attempt} at callback {nonce} of webhook {webhookId} failed{at}, next in {retryAfterMs} ms: {reason}",
          { ...properties, retryAfterMs },
        );
      },
    };
  };
}

function callText({ event, handler }: FailedCall): string {
  if (event === "all") return `onCallback, handler ${handler}`;
  return event === "status" ? `onStatus, handler ${handler}` : `event ${event}, handler ${handler}`;
}

function plural(count: number): string {
  return count === 1 ? "" : "s";
}
