import type { Deadline } from "./async/deadline.ts";
import { createOutage } from "./async/outage.ts";
import type { Callback } from "./callback/callback.ts";
import type { Counts } from "./counts.ts";
import { type AttemptResult, type AttemptState, type RunAttempt, START } from "./dispatch/attempt.ts";
import type { OutcomeOf } from "./dispatch/outcome.ts";
import { errorText, firstLine } from "./error_text.ts";
import { isDiscard, messageOf, SheethookError } from "./errors.ts";
import type { PutOnlyInbox } from "./inbox/inbox.ts";
import type { Logger } from "./logger.ts";
import { Refusal } from "./receive/refusal.ts";
import { sha256 } from "./receive/signature.ts";
import type { Tracing } from "./tracing_port.ts";

/** Takes over a verified callback. Throws a `Refusal` if it can't. */
export type Accept = (callback: Callback, body: string, deadline: Deadline) => Promise<"accepted" | "duplicate">;

/** The end of the inbound half: stores the callback in the inbox, or runs its handlers where there is none. */
export function createAccept({ inbox, runAttempt, changeSource, outcomeOf, now, tracing, logger, counts }: {
  /** Undefined runs handlers before the answer. */
  readonly inbox: PutOnlyInbox | undefined;
  readonly runAttempt: RunAttempt;
  readonly changeSource: AttemptState["changeSource"];
  readonly outcomeOf: OutcomeOf;
  readonly now: () => number;
  readonly tracing: Tracing | undefined;
  readonly logger: Logger;
  readonly counts: Counts;
}): Accept {
  const outage = createOutage({
    // Its beginning is logged as the refusal of a callback.
    ended: ({ failures, ms }) =>
      logger.info("Callbacks are stored again: {refused} were refused in {seconds} s; Smartsheet sends them again", {
        refused: failures,
        seconds: Math.ceil(ms / 1000),
      }),
  });

  async function put(inbox: PutOnlyInbox, callback: Callback, body: string, deadline: Deadline) {
    const { webhookId, nonce, timestamp, scopeObjectId } = callback;
    const digest = await sha256(digestedText(callback));
    const accepted = { webhookId, nonce, timestamp, scopeObjectId, body, digest, acceptedAt: now() };
    const store = (traceparent?: string) =>
      deadline(Promise.resolve(inbox.put(traceparent ? { ...accepted, traceparent } : accepted)));
    try {
      const outcome = await (tracing ? tracing.put(accepted, store) : store());
      outage.clear();
      return outcome === "duplicate" ? "duplicate" : "accepted";
    } catch (cause) {
      const level = outage.isOn && "debug";
      outage.fail(cause);
      const properties = { webhookId, nonce, error: messageOf(cause) };
      const reason = "callback {nonce} of webhook {webhookId} can't be stored: {error}";
      throw new Refusal(503, reason, properties, { cause, ...(level && { level }) });
    }
  }

  async function runNow(callback: Callback, deadline: Deadline): Promise<"accepted"> {
    const { webhookId, nonce } = callback;
    const late = new AbortController();
    const running = runAttempt(callback, { attempt: 1, signal: late.signal, changeSource });
    let result: AttemptResult;
    try {
      result = await deadline(running);
    } catch (error) {
      late.abort(error);
      result = { kind: "failed", error, position: START, attempt: 1 };
    }
    if (result.kind !== "failed" || isDiscard(result.error)) {
      outcomeOf(result, callback, 1, []).report();
      return "accepted";
    }
    counts.failures++;
    const error = errorText(result.error);
    throw new Refusal(500, "callback {nonce} of webhook {webhookId}: {reason}", {
      webhookId,
      nonce,
      reason: firstLine(error),
      error,
    });
  }

  return (callback, body, deadline) => inbox ? put(inbox, callback, body, deadline) : runNow(callback, deadline);
}

/** What the digest is made of: the events or the status, in one notation. */
function digestedText({ events, newWebhookStatus }: Callback): string {
  try {
    return JSON.stringify(events ?? newWebhookStatus);
  } catch (cause) {
    // Node and Bun write JSON to a smaller depth than they read it.
    throw new SheethookError("callback_invalid", "Not a callback: events are nested too deeply", { cause });
  }
}
