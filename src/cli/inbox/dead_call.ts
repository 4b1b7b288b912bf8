import { countedCall, handlerName, identityText, positionText, type StoredEvents } from "../../dispatch/call_text.ts";
import type { StoredDeadCall } from "../../inbox/inspect.ts";
import { isoTime } from "../terminal/time_text.ts";

/** With its handler's patterns and name: `event 2 of 7 (row.updated), handler 1 row.* save`. */
export function deadCallText({ call, handler }: StoredDeadCall, events: StoredEvents): string {
  return `${positionText(call, events)} ${handlerName(call.event, handler)}`.trim();
}

/** For a program. */
export function deadCallJson({ number, call, handler, state, attempts, diedAt, error }: StoredDeadCall) {
  const handlerName = identityText(handler);
  return { number, ...countedCall(call), handlerName, state, attempts, diedAt: isoTime(diedAt), error };
}
