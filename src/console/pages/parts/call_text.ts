import { patternOf } from "../../../callback/content.ts";
import { callText, subjectText } from "../../../dispatch/call_log.ts";
import type { Position } from "../../../inbox/inbox.ts";
import type { StoredDeadCall } from "../../../inbox/inspect.ts";
import { printable } from "../../../text.ts";

/** The events of a body. */
export type Events = readonly Record<string, unknown>[];

/** Counted from 1: `event 2, handler 1`. */
export function shortCallText({ event, handler }: Position): string {
  return callText({ event: typeof event === "number" ? event + 1 : event, handler: handler + 1 });
}

/** Counted from 1: `event 2 of 7 (row.updated)`, `onCallback`, `onChange of row 17`. */
export function eventText({ event }: Position, events: Events): string {
  if (typeof event === "string") return subjectText(event);
  const named = events[event];
  return `event ${event + 1} of ${events.length}${named ? ` (${printable(patternOf(named))})` : ""}`;
}

/** `event 2 of 7 (row.updated), handler 1` */
export function positionText(position: Position, events: Events): string {
  if (position.event === "read") return eventText(position, events);
  return `${eventText(position, events)}, handler ${position.handler + 1}`;
}

/** A handler's patterns and its own name: `row.* save`; of `onCallback`, `onStatus` and `onGap` the name alone. */
export function handlerName({ call, handler }: Pick<StoredDeadCall, "call" | "handler">): string {
  if (call.event === "read") return "";
  const name = printable(handler.replace(/#1$/, ""));
  return typeof call.event === "number" ? name : name.replace(/^on(?:Callback|Status|Gap) ?/, "");
}
