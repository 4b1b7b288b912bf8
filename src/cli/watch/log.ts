import type { Webhook } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import { plural } from "../../text.ts";
import type { WatchState } from "./watch_state.ts";
import type { StatusFacts } from "../../smartsheet/webhook_status.ts";

/** The log of a watch: one line each. */
export interface WatchLog {
  /** @param before its previous status; undefined if that isn't known */
  logEnabled(state: WatchState, before: string | undefined, now: number): void;
  logDisabled(state: WatchState, facts: StatusFacts, webhook: Webhook | undefined): void;
  logNotEnabled(state: WatchState, reason: string): void;
  /** Its sheet couldn't be put down for a comparison. */
  logNotCompared(state: WatchState, error: string): void;
  logUnwatched(states: readonly WatchState[], error: string): void;
  logWatchedAgain(states: readonly WatchState[]): void;
}

export function createWatchLog(logger: Logger): WatchLog {
  return {
    logEnabled({ id: webhookId, missingSince }, before, now) {
      if (before === undefined) return logger.info("webhook {webhookId} is enabled", { webhookId });
      if (before === "NEW_NOT_VERIFIED") return logger.warn("webhook {webhookId} is enabled now", { webhookId });
      logger.warn(
        "webhook {webhookId} is enabled again; events between {from} and {until} may be missing: Smartsheet never " +
          "sends them again; serve compares a mirrored sheet with its mirror, another one should be read with rowsModifiedSince",
        { webhookId, from: timeText(missingSince), until: timeText(now) },
      );
    },
    logDisabled({ id: webhookId, status, missingSince }, { meaning, toDo }, webhook) {
      logger.error("webhook {webhookId} is {status}: {meaning}{details}; {missing}; what to do: {toDo}", {
        ...{ webhookId, status, meaning, details: webhook ? detailsOf(webhook) : "", toDo },
        missing: status === "NEW_NOT_VERIFIED"
          ? "no event was sent yet"
          : `events since ${timeText(missingSince)} may be missing`,
      });
    },
    logNotEnabled({ id: webhookId, retryAt }, reason) {
      logger.error("webhook {webhookId} could not be enabled, {reason}; the next try is at {retryAt}", {
        webhookId,
        reason,
        retryAt: timeText(retryAt),
      });
    },
    logNotCompared({ id: webhookId }, error) {
      logger.error(
        "what webhook {webhookId} missed while it was disabled can't be looked for yet, which is tried again: {error}",
        { webhookId, error },
      );
    },
    logUnwatched(states, error) {
      const webhookIds = states.map(({ id }) => id);
      logger.error("{webhooks} can't be watched: {error}", { webhooks: webhooksText(states), error, webhookIds });
    },
    logWatchedAgain(states) {
      const webhooks = `${webhooksText(states)} ${states.length > 1 ? "are" : "is"}`;
      logger.info("{webhooks} watched again", { webhooks, webhookIds: states.map(({ id }) => id) });
    },
  };
}

/** What Smartsheet says about a webhook that it hasn't enabled. */
export function statusText(webhook: Webhook): string {
  return `it is ${webhook.status}${detailsOf(webhook)}`;
}

/** The message without the refId, which differs in each answer to the same error. */
export function errorKind(message: string | undefined): string | undefined {
  return message?.replace(/\brefId [\w-]+/, "");
}

/** `webhook 1`, or `webhooks 1, 2, 3, 4, 5 and 995 more`. */
function webhooksText(states: readonly WatchState[]): string {
  const shown = states.slice(0, 5).map(({ id }) => id).join(", ");
  const more = states.length > 5 ? ` and ${states.length - 5} more` : "";
  return `webhook${plural(states.length)} ${shown}${more}`;
}

function detailsOf({ disabledDetails }: Webhook): string {
  const details = disabledDetails?.trim();
  return details ? ` ("${details.slice(0, 500)}")` : "";
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? "an unknown time" : new Date(ms).toISOString();
}
