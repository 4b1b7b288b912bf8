import type { AcceptedCallback } from "../callback/callback.ts";
import { logNameOf } from "../callback/log_name.ts";
import type { Counts } from "../counts.ts";
import { errorText, firstLine } from "../error_text.ts";
import { retryDelayOf } from "../errors.ts";
import { retryDelayMs } from "../inbox/attempts.ts";
import type { EndedCall, Outcome } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import { capital, plural } from "../text.ts";
import type { AttemptResult } from "./attempt.ts";
import { callText } from "./call_text.ts";
import { verdictOf } from "./verdict.ts";

/** Decides what follows an attempt: the end, or another attempt. Never throws, whatever a handler has thrown. */
export type OutcomeOf = (
  result: AttemptResult,
  callback: Pick<AcceptedCallback, "webhookId" | "nonce" | "scopeObjectId">,
  attempts: number,
  /** What became of calls since progress was last saved. */
  ended: readonly EndedCall[],
) => Ended;

/** An attempt that ended. */
export interface Ended {
  readonly outcome: Outcome;
  /** Counts and logs the outcome. Called when it is recorded: after a lost lease it doesn't count. */
  report(): void;
}

/** No lane is held longer. */
const LONGEST_RETRY_MS = 30 * 86_400_000;

/** Counts and logs how attempts end. */
export function createOutcomeOf(options: {
  readonly random: () => number;
  readonly logger: Logger;
  readonly counts: Counts;
}): OutcomeOf {
  const { random, logger, counts } = options;

  function endedWell(
    { events, calls, ms, dead, error }: AttemptResult & { readonly kind: "done" },
    callback: Pick<AcceptedCallback, "webhookId" | "nonce" | "scopeObjectId">,
    ended: readonly EndedCall[],
  ): Ended {
    const processed = `${events} event${plural(events)}, ${calls} call${plural(calls)} of handlers, {ms} ms`;
    const { text, properties: named } = logNameOf(callback);
    const properties = { ...named, events, calls, ms: Math.round(ms) };
    if (!dead) {
      return {
        outcome: { kind: "done", ended },
        report: () => logger.info(`Processed ${text}: ${processed}`, properties),
      };
    }
    return {
      outcome: { kind: "dead", error, ended },
      report() {
        counts.deadLetters++;
        logger.error(
          `${capital(text)} is a dead letter: {deadCalls} dead call${plural(dead)}; ${processed}`,
          { ...properties, deadCalls: dead },
        );
      },
    };
  }

  return (result, callback, attempts, ended) => {
    if (result.kind === "dropped") return { outcome: result, report() {} };
    if (result.kind === "paused") return { outcome: { ...result, ended }, report() {} };
    if (result.kind === "done") return endedWell(result, callback, ended);
    const { text, properties: named } = logNameOf(callback);
    const { error: thrown, position, call, attempt } = result;
    const error = errorText(thrown);
    const reason = firstLine(error);
    const at = call ? ` at ${callText(call)}` : "";
    const properties = { ...named, ...call, at, attempt, reason, error };
    const verdict = verdictOf(thrown, attempt, attempts);
    if (verdict === "discard") {
      return {
        outcome: { kind: "discarded", reason },
        report() {
          counts.discarded++;
          logger.info(`${capital(text)} is discarded{at}: {reason}`, properties);
        },
      };
    }
    // Not a single call could be made.
    if (verdict === "dead") {
      return {
        outcome: { kind: "dead", error, position, ended },
        report() {
          counts.failures++;
          counts.deadLetters++;
          logger.error(
            `${capital(text)} is a dead letter after {attempt} attempt${plural(attempt)}: {reason}`,
            properties,
          );
        },
      };
    }
    const asked = Math.min(Math.max(Math.round(retryDelayOf(thrown) ?? NaN), 0), LONGEST_RETRY_MS);
    const retryAfterMs = Number.isNaN(asked) ? retryDelayMs(attempt, random) : asked;
    return {
      outcome: { kind: "failed", error, retryAfterMs, position, attempt, ended },
      report() {
        counts.failures++;
        logger.warn(
          `Attempt {attempt} at ${text} failed{at}, next in {retryAfterMs} ms: {reason}`,
          { ...properties, retryAfterMs },
        );
      },
    };
  };
}
