import type { Webhook } from "../../api/api.ts";
import type { Logger } from "../../logger.ts";
import type { WatchState } from "./watched_webhook.ts";
import type { StatusFacts } from "../../smartsheet/webhook_status.ts";

/** What a watch has to tell, each in one line. */
export interface WatchLog {
  /** `before` is its status until now; undefined if it wasn't known. */
  tellEnabled(state: WatchState, before: string | undefined, now: number): void;
  tellDisabled(state: WatchState, facts: StatusFacts, webhook: Webhook | undefined): void;
  tellNotEnabled(state: WatchState, reason: string): void;
  /** Says nothing if that was told already. */
  tellUnwatched(state: WatchState, error: string): void;
  tellWatchedAgain(state: WatchState): void;
}

export function createWatchLog(logger: Logger): WatchLog {
  return {
    tellEnabled({ webhookId, missingSince }, before, now) {
      if (before === undefined) return logger.info("webhook {webhookId} is enabled", { webhookId });
      if (before === "NEW_NOT_VERIFIED") return logger.warn("webhook {webhookId} is enabled now", { webhookId });
      logger.warn(
        "webhook {webhookId} is enabled again; events between {from} and {until} may be missing: Smartsheet never " +
          "sends them again, so read the sheet with rowsModifiedSince",
        { webhookId, from: timeText(missingSince), until: timeText(now) },
      );
    },
    tellDisabled({ webhookId, status, missingSince }, { meaning, toDo }, webhook) {
      logger.error("webhook {webhookId} is {status}: {meaning}{details}; {missing}; what to do: {toDo}", {
        ...{ webhookId, status, meaning, details: webhook ? detailsOf(webhook) : "", toDo },
        missing: status === "NEW_NOT_VERIFIED"
          ? "nothing was sent yet"
          : `events since ${timeText(missingSince)} may be missing`,
      });
    },
    tellNotEnabled({ webhookId, retryAt }, reason) {
      logger.error("webhook {webhookId} could not be enabled, {reason}; tried again at {retryAt}", {
        webhookId,
        reason,
        retryAt: timeText(retryAt),
      });
    },
    tellUnwatched({ webhookId, error: before }, error) {
      if (before !== undefined && kindOf(before) === kindOf(error)) return;
      logger.error("webhook {webhookId} can't be watched: {error}", { webhookId, error });
    },
    tellWatchedAgain({ webhookId }) {
      logger.info("webhook {webhookId} is watched again", { webhookId });
    },
  };
}

/** What Smartsheet says of a webhook that it hasn't enabled. */
export function statusText(webhook: Webhook): string {
  return `it is ${webhook.status}${detailsOf(webhook)}`;
}

/** Each answer has a refId of its own, which makes no other error of it. */
function kindOf(message: string): string {
  return message.replace(/\brefId [\w-]+/, "");
}

function detailsOf({ disabledDetails }: Webhook): string {
  const details = disabledDetails?.trim();
  return details ? ` ("${details.slice(0, 500)}")` : "";
}

function timeText(ms: number | undefined): string {
  return ms === undefined ? "an unknown time" : new Date(ms).toISOString();
}
