import type { Callback, EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import { isProbe } from "../callback/probe.ts";
import { touchedRows } from "../callback/touched_rows.ts";
import type { ChangeAgent, WriteWatch } from "../change_agent/change_agent.ts";
import type { Counts } from "../counts.ts";
import type { Context } from "./context.ts";
import type { Handlers, Kind, Registered } from "./handlers.ts";
import { createQuietObserver, type Observer } from "./observer.ts";
import { createStepOf, type SaveStep, type Steps } from "./step.ts";
import type { Position } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import { createRefusedWriteLog } from "./refused_write.ts";
import { isThenable } from "../thenable.ts";

/** What one attempt starts from, and how it reports its progress. */
export interface AttemptState {
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Throws, or rejects, if the lease is lost. Called before each step and each write. @default throws if `signal` has aborted */
  readonly confirm?: () => void | Promise<void>;
  readonly position?: Position | undefined;
  readonly steps?: ReadonlyMap<string, string>;
  /** Without it, steps just run. */
  readonly saveStep?: SaveStep;
  /** Called before each call, which waits for it. @returns false to end the attempt there */
  readonly onPosition?: (position: Position) => boolean | Promise<boolean>;
}

/**
 * `error` is what a call threw; the position is that of the next call. `dropped` is a probe of doctor's: no handler is called
 * for it.
 */
export type AttemptResult =
  | { readonly kind: "done"; readonly events: number; readonly calls: number; readonly ms: number }
  | { readonly kind: "dropped" }
  | { readonly kind: "paused"; readonly position: Position }
  | {
    readonly kind: "failed";
    readonly error: unknown;
    readonly position: Position;
    /** Undefined if the attempt failed before any call. */
    readonly call?: FailedCall | undefined;
  };

/** The call that failed, as people count: from 1. */
export interface FailedCall {
  readonly event: number | "all" | "status";
  readonly handler: number;
}

/** Runs the calls of a callback from where the last attempt ended. Never rejects. */
export type RunAttempt = (callback: Callback, state: AttemptState) => Promise<AttemptResult>;

interface Call {
  readonly event: number;
  readonly handler: Registered<unknown>;
  /** The last part of the idempotency key. */
  readonly name: number | "all" | "status";
  /** The `changeAgent` lists of the events that the call is about. */
  readonly received: readonly string[];
  run(context: Context): unknown;
}

/**
 * The order of calls: for each event that isn't an own change, each matching handler in order of registration; then the
 * `onCallback` handlers; for a status callback the `onStatus` handlers. One after another; the attempt ends at the first
 * that throws.
 */
export function createRunAttempt(options: {
  readonly handlers: Handlers;
  readonly changeAgent: ChangeAgent;
  readonly deliverOwnChanges: boolean;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly observer?: Observer | undefined;
}): RunAttempt {
  const { handlers, changeAgent, deliverOwnChanges, logger, counts } = options;
  const observer = options.observer && createQuietObserver(options.observer, logger);
  const onRefused = createRefusedWriteLog(logger);

  function isDelivered(event: AnyEvent): boolean {
    return deliverOwnChanges || changeAgent.origin(event.changeAgent) === "other";
  }

  function* callsOf(callback: Callback, start: Position | undefined): Generator<Call> {
    const events = callback.events ?? [];
    yield* eventCalls(events, start);
    if (events.length) yield* callbackCalls(callback, events, start);
    if (callback.newWebhookStatus) yield* statusCalls(callback as StatusCallback, events.length + 1, start);
  }

  function* eventCalls(events: readonly AnyEvent[], start: Position | undefined): Generator<Call> {
    for (let index = start?.event ?? 0; index < events.length; index++) {
      const event = events[index]!;
      const matching = handlers.matching(event);
      // The event we resume at was counted by the attempt that failed on it.
      if (index !== start?.event) count(event, matching.length > 0);
      if (!matching.length || !isDelivered(event)) continue;
      const received = event.changeAgent === undefined ? NOBODY : listsOf([event]);
      for (const handler of matching) {
        if (isBefore(start, index, handler)) continue;
        yield { event: index, handler, name: index, received, run: (context) => handler.handler(event, context) };
      }
    }
  }

  function* callbackCalls(
    callback: Callback,
    events: readonly AnyEvent[],
    start: Position | undefined,
  ): Generator<Call> {
    if (!handlers.callback.length) return;
    const delivered = events.filter(isDelivered);
    if (!delivered.length) return;
    const view = (delivered.length === events.length ? callback : { ...callback, events: delivered }) as EventCallback;
    const received = tokensOf(delivered);
    for (const handler of handlers.callback) {
      if (isBefore(start, events.length, handler)) continue;
      yield { event: events.length, handler, name: "all", received, run: (context) => handler.handler(view, context) };
    }
  }

  function* statusCalls(status: StatusCallback, event: number, start: Position | undefined): Generator<Call> {
    for (const handler of handlers.status) {
      if (isBefore(start, event, handler)) continue;
      yield { event, handler, name: "status", received: NOBODY, run: (context) => handler.handler(status, context) };
    }
  }

  function count(event: AnyEvent, hasHandler: boolean): void {
    const origin = changeAgent.origin(event.changeAgent);
    if (origin !== "other") counts.ownChanges++;
    if (origin === "cut") counts.cutOwnChanges++;
    if (origin !== "other" && !deliverOwnChanges) {
      observer?.onEvent(event, "ownChange");
      return;
    }
    const result = hasHandler ? "handled" : "unhandled";
    counts[result]++;
    observer?.onEvent(event, result);
  }

  /** Where this attempt starts: at the call that failed, or at the first of its event if the handlers have changed. */
  function startOf({ position }: AttemptState, events: number): Position | undefined {
    if (!position) return undefined;
    const { event, handler, fingerprint } = position;
    return handlers.isSame(fingerprint, handler, kindOf(event, events)) ? position : { ...position, handler: 0 };
  }

  return async (callback, state) => {
    if (isProbe(callback)) return { kind: "dropped" };
    const { signal, attempt, saveStep } = state;
    const confirm = state.confirm ?? (() => signal.throwIfAborted());
    const writes: WriteWatch = { confirm, onRefused };
    const events = callback.events?.length ?? 0;
    const start = startOf(state, events);
    const steps: Steps = new Map(state.steps);
    const stepOf = createStepOf({ steps, save: saveStep, confirm, signal });
    const beganAt = performance.now();
    let position: Position = start ?? { event: 0, handler: 0, fingerprint: "" };
    let current: Call | undefined;
    let calls = 0;
    let rows: ReturnType<typeof touchedRows> | undefined;
    try {
      for (const call of callsOf(callback, start)) {
        const { handler, name, received } = call;
        position = { event: call.event, handler: handler.index, fingerprint: handlers.fingerprintOf(handler) };
        const asked = state.onPosition?.(position);
        const goesOn = typeof asked === "object" ? await asked : asked;
        if (signal.aborted || goesOn === false) return { kind: "paused", position };
        current = call;
        calls++;
        const context: Context = {
          callback,
          // Not a getter: V8 would make a new one for each call, which takes longer than all the rest here.
          changeAgent: changeAgent.outgoing(received),
          fetch: changeAgent.fetch(received, writes),
          attempt,
          signal,
          idempotencyKey: `${callback.webhookId}/${callback.nonce}/${name}`,
          step: stepOf(name, handler.identity),
          rows: () => rows ??= touchedRows((callback.events ?? []).filter(isDelivered)),
          log: logger,
        };
        const returned = observer ? observer.onCall(name, () => call.run(context)) : call.run(context);
        if (isThenable(returned)) await returned;
      }
      return { kind: "done", events, calls, ms: performance.now() - beganAt };
    } catch (error) {
      return { kind: "failed", error, position, call: current && failedCall(current) };
    }
  };
}

/** Behind the last event, `onCallback` and `onStatus` have the next two numbers. */
function kindOf(event: number, events: number): Kind {
  if (event < events) return "event";
  return event === events ? "callback" : "status";
}

/** True for a call that an earlier attempt has completed. */
function isBefore(start: Position | undefined, event: number, handler: Registered<unknown>): boolean {
  if (!start || event > start.event) return false;
  return event < start.event || handler.index < start.handler;
}

function failedCall({ name, handler }: Call): FailedCall {
  return { event: typeof name === "number" ? name + 1 : name, handler: handler.index + 1 };
}

const NOBODY: readonly string[] = [];

// One by one, so that each is named once, even if a single list names it twice.
function tokensOf(events: readonly AnyEvent[]): string[] {
  return listsOf(events).flatMap((list) => list.split(","));
}

function listsOf(events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.changeAgent).filter((list) => typeof list === "string");
}
