import { subjectText } from "../../dispatch/call_log.ts";
import type { Position } from "../../inbox/inbox.ts";
import type { StoredDeadCall } from "../../inbox/inspect.ts";
import { patternOf } from "../../callback/content.ts";
import { isoTime } from "../terminal/time_text.ts";

/** Counted from 1: `event 2 of 7 (row.updated), handler 1`. */
export function callText({ event, handler }: Position, events: readonly Record<string, unknown>[] = []): string {
  const which = `handler ${handler + 1}`;
  if (event === "read") return subjectText(event);
  if (typeof event === "string") return `${subjectText(event)}, ${which}`;
  const named = events[event];
  return `event ${event + 1}${named ? ` of ${events.length} (${patternOf(named)})` : ""}, ${which}`;
}

/** With its handler's patterns and name: `event 2 of 7 (row.updated), handler 1 row.* save`. */
export function deadCallText({ call, handler }: StoredDeadCall, events?: readonly Record<string, unknown>[]): string {
  const name = nameOf(handler);
  if (call.event === "read") return callText(call, events);
  return `${callText(call, events)} ${
    typeof call.event === "number" ? name : name.replace(/^on(?:Callback|Status|Gap) ?/, "")
  }`.trim();
}

/** For a program. */
export function deadCallJson({ number, call, handler, state, attempts, diedAt, error }: StoredDeadCall) {
  const handlerName = nameOf(handler);
  return { number, ...callJson(call), handlerName, state, attempts, diedAt: isoTime(diedAt), error };
}

/** A call for a program, counted from 1. */
export function callJson({ event, handler }: Position) {
  return { event: typeof event === "number" ? event + 1 : event, handler: handler + 1 };
}

/** Its number among handlers of the same patterns and name is left out, if it is the first. */
function nameOf(handler: string): string {
  return handler.replace(/#1$/, "").trim();
}
