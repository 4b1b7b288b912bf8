import type { EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import { type EventMatcher, parsePattern } from "../callback/pattern.ts";
import { optionError } from "../errors.ts";
import type { Change } from "../mirror/change.ts";
import type { Gap } from "../mirror/gap.ts";
import { type ChangeFilter, parseChangeFilter, type ParsedChangeFilter } from "../mirror/filter/change_filter.ts";
import type { Context } from "./context.ts";

/** Handles one event. What it returns is awaited and otherwise ignored. */
export type EventHandler<Event = AnyEvent> = (event: Event, context: Context) => unknown;
/** Handles a whole callback at once; own changes are left out of its `events`. */
export type CallbackHandler = (callback: EventCallback, context: Context) => unknown;
/** Handles a changed row. */
export type ChangeHandler<Changed = Change> = (change: Changed, context: Context) => unknown;
/** Handles a gap: what no callback had told. */
export type GapHandler = (gap: Gap, context: Context) => unknown;
/** Handles a change of a webhook's own state. */
export type StatusHandler = (status: StatusCallback, context: Context) => unknown;

/** The handlers that were registered, in order of registration. */
export interface Handlers {
  on(patterns: string | readonly string[], handler: EventHandler): void;
  onChange(filter: ChangeFilter | undefined, handler: ChangeHandler): void;
  onGap(handler: GapHandler): void;
  onCallback(handler: CallbackHandler): void;
  onStatus(handler: StatusHandler): void;
  onRelayed(to: string, handler: CallbackHandler): void;
  /** The matching handlers of an event, each with its index among all that were given to `on`. */
  matching(event: AnyEvent): readonly Registered<EventHandler>[];
  readonly change: readonly RegisteredChange[];
  readonly gap: readonly Registered<GapHandler>[];
  readonly callback: readonly Registered<CallbackHandler>[];
  readonly status: readonly Registered<StatusHandler>[];
  /** The handler of what is relayed to `to`; one that throws if none is registered. */
  relayed(to: string): Registered<CallbackHandler>;
  /** Recognises a handler after a deployment: see {@linkcode isSame}. */
  fingerprintOf(registered: Registered<unknown>): string;
  /**
   * Whether the handler with that fingerprint still has `index` among those of its kind: the list of patterns is the same, and
   * the handler isn't found at another index.
   */
  isSame(fingerprint: string, index: number, kind: Kind): boolean;
}

/** The lists of handlers; `read` isn't one: it stands for what reads the rows. */
export type Kind = "event" | "change" | "gap" | "callback" | "status" | "read";

/** A handler of changes, with its filter. */
export type RegisteredChange = Registered<ChangeHandler> & { readonly filter: ParsedChangeFilter };

/** A handler, and its index among those of its kind. */
export interface Registered<Handler> {
  readonly index: number;
  readonly handler: Handler;
  /**
   * Its patterns, its own name, and its number among handlers of the same patterns and name (or none): it doesn't change when
   * other handlers are added or moved.
   */
  readonly identity: string;
  /** Short, for `Position.fingerprint`. */
  readonly hash: string;
}

export function createHandlers(): Handlers {
  const event: (Registered<EventHandler> & { readonly matches: EventMatcher })[] = [];
  const change: RegisteredChange[] = [];
  const gap: Registered<GapHandler>[] = [];
  const callback: Registered<CallbackHandler>[] = [];
  const status: Registered<StatusHandler>[] = [];
  const relayed = new Map<string, Registered<CallbackHandler>>();
  const byType = new Map<string, Map<string, readonly Registered<EventHandler>[]>>();
  const patternsOf: string[] = [];
  const all = { event, change, gap, callback, status, read: [READ] };
  let patternsHash: string | undefined;

  function register<Handler>(patterns: string, handler: Handler, list: Registered<Handler>[]): Registered<Handler> {
    if (typeof handler !== "function") throw optionError("Handler", handler, "a function");
    const { name } = handler;
    const named = `${patterns} ${typeof name === "string" ? name : ""}`;
    const twins = list.filter(({ identity }) => identity.startsWith(`${named}#`)).length;
    patternsHash = undefined;
    const identity = `${named}#${twins + 1}`;
    return { index: list.length, handler, identity, hash: hash(identity) };
  }

  function hashOfPatterns(): string {
    const patterns = [...patternsOf, ...change.map(({ filter }) => filter.identity)].join(" ");
    return patternsHash ??= hash(`${patterns} ${gap.length} ${callback.length} ${status.length}`);
  }

  return {
    on(patterns, handler) {
      const list = [patterns].flat();
      if (!list.length) throw optionError("Patterns", list, "at least one");
      const matchers = list.map(parsePattern);
      const registered = register(list.join(), handler, event as Registered<EventHandler>[]);
      event.push({ ...registered, matches: (candidate) => matchers.some((matches) => matches(candidate)) });
      patternsOf.push(list.join());
      byType.clear();
    },
    onChange(given, handler) {
      const filter = parseChangeFilter(given);
      const registered = register(filter.identity, handler, change as Registered<ChangeHandler>[]);
      change.push({ ...registered, filter });
    },
    onGap(handler) {
      gap.push(register("onGap", handler, gap));
    },
    onCallback(handler) {
      callback.push(register("onCallback", handler, callback));
    },
    onStatus(handler) {
      status.push(register("onStatus", handler, status));
    },
    onRelayed(to, handler) {
      if (typeof handler !== "function") throw optionError("Handler", handler, "a function");
      if (relayed.has(to)) throw optionError("Relay", to, "a name that no other handler has");
      relayed.set(to, relayTo(to, handler));
    },
    matching(candidate) {
      const { objectType, eventType } = candidate;
      const find = () => event.filter(({ matches }) => matches(candidate));
      // Undocumented events may have any shape.
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
    change,
    gap,
    callback,
    status,
    relayed: (to) =>
      relayed.get(to) ?? relayTo(to, () => {
        throw new Error(`Nothing takes what is relayed to ${to}: was it left out since?`);
      }),
    fingerprintOf: ({ hash }) => `${hashOfPatterns()}.${hash}`,
    isSame(fingerprint, index, kind) {
      const [patterns, own] = fingerprint.split(".");
      if (patterns !== hashOfPatterns()) return false;
      const found = all[kind].findIndex(({ hash }) => hash === own);
      // A handler that isn't found was renamed.
      return found < 0 || found === index;
    },
  };
}

/** Stands for what reads the rows, before the handlers of changes. */
export const READ: Registered<unknown> = {
  index: 0,
  handler: undefined,
  identity: "read rows#1",
  hash: hash("read rows#1"),
};

/** The same for the same name, whether or not its handler is there. */
function relayTo(to: string, handler: CallbackHandler): Registered<CallbackHandler> {
  const identity = `relay to ${to}#1`;
  return { index: 0, handler, identity, hash: hash(identity) };
}

/** FNV-1a, 32 bits. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(36);
}
