import type { EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
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
  on(patterns: string | readonly string[], handler: EventHandler): void;
  onCallback(handler: CallbackHandler): void;
  onStatus(handler: StatusHandler): void;
  /** The matching handlers of an event, each with its index among all that were given to `on`. */
  matching(event: AnyEvent): readonly Registered<EventHandler>[];
  readonly callback: readonly Registered<CallbackHandler>[];
  readonly status: readonly Registered<StatusHandler>[];
  /** A short text that changes whenever the list of registered patterns does: a place in it is worth nothing then. */
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
  const byType = new Map<string, Map<string, readonly Registered<EventHandler>[]>>();
  const patternsOf: string[] = [];
  let fingerprint: string | undefined;

  return {
    on(patterns, handler) {
      const list = [patterns].flat();
      if (!list.length) throw optionError("Patterns", list, "at least one");
      const matchers = list.map(parsePattern);
      event.push({
        index: event.length,
        handler: requireHandler(handler),
        matches: (candidate) => matchers.some((matches) => matches(candidate)),
      });
      patternsOf.push(list.join(","));
      byType.clear();
      fingerprint = undefined;
    },
    onCallback(handler) {
      callback.push({ index: callback.length, handler: requireHandler(handler) });
      fingerprint = undefined;
    },
    onStatus(handler) {
      status.push({ index: status.length, handler: requireHandler(handler) });
      fingerprint = undefined;
    },
    matching(candidate) {
      const { objectType, eventType } = candidate;
      const find = () => event.filter(({ matches }) => matches(candidate));
      // What Smartsheet hasn't documented may be of any shape.
      if (typeof objectType !== "string" || typeof eventType !== "string") return find();
      let ofObject = byType.get(objectType);
      if (!ofObject) {
        if (byType.size >= 100) byType.clear();
        byType.set(objectType, ofObject = new Map());
      }
      let found = ofObject.get(eventType);
      if (!found) {
        if (ofObject.size >= 100) ofObject.clear();
        ofObject.set(eventType, found = find());
      }
      return found;
    },
    callback,
    status,
    get fingerprint() {
      return fingerprint ??= hash(`${patternsOf.join(" ")} ${callback.length} ${status.length}`);
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(36);
}

function requireHandler<Handler>(handler: Handler): Handler {
  if (typeof handler !== "function") throw optionError("Handler", handler, "a function");
  return handler;
}
