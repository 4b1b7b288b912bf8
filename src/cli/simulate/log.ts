import type { Logger } from "../../logger.ts";
import type { Delivery } from "../../simulator/simulator.ts";

const MAX_ATTEMPTS = 15;

/** Logs one delivery: what was sent, the answer, and what Smartsheet does next. */
export function logDelivery(delivery: Delivery, logger: Logger): void {
  const { webhookId, url, status, error, durationMs, outcome, fault } = delivery;
  logger[outcome === "done" ? "info" : outcome === "retry" ? "warn" : "error"](
    "webhook {webhookId}: {what} to {url}: {answer} in {durationMs} ms{fault}; {now}",
    {
      ...{ webhookId, url, durationMs },
      what: whatOf(delivery),
      answer: status === null ? `no answer (${error})` : error === null ? status : `${status}, ${error}`,
      fault: fault ? ` (fault: ${fault})` : "",
      now: nowOf(delivery),
    },
  );
}

/** Logs a change of a webhook's status. */
export function logStatus(webhookId: number, status: string, why: string | undefined, logger: Logger): void {
  const isEnabled = status === "ENABLED";
  logger[isEnabled ? "info" : "warn"]("webhook {webhookId} is now {status}{why}", {
    webhookId,
    status,
    why: why === undefined ? "" : `: ${why}`,
  });
}

function whatOf({ kind, events, newWebhookStatus, attempt }: Delivery): string {
  const what = kind === "challenge"
    ? "a challenge"
    : kind === "status"
    ? `the status ${newWebhookStatus}`
    : `${events} ${events === 1 ? "event" : "events"}`;
  return attempt > 1 ? `${what} again, attempt ${attempt} of ${MAX_ATTEMPTS},` : what;
}

function nowOf({ kind, outcome, retryInMs, attempt }: Delivery): string {
  if (outcome === "done") return kind === "challenge" ? "passed" : "done";
  if (outcome === "retry") {
    return retryInMs === undefined ? "it is tried again" : `it is sent again in ${timeOf(retryInMs)}`;
  }
  if (kind === "challenge") return "the webhook is not verified";
  return attempt === MAX_ATTEMPTS
    ? "that was the last retry: the webhook is disabled"
    : "the webhook is disabled at once, and this is never sent again";
}

function timeOf(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 3_600_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 360_000) / 10} h`;
}
