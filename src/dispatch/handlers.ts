import type { EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent, EventOf, Pattern } from "../callback/event.ts";
import { type EventMatcher, parsePattern } from "../callback/pattern.ts";
import { optionError } from "../errors.ts";
import type { Context } from "./context.ts";

/** Handles one event. What it returns is awaited and otherwise ignored. */
export type EventHandler<Event = AnyEvent> = (event: Event, context: Context) => unknown;
/** Handles a whole callback at once: its `events` are those that aren't own changes. */
export type CallbackHandler = (callback: EventCallback, context: Context) => unknown;
/** Handles a change of a webhook's own state. */
export type StatusHandler = (status: StatusCallback, context: Context) => unknown;

/** The handlers that were registered, in order of registration. */
export interface Handlers {
  on<const P extends Pattern>(patterns: P | readonly P[], handler: EventHandler<EventOf<P>>): void;
  onCallback(handler: CallbackHandler): void;
  onStatus(handler: StatusHandler): void;
  /** The matching handlers of an event, each with its index among all that were given to `on`. */
  matching(event: AnyEvent): readonly Registered<EventHandler>[];
  readonly callback: readonly Registered<CallbackHandler>[];
  readonly status: readonly Registered<StatusHandler>[];
  /** Changes whenever the list of registered patterns does: a place in it is worth nothing then. */
  readonly fingerprint: string;
}

/** A handler, and its index among those of its kind. */
export interface Registered<Handler> {
  readonly index: number;
  readonly handler: Handler;
}

export function createHandlers(): Handlers {
  const event: (Registered<EventHandler> & { readonly matches: EventMatcher })[] = [];
  const callback: Registered<CallbackHandler>[] = [];
  const status: Registered<StatusHandler>[] = [];
  const byType = new Map<string, readonly Registered<EventHandler>[]>();
  const patternsOf: string[] = [];

  return {
    on(patterns, handler) {
      const list = [patterns].flat() as string[];
      if (!list.length) throw optionError("Patterns", list, "at least one");
      const matchers = list.map(parsePattern);
      event.push({
        index: event.length,
        handler: requireHandler(handler) as EventHandler,
        matches: (candidate) => matchers.some((matches) => matches(candidate)),
      });
      patternsOf.push(list.join(","));
      byType.clear();
    },
    onCallback: (handler) => void callback.push({ index: callback.length, handler: requireHandler(handler) }),
    onStatus: (handler) => void status.push({ index: status.length, handler: requireHandler(handler) }),
    matching(candidate) {
      const type = `${candidate.objectType}.${candidate.eventType}`;
      let found = byType.get(type);
      if (!found) {
        if (byType.size >= 1000) byType.clear();
        byType.set(type, found = event.filter(({ matches }) => matches(candidate)));
      }
      return found;
    },
    callback,
    status,
    get fingerprint() {
      return `${patternsOf.join(" ")} ${callback.length} ${status.length}`;
    },
  };
}

function requireHandler<Handler>(handler: Handler): Handler {
  if (typeof handler !== "function") throw optionError("Handler", handler, "a function");
  return handler;
}
