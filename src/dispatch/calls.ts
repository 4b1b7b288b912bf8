import type { Callback, EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import type { CallName, DeadCall, Position } from "../inbox/inbox.ts";
import type { Context } from "./context.ts";
import type { CallbackHandler, EventHandler, Handlers, Kind, Registered, StatusHandler } from "./handlers.ts";

/** One call of a handler. */
export interface Call {
  readonly name: CallName;
  readonly handler: Registered<unknown>;
  /** The `changeAgent` lists of the events that the call is about. */
  readonly received: readonly string[];
  run(context: Context): unknown;
}

/** Where an attempt begins, and who hears what it passes. */
export interface Route {
  readonly start: Position | undefined;
  readonly deadCalls: readonly DeadCall[];
  /** Called for each event that no earlier attempt has come to. */
  readonly onEvent: (event: AnyEvent, hasHandler: boolean) => void;
  /** Called when a dead call's handler isn't there any more, behind the calls that replaced it. */
  readonly onReplaced: (call: DeadCall) => void;
}

/** The calls of a callback, in order. */
export type CallsOf = (callback: Callback, route: Route) => Generator<Call>;

/**
 * The order of calls: for each event that isn't an own change, each matching handler in order of registration; then the
 * `onCallback` handlers; for a status callback the `onStatus` handlers. If dead calls are owed, these alone.
 *
 * @param isDelivered false for an own change
 */
export function createCallsOf(handlers: Handlers, isDelivered: (event: AnyEvent) => boolean): CallsOf {
  function* eventCalls(events: readonly AnyEvent[], { start, onEvent }: Route): Generator<Call> {
    const first = start ? start.event : 0;
    if (typeof first !== "number") return;
    for (let index = first; index < events.length; index++) {
      const event = events[index]!;
      const matching = handlers.matching(event);
      // The event we resume at was counted by the attempt that failed on it.
      if (index !== start?.event) onEvent(event, matching.length > 0);
      if (!matching.length || !isDelivered(event)) continue;
      for (const handler of matching) {
        if (!isBefore(start, index, handler)) yield eventCall(event, index, handler);
      }
    }
  }

  function* callbackCalls(callback: Callback, start: Position | undefined): Generator<Call> {
    for (const handler of handlers.callback) {
      const call = isBefore(start, "all", handler) ? undefined : callbackCall(callback, handler);
      if (call) yield call;
    }
  }

  function* statusCalls(callback: Callback, start: Position | undefined): Generator<Call> {
    for (const handler of handlers.status) {
      if (!isBefore(start, "status", handler)) yield statusCall(callback, handler);
    }
  }

  /** Undefined if each event is an own change. */
  function callbackCall(callback: Callback, handler: Registered<CallbackHandler>): Call | undefined {
    const events = callback.events ?? [];
    const delivered = events.filter(isDelivered);
    if (!delivered.length) return undefined;
    const view = (delivered.length === events.length ? callback : { ...callback, events: delivered }) as EventCallback;
    const received = tokensOf(delivered);
    return { name: "all", handler, received, run: (context) => handler.handler(view, context) };
  }

  function* owedCalls(callback: Callback, { deadCalls, onReplaced }: Route): Generator<Call> {
    for (const dead of deadCalls) {
      if (!dead.isOwed) continue;
      const calls = callsFor(dead, callback);
      yield* calls;
      if (!calls.some(({ handler }) => handler.identity === dead.handler)) onReplaced(dead);
    }
  }

  /** The call of the same handler; if it isn't there any more, those that the list of handlers has for it now. */
  function callsFor(dead: DeadCall, callback: Callback): Call[] {
    const { event: name } = dead.call;
    if (name === "all") {
      return same(dead, handlers.callback, "callback").flatMap((handler) => callbackCall(callback, handler) ?? []);
    }
    if (name === "status") {
      return same(dead, handlers.status, "status").map((handler) => statusCall(callback, handler));
    }
    const event = callback.events?.[name];
    if (!event) return [];
    return same(dead, handlers.matching(event), "event").map((handler) => eventCall(event, name, handler));
  }

  function same<Handler>(
    { handler: identity, call }: DeadCall,
    list: readonly Registered<Handler>[],
    kind: Kind,
  ): readonly Registered<Handler>[] {
    const found = list.filter((handler) => handler.identity === identity);
    if (found.length) return found;
    // It was renamed, or the list is another.
    return handlers.isSame(call.fingerprint, call.handler, kind)
      ? list.filter(({ index }) => index === call.handler)
      : list;
  }

  return function* (callback, route) {
    if (route.deadCalls.some(({ isOwed }) => isOwed)) return yield* owedCalls(callback, route);
    const { events } = callback;
    if (events) yield* eventCalls(events, route);
    if (events?.length) yield* callbackCalls(callback, route.start);
    if (callback.newWebhookStatus) yield* statusCalls(callback, route.start);
  };
}

function eventCall(event: AnyEvent, name: number, handler: Registered<EventHandler>): Call {
  const received = event.changeAgent === undefined ? NOBODY : listsOf([event]);
  return { name, handler, received, run: (context) => handler.handler(event, context) };
}

function statusCall(callback: Callback, handler: Registered<StatusHandler>): Call {
  const run = (context: Context) => handler.handler(callback as StatusCallback, context);
  return { name: "status", handler, received: NOBODY, run };
}

/** True for a call that an earlier attempt has come past. */
function isBefore(start: Position | undefined, name: CallName, handler: Registered<unknown>): boolean {
  if (!start) return false;
  if (name === start.event) return handler.index < start.handler;
  // `all` is behind every event; what has events has no status.
  return typeof name === "number" && (typeof start.event !== "number" || name < start.event);
}

/** The list that a call's handler is in. */
export function kindOf(name: CallName): Kind {
  return name === "all" ? "callback" : name === "status" ? "status" : "event";
}

const NOBODY: readonly string[] = [];

// One by one, so that each is named once, even if a single list names it twice.
function tokensOf(events: readonly AnyEvent[]): string[] {
  return listsOf(events).flatMap((list) => list.split(","));
}

function listsOf(events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.changeAgent).filter((list) => typeof list === "string");
}
