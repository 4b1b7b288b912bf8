import type { Callback, EventCallback, StatusCallback } from "./callback/callback.ts";
import type { AnyEvent } from "./callback/event.ts";
import { isProbe } from "./callback/probe.ts";
import { touchedRows } from "./callback/touched_rows.ts";
import type { ChangeAgent } from "./change_agent/change_agent.ts";
import type { Counts } from "./counts.ts";
import type { Context } from "./dispatch/context.ts";
import type { Handlers } from "./dispatch/handlers.ts";
import type { Observer } from "./dispatch/observer.ts";
import { createStep, type SaveStep, type Steps } from "./dispatch/step.ts";
import type { Position } from "./inbox/inbox.ts";
import type { Logger } from "./logger.ts";

/** What one attempt starts from, and where it tells how far it has come. */
export interface AttemptState {
  /** From 1. */
  readonly attempt: number;
  readonly signal: AbortSignal;
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
  | { readonly kind: "done" }
  | { readonly kind: "dropped" }
  | { readonly kind: "paused"; readonly position: Position }
  | { readonly kind: "failed"; readonly error: unknown; readonly position: Position };

/** Runs the calls of a callback from where the last attempt ended. Never rejects. */
export type RunAttempt = (callback: Callback, state: AttemptState) => Promise<AttemptResult>;

interface Call {
  readonly event: number;
  readonly handler: number;
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
  const { handlers, changeAgent, deliverOwnChanges, logger, counts, observer } = options;

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
      if (!isDelivered(event)) continue;
      for (const { index: handler, handler: handle } of matching) {
        if (handler < firstHandler(index)) continue;
        yield {
          event: index,
          handler,
          name: index,
          received: event.changeAgent === undefined ? NOBODY : listsOf([event]),
          run: (context) => handle(event, context),
        };
      }
    }

    const delivered = handlers.callback.length ? events.filter(isDelivered) : [];
    const view = delivered.length === events.length ? callback : { ...callback, events: delivered };
    for (const { index, handler } of delivered.length ? handlers.callback : []) {
      if (index < firstHandler(afterEvents)) continue;
      const run = (context: Context) => handler(view as EventCallback, context);
      yield { event: afterEvents, handler: index, name: "all", received: tokensOf(delivered), run };
    }

    for (const { index, handler } of callback.newWebhookStatus ? handlers.status : []) {
      if (index < firstHandler(afterEvents + 1)) continue;
      const run = (context: Context) => handler(callback as StatusCallback, context);
      yield { event: afterEvents + 1, handler: index, name: "status", received: NOBODY, run };
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

  return async (callback, state) => {
    if (isProbe(callback)) return { kind: "dropped" };
    const { fingerprint } = handlers;
    const { signal, attempt, saveStep } = state;
    const isSame = state.position?.fingerprint === fingerprint;
    const start = state.position && { ...state.position, handler: isSame ? state.position.handler : 0 };
    let position: Position = start ?? { event: 0, handler: 0, fingerprint };
    const steps: Steps = new Map(state.steps);
    let rows: ReturnType<typeof touchedRows> | undefined;
    try {
      for (const call of callsOf(callback, start)) {
        position = { event: call.event, handler: call.handler, fingerprint };
        const asked = state.onPosition?.(position);
        const goesOn = typeof asked === "object" ? await asked : asked;
        if (signal.aborted || goesOn === false) return { kind: "paused", position };
        const context: Context = {
          callback,
          // Not a getter: V8 would make a new one for each call, which takes longer than all the rest here.
          changeAgent: changeAgent.outgoing(call.received),
          fetch: changeAgent.fetch(call.received),
          attempt,
          signal,
          idempotencyKey: `${callback.webhookId}/${callback.nonce}/${call.name}`,
          step: createStep(`${fingerprint}/${call.event}/${call.handler}`, steps, saveStep, signal),
          rows: () => rows ??= touchedRows((callback.events ?? []).filter(isDelivered)),
          log: logger,
        };
        const returned = observer ? observer.onCall(call.name, () => call.run(context)) : call.run(context);
        if (isThenable(returned)) await returned;
      }
      return { kind: "done" };
    } catch (error) {
      return { kind: "failed", error, position };
    }
  };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

const NOBODY: readonly string[] = [];

// Each alone, so that one is named once, also if a single list names it twice.
function tokensOf(events: readonly AnyEvent[]): string[] {
  return listsOf(events).flatMap((list) => list.split(","));
}

function listsOf(events: readonly AnyEvent[]): string[] {
  return events.map((event) => event.changeAgent).filter((list) => typeof list === "string");
}
