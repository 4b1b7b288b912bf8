import { patternOf } from "../callback/content.ts";
import type { CallName, Position } from "../inbox/inbox.ts";
import { printable } from "../text.ts";

/** A call as people count: from 1. */
export interface CountedCall {
  readonly event: CallName;
  readonly handler: number;
}

/** The events of a stored body, if it can be read. */
export type StoredEvents = readonly Record<string, unknown>[] | undefined;

/** The same call, counted from 1. */
export function countedCall({ event, handler }: Pick<Position, "event" | "handler">): CountedCall {
  return { event: typeof event === "number" ? event + 1 : event, handler: handler + 1 };
}

/** `event 2, handler 1` */
export function callText({ event, handler }: CountedCall): string {
  if (event === "read") return subjectText(event);
  return `${typeof event === "number" ? `event ${event}` : subjectText(event)}, handler ${handler}`;
}

/** `event 2 of 7 (row.updated), handler 1` */
export function positionText(position: Position, events: StoredEvents): string {
  if (position.event === "read") return subjectText(position.event);
  return `${eventText(position, events)}, handler ${position.handler + 1}`;
}

/** `event 2 of 7 (row.updated)`, `onCallback`, `onChange of row 17` */
export function eventText({ event }: Position, events: StoredEvents): string {
  if (typeof event === "string") return subjectText(event);
  const named = events?.[event];
  return `event ${event + 1}${named ? ` of ${events!.length} (${printable(patternOf(named))})` : ""}`;
}

/** What a call that is for no event is about: `onCallback`, `onStatus`, `onGap`, `onChange of row 17`, `reading rows`. */
function subjectText(name: Exclude<CallName, number>): string {
  if (name === "read") return "reading rows";
  if (name === "all") return "onCallback";
  if (name === "gap") return "onGap";
  return name === "status" ? "onStatus" : `onChange of row ${name.slice("row/".length)}`;
}

/**
 * A handler's patterns and its own name: `row.* save`; of `onCallback`, `onStatus` and `onGap` the name alone. Its number among
 * those of the same patterns and name is left out, if it is the first.
 *
 * @param identity as a dead call keeps it
 */
export function handlerName(event: CallName, identity: string): string {
  if (event === "read") return "";
  const name = identityText(identity);
  return typeof event === "number" ? name : name.replace(/^on(?:Callback|Status|Gap) ?/, "");
}

/** The same with `onCallback`, `onStatus` or `onGap`. */
export function identityText(identity: string): string {
  return printable(identity.replace(/#1$/, ""));
}
