import type { Callback, EventCallback, StatusCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import { isProbe } from "../callback/probe.ts";
import { touchedRows } from "../callback/touched_rows.ts";
import type { ChangeAgent, WriteWatch } from "../change_agent/change_agent.ts";
import type { Counts } from "../counts.ts";
import type { Context } from "./context.ts";
import type { Handlers, Registered } from "./handlers.ts";
import { createQuietObserver, type Observer } from "./observer.ts";
import { createStepOf, type SaveStep, type Steps } from "./step.ts";
import type { Position } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import { createRefusedWriteLog } from "./refused_write.ts";
import { isThenable } from "../thenable.ts";

/** What one attempt starts from, and where it tells how far it has come. */
export interface AttemptState {
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Throws, or rejects, if the lease is lost. Asked before each step and each write. @default as `signal` says */
  readonly confirm?: () => void | Promise<void>;
  readonly position?: Position | undefined;
  readonly steps?: ReadonlyMap<string, string>;
  /** Without it, steps just run. */
  readonly saveStep?: SaveStep;
  /** Called before each call, which waits if it has to. @returns false to end the attempt there */
  readonly onPosition?: (position: Position) => boolean | Promise<boolean>;
}

/**
 * `error` is what a call threw; the position is that of the call that is still owed. `dropped` is a probe of doctor's: no
 * handler is called for it.
 */
export type AttemptResult =
  | { readonly kind: "done"; readonly events: number; readonly calls: number; readonly ms: number }
  | { readonly kind: "dropped" }
  | { readonly kind: "paused"; readonly position: Position }
  | {
    readonly kind: "failed";
    readonly error: unknown;
    readonly position: Position;
    /** Undefined if it failed before any call. */
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
    // What comes behind the events is placed behind the last of them.
    const afterEvents = events.length;
    const firstHandler = (event: number) =>
      event === start?.event ? start.handler : event < (start?.event ?? 0) ? Infinity : 0;

    for (let index = start?.event ?? 0; index < events.length; index++) {
      const event = events[index]!;
      const matching = handlers.matching(event);
      // What a call failed on was counted by the attempt that came to it first.
      if (index !== start?.event) count(event, matching.length > 0);
      if (!matching.length || !isDelivered(event)) continue;
      const first = firstHandler(index);
      for (const handler of matching) {
        if (handler.index < first) continue;
        yield {
          event: index,
          handler,
          name: index,
          received: event.changeAgent === undefined ? NOBODY : listsOf([event]),
          run: (context) => handler.handler(event, context),
        };
      }
    }

    const delivered = handlers.callback.length ? events.filter(isDelivered) : [];
    const view = delivered.length === events.length ? callback : { ...callback, events: delivered };
    for (const handler of delivered.length ? handlers.callback : []) {
      if (handler.index < firstHandler(afterEvents)) continue;
      const run = (context: Context) => handler.handler(view as EventCallback, context);
      yield { event: afterEvents, handler, name: "all", received: tokensOf(delivered), run };
    }

    for (const handler of callback.newWebhookStatus ? handlers.status : []) {
      if (handler.index < firstHandler(afterEvents + 1)) continue;
      const run = (context: Context) => handler.handler(callback as StatusCallback, context);
      yield { event: afterEvents + 1, handler, name: "status", received: NOBODY, run };
    }
  }

  function count(event: AnyEvent, hasHandler: boolean): void {
    const origin = changeAgent.origin(event.changeAgent);
    if (origin !== "other") counts.ownChanges++;
    if (origin === "cut") counts.cutOwnChanges++;
    const result = origin !== "other" && !deliverOwnChanges ? "ownChange" : hasHandler ? "handled" : "unhandled";
    if (result !== "ownChange") counts[result]++;
    observer?.onEvent(event, result);
  }

  /** Where this attempt starts: at the call that the last one failed at, or at its event if handlers have changed. */
  function startOf({ position }: AttemptState, events: number): Position | undefined {
    if (!position) return undefined;
    const { event, handler, fingerprint } = position;
    const kind = event < events ? "event" : event === events ? "callback" : "status";
    return handlers.isSamePlace(fingerprint, handler, kind) ? position : { ...position, handler: 0 };
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

function failedCall({ name, handler }: Call): FailedCall {
  return { event: typeof name === "number" ? name + 1 : name, handler: handler.index + 1 };
}

const NOBODY: readonly string[] = [];

// Each alone, so that one is named once, also if a single list names it twice.
function tokensOf(events: readonly AnyEvent[]): string[] {
  return listsOf(events).flatMap((list) => list.split(","));
}

function listsOf(events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.changeAgent).filter((list) => typeof list === "string");
}
