import type { EventCallback } from "../../callback/callback.ts";
import type { AnyEvent } from "../../callback/event.ts";
import { parseTimestamp } from "../../callback/timestamp.ts";
import type { Logger } from "../../logger.ts";
import type { Receiver } from "../../receiver.ts";
import { patternsText } from "../inbox/body.ts";

/** Of a callback with more events than this, a bulk edit, only the first ones are logged, and the count of the others. */
const MANY = 20;
const FIRST = 10;

/** Registers the handler of `serve` without a module: it logs each event in one line. */
export function logEvents(receiver: Receiver, logger: Logger): void {
  receiver.onCallback((callback) => {
    const { events, scope, scopeObjectId } = callback;
    const shown = events.length > MANY ? FIRST : events.length;
    for (const event of events.slice(0, shown)) logEvent(event, callback, logger);
    if (shown === events.length) return;
    logger.info("and {more} more events in the same callback: {patterns} ({scope} {scopeObjectId})", {
      more: events.length - shown,
      patterns: patternsText(events.slice(shown)),
      scope,
      scopeObjectId,
    });
  });
}

/** Registers the handler of `serve` without a module that logs each status. */
export function logStatuses(receiver: Receiver, logger: Logger): void {
  receiver.onStatus(({ webhookId, newWebhookStatus, timestamp, scope, scopeObjectId }) => {
    logger.warn("webhook {webhookId} is now {newWebhookStatus}, since {time} ({scope} {scopeObjectId})", {
      ...{ webhookId, newWebhookStatus, scope, scopeObjectId },
      time: formatTime(timestamp),
    });
  });
}

function logEvent(event: AnyEvent, { scope, scopeObjectId }: EventCallback, logger: Logger): void {
  const { objectType, eventType, id, rowId, columnId, userId } = event;
  logger.info(
    `{objectType}.{eventType} ${objectTemplate(event)} by user {userId} at {time} ({scope} {scopeObjectId})`,
    {
      ...{ objectType, eventType, id, rowId, columnId, userId: userId ?? "unknown" },
      ...{ time: formatTime(event.timestamp), scope, scopeObjectId },
    },
  );
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
