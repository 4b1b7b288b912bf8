import type { Callback, EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import { relayOf } from "../callback/relay.ts";
import type { CallName, DeadCall, Position } from "../inbox/inbox.ts";
import type { Change } from "../mirror/change.ts";
import type { DerivedPart } from "../mirror/derive/change_source.ts";
import type { Gap } from "../mirror/gap.ts";
import type { Context } from "./context.ts";
import {
  type CallbackHandler,
  type EventHandler,
  type Handlers,
  type Kind,
  READ,
  type Registered,
  type RegisteredChange,
  type StatusHandler,
} from "./handlers.ts";

/** One call of a handler. */
export interface Call {
  readonly name: CallName;
  readonly handler: Registered<unknown>;
  /** The `changeAgent` lists of the events that the call is about. */
  readonly received: readonly string[];
  /** The changed row that it is about. */
  readonly change?: Change | undefined;
  run(context: Context): unknown;
}

/** Where an attempt begins, and who hears what it passes. */
export interface Route {
  /** The changed rows; undefined if no handler asks for them. */
  readonly changes?: RouteChanges | undefined;
  readonly start: Position | undefined;
  readonly deadCalls: readonly DeadCall[];
  /** Called for each event that no earlier attempt has come to. */
  readonly onEvent: (event: AnyEvent, hasHandler: boolean) => void;
  /** Called when a dead call's handler isn't there any more, behind the calls that replaced it. */
  readonly onReplaced: (call: DeadCall) => void;
}

/** The changed rows of a callback, which a call of its own reads first. */
export interface RouteChanges {
  /** Reads them. */
  readonly read: () => Promise<void>;
  /** Whether they are read. */
  readonly isRead: boolean;
  /** A part of them, from 0; undefined if it has to be loaded. */
  part(number: number): DerivedPart | undefined;
  /** Loads a part. */
  load(number: number): Promise<void>;
}

/** Stands before calls that can be told only when it has ended. */
export interface Load {
  readonly load: () => Promise<void>;
}

/** The calls of a callback, in order. */
export type CallsOf = (callback: Callback, route: Route) => Generator<Call | Load>;

/**
 * The order of calls: the rows are read; for each event that isn't an own change, each matching handler in order of
 * registration; for each changed row each matching `onChange` handler; for a gap the `onGap` handlers; then the `onCallback`
 * handlers; for a status callback the `onStatus` handlers. If dead calls are owed, these alone. A callback that is relayed to one
 * handler has one call.
 *
 * @param isDelivered false for an own change
 */
export function createCallsOf(handlers: Handlers, isDelivered: (event: AnyEvent) => boolean): CallsOf {
  function* eventCalls(events: readonly AnyEvent[], { start, onEvent }: Route): Generator<Call> {
    const first = start && start.event !== "read" ? start.event : 0;
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

  function readCall({ read }: RouteChanges): Call {
    return { name: "read", handler: READ, received: NOBODY, run: read };
  }

  function* loaded(changes: RouteChanges, number: number): Generator<Load, DerivedPart> {
    if (!changes.part(number)) yield { load: () => changes.load(number) };
    return changes.part(number)!;
  }

  /** Where a row is: its part, and its index there. */
  function* find(changes: RouteChanges, name: CallName): Generator<Load, [number: number, index: number] | undefined> {
    for (let number = 0;; number++) {
      const part = yield* loaded(changes, number);
      const index = part.changes.findIndex(({ row }) => name === `row/${row.id}`);
      if (index >= 0) return [number, index];
      if (part.isLast) return undefined;
    }
  }

  function* changeCalls({ start, changes }: Route): Generator<Call | Load> {
    if (!changes?.isRead || start?.event === "all" || start?.event === "status") return;
    const startsAtRow = start && kindOf(start.event) === "change";
    const [first, index] = (startsAtRow && (yield* find(changes, start.event))) || [0, 0];
    for (let number = first, isLast = start?.event === "gap"; !isLast; number++) {
      const part = yield* loaded(changes, number);
      for (const change of number === first ? part.changes.slice(index) : part.changes) {
        for (const handler of handlers.change) {
          const name = `row/${change.row.id}` as const;
          if (!isBefore(start, name, handler) && isMatch(handler, change)) yield changeCall(change, name, handler);
        }
      }
      isLast = part.isLast;
    }
    yield* gapCalls(changes, start);
  }

  function* gapCalls(changes: RouteChanges, start: Position | undefined): Generator<Call | Load> {
    if (!handlers.gap.length) return;
    let part = yield* loaded(changes, 0);
    for (let number = 1; !part.isLast; number++) part = yield* loaded(changes, number);
    const { gap } = part;
    if (!gap || !isWorthTelling(gap)) return;
    for (const handler of handlers.gap) {
      if (isBefore(start, "gap", handler)) continue;
      yield { name: "gap", handler, received: NOBODY, run: (context) => handler.handler(gap, context) };
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

  function* owedCalls(callback: Callback, route: Route): Generator<Call | Load> {
    const { deadCalls, onReplaced } = route;
    for (const dead of deadCalls) {
      if (!dead.isOwed) continue;
      if (dead.call.event === "read") {
        yield* readAgain(dead, route);
        continue;
      }
      const calls = yield* callsFor(dead, dead.call.event, callback, route);
      yield* calls;
      if (!calls.some(({ handler }) => handler.identity === dead.handler)) onReplaced(dead);
    }
  }

  /** Behind rows that couldn't be read stand the calls of their changes. */
  function* readAgain(dead: DeadCall, route: Route): Generator<Call | Load> {
    const { changes, start, onReplaced } = route;
    if (changes && !changes.isRead) yield readCall(changes);
    if (changes && !changes.isRead) return;
    const isBehind = start && (kindOf(start.event) === "change" || start.event === "gap");
    yield* changeCalls({ ...route, start: isBehind ? start : undefined });
    onReplaced(dead);
  }

  /** The call of the same handler; if it isn't there any more, those that the list of handlers has for it now. */
  function* callsFor(
    dead: DeadCall,
    name: Exclude<CallName, "read">,
    callback: Callback,
    { changes }: Route,
  ): Generator<Load, Call[]> {
    if (name === "all") {
      return same(dead, handlers.callback, "callback").flatMap((handler) => callbackCall(callback, handler) ?? []);
    }
    if (name === "status") {
      return same(dead, handlers.status, "status").map((handler) => statusCall(callback, handler));
    }
    if (name === "gap") {
      const calls: Call[] = [];
      for (const call of changes?.isRead ? gapCalls(changes, undefined) : []) {
        if ("load" in call) yield call;
        else calls.push(call);
      }
      return calls.filter(({ handler }) =>
        same(dead, handlers.gap, "gap").some(({ index }) => index === handler.index)
      );
    }
    if (typeof name === "string") {
      const found = changes?.isRead ? yield* find(changes, name) : undefined;
      const change = found && changes?.part(found[0])?.changes[found[1]];
      if (!change) return [];
      const matching = handlers.change.filter((handler) => isMatch(handler, change));
      return same(dead, matching, "change").map((handler) => changeCall(change, name, handler as RegisteredChange));
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
    const relay = relayOf(callback);
    if (relay) return yield relayedCall(callback as EventCallback, handlers.relayed(relay.to));
    if (route.deadCalls.some(({ isOwed }) => isOwed)) return yield* owedCalls(callback, route);
    const { events } = callback;
    const { changes, deadCalls } = route;
    if (changes && !changes.isRead && !deadCalls.some(({ call }) => call.event === "read")) yield readCall(changes);
    if (events) yield* eventCalls(events, route);
    if (changes) yield* changeCalls(route);
    if (events?.length) yield* callbackCalls(callback, route.start);
    if (callback.newWebhookStatus) yield* statusCalls(callback, route.start);
  };
}

function eventCall(event: AnyEvent, name: number, handler: Registered<EventHandler>): Call {
  const received = event.changeAgent === undefined ? NOBODY : listsOf([event]);
  return { name, handler, received, run: (context) => handler.handler(event, context) };
}

function relayedCall(callback: EventCallback, handler: Registered<CallbackHandler>): Call {
  return { name: "all", handler, received: NOBODY, run: (context) => handler.handler(callback, context) };
}

function statusCall(callback: Callback, handler: Registered<StatusHandler>): Call {
  const run = (context: Context) => handler.handler(callback as StatusCallback, context);
  return { name: "status", handler, received: NOBODY, run };
}

function changeCall(change: Change, name: `row/${number}`, handler: RegisteredChange): Call {
  const received = change.events.length ? listsOf(change.events) : NOBODY;
  const { filter } = handler;
  const run = async (context: Context) => {
    if (filter.matches(change)) await handler.handler(await filter.check(change), context);
  };
  return { name, handler, received, change, run };
}

/** Also if it can't be told: the call fails then, for the same reason. */
function isMatch({ filter }: RegisteredChange, change: Change): boolean {
  try {
    return filter.matches(change);
  } catch {
    return true;
  }
}

/** True for a call that an earlier attempt has come past. */
function isBefore(start: Position | undefined, name: CallName, handler: Registered<unknown>): boolean {
  if (!start) return false;
  if (name === start.event) return handler.index < start.handler;
  if (typeof name === "string") return start.event === "gap" && name.startsWith("row/");
  return start.event !== "read" && (typeof start.event !== "number" || name < start.event);
}

/** The list that a call's handler is in. */
export function kindOf(name: CallName): Kind {
  if (typeof name === "number") return "event";
  if (name === "all") return "callback";
  return name === "status" || name === "read" || name === "gap" ? name : "change";
}

/** A comparison that nobody had a reason for, and that found nothing, is no gap. */
function isWorthTelling({ reason, created, updated, deleted }: Gap): boolean {
  return reason === "disabled" || reason === "silent" || created + updated + deleted > 0;
}

const NOBODY: readonly string[] = [];

// One by one, so that each is named once, even if a single list names it twice.
function tokensOf(events: readonly AnyEvent[]): string[] {
  return listsOf(events).flatMap((list) => list.split(","));
}

function listsOf(events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.changeAgent).filter((list) => typeof list === "string");
}
