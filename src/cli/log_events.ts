import type { AnyEvent } from "../callback/event.ts";
import { parseTimestamp } from "../callback/timestamp.ts";
import type { Logger } from "../logger.ts";
import type { Receiver } from "../receiver.ts";

/** Registers what `serve` does without a module: tell each event and each status in one line. */
export function logEvents(receiver: Receiver, logger: Logger): void {
  receiver.on("*.*", (event, { callback }) => {
    const { scope, scopeObjectId } = callback;
    const { objectType, eventType, id, rowId, columnId, userId } = event;
    logger.info(
      `{objectType}.{eventType} ${objectTemplate(event)} by user {userId} at {time} ({scope} {scopeObjectId})`,
      {
        ...{ objectType, eventType, id, rowId, columnId, userId: userId ?? "unknown" },
        ...{ time: formatTime(event.timestamp), scope, scopeObjectId },
      },
    );
  });
  receiver.onStatus(({ webhookId, newWebhookStatus, timestamp, scope, scopeObjectId }) => {
    logger.warn("webhook {webhookId} is now {newWebhookStatus}, since {time} ({scope} {scopeObjectId})", {
      ...{ webhookId, newWebhookStatus, scope, scopeObjectId },
      time: formatTime(timestamp),
    });
  });
}

function objectTemplate({ id, rowId, columnId }: AnyEvent): string {
  if (id !== undefined) return "{objectType} {id}";
  return rowId !== undefined && columnId !== undefined
    ? "{objectType} in row {rowId}, column {columnId}"
    : "{objectType}";
}

function formatTime(timestamp: string): string {
  const time = parseTimestamp(timestamp);
  return time > 0 ? new Date(time).toISOString().replace(".000Z", "Z") : "an unknown time";
}
