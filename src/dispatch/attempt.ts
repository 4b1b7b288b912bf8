import type { Callback, EventCallback } from "../callback/callback.ts";
import type { AnyEvent } from "../callback/event.ts";
import { isProbe } from "../callback/probe.ts";
import { reconcileOf } from "../callback/reconcile.ts";
import { relayOf } from "../callback/relay.ts";
import { touchedRows } from "../callback/touched_rows.ts";
import type { ChangeAgent, WriteWatch } from "../change_agent/change_agent.ts";
import type { Counts } from "../counts.ts";
import { errorText } from "../error_text.ts";
import type { DeadCall, EndedCall, Position } from "../inbox/inbox.ts";
import type { Logger } from "../logger.ts";
import type { ChangeSource, DerivedPart } from "../mirror/derive/change_source.ts";
import { NO_WRITES, type RowWrites, type RowWritesOf } from "../mirror/row_writes.ts";
import { isThenable } from "../thenable.ts";
import type { TracedAttempt, Tracing } from "../tracing_port.ts";
import { type Call, createCallsOf, kindOf, type Route, type RouteChanges } from "./calls.ts";
import { createCallLog, failedCall } from "./call_log.ts";
import type { CountedCall } from "./call_text.ts";
import type { Context } from "./context.ts";
import { createDeadCalls } from "./dead_calls.ts";
import type { Handlers } from "./handlers.ts";
import { createQuietObserver, type Observer } from "./observer.ts";
import { createRefusedWriteLog } from "./refused_write.ts";
import { createStepOf, type SaveStep } from "./step.ts";
import { tracedCall } from "./traced_call.ts";
import { attemptsOf, checkReturned, explainThrown, usedUp, verdictOf } from "./verdict.ts";

/** What one attempt starts from, and how it reports its progress. */
export interface AttemptState {
  /** From 1. With `onPosition`, the number of this attempt at its first call: those behind it have their first one. */
  readonly attempt: number;
  /** A call that fails in the attempt of this number is dead. @default none is */
  readonly attempts?: number | undefined;
  /** How many attempts in a row before this one never ended. @default 0 */
  readonly unfinished?: number | undefined;
  readonly signal: AbortSignal;
  /** Throws, or rejects, if the lease is lost. Called before each step and each write. @default throws if `signal` has aborted */
  readonly confirm?: () => void | Promise<void>;
  readonly position?: Position | undefined;
  readonly steps?: ReadonlyMap<string, string>;
  readonly deadCalls?: readonly DeadCall[] | undefined;
  /** What is stored with the callback, for its trace. Undefined without an inbox. */
  readonly stored?: TracedAttempt["stored"];
  /** Where changed rows come from. Without it, no handler of changes is called. */
  readonly changeSource?: ((callback: EventCallback) => ChangeSource) | undefined;
  /** Without it, steps just run. */
  readonly saveStep?: SaveStep;
  /** Called before each call, which waits for it. @returns false to end the attempt there */
  readonly onPosition?: (position: Position, attempt: number) => boolean | Promise<boolean>;
  /** Called when a call is dead, or is dead no more. */
  readonly onEnded?: (call: EndedCall) => void;
}

/**
 * `error` is what a call threw; the position is that of the next call. `dropped` is a probe of doctor's: no handler is called
 * for it.
 */
export type AttemptResult =
  | {
    readonly kind: "done";
    readonly events: number;
    /** Of handlers; reading the rows isn't one. */
    readonly calls: number;
    readonly ms: number;
    /** How many of the callback's calls are dead. */
    readonly dead: number;
    /** Why the last one died, if that was in this attempt. */
    readonly error?: string | undefined;
  }
  | { readonly kind: "dropped" }
  | { readonly kind: "paused"; readonly position: Position; readonly attempt: number }
  | {
    readonly kind: "failed";
    readonly error: unknown;
    readonly position: Position;
    /** The number of the attempt at this call. */
    readonly attempt: number;
    /** Undefined if the attempt failed before any call. */
    readonly call?: CountedCall | undefined;
  };

/** Runs the calls of a callback from where the last attempt ended. Never rejects. */
export type RunAttempt = (callback: Callback, state: AttemptState) => Promise<AttemptResult>;

/** Before the first call. */
export const START: Position = { event: 0, handler: 0, fingerprint: "" };

/**
 * Makes the calls of a callback, one after another; see `calls.ts` for their order. The attempt ends at a call that wants to be
 * retried; it goes on behind one that is dead, or skipped.
 */
export function createRunAttempt(options: {
  readonly handlers: Handlers;
  readonly changeAgent: ChangeAgent;
  readonly deliverOwnChanges: boolean;
  readonly logger: Logger;
  readonly counts: Counts;
  readonly observer?: Observer | undefined;
  readonly rowWrites?: RowWritesOf | undefined;
  readonly tracing?: Tracing | undefined;
}): RunAttempt {
  const { handlers, changeAgent, deliverOwnChanges, logger, counts, rowWrites, tracing } = options;
  const observer = options.observer && createQuietObserver(options.observer, logger);
  const onRefused = createRefusedWriteLog(logger);
  const callLog = createCallLog(logger, counts);
  const callsOf = createCallsOf(handlers, isDelivered);

  function isDelivered(event: AnyEvent): boolean {
    return deliverOwnChanges || changeAgent.origin(event.changeAgent) === "other";
  }

  /** True for a callback with rows of a sheet that a handler of changes asks for, or that asks for all of them. */
  function asksForRows(callback: Callback): callback is EventCallback {
    const { scope, scopeObjectId, events } = callback;
    return scope === "sheet" && !relayOf(callback) &&
      handlers.change.some(({ filter }) => filter.asksFor(scopeObjectId)) &&
      (touchedRows(events ?? []).length > 0 || reconcileOf(callback) !== undefined);
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
  function startOf({ position }: AttemptState): Position | undefined {
    if (!position) return undefined;
    const { event, handler, fingerprint } = position;
    return handlers.isSame(fingerprint, handler, kindOf(event)) ? position : { ...position, handler: 0 };
  }

  /**
   * Whether the first call has no attempt left. After a first attempt that never ended, the call that it ended in is known only
   * if there is no other: from then on, each is saved before it begins.
   */
  function isUsedUp({ attempt, attempts = Infinity, unfinished }: AttemptState, hasOthers: () => boolean): boolean {
    return attempt > attempts && !(unfinished === 1 && hasOthers());
  }

  // Apart from the loop of calls, where a function would be made for each, also if nobody watches.
  function runWatched(call: Call, context: Context, traced: Tracing | undefined): unknown {
    const run = () => observer ? observer.onCall(call.name, () => call.run(context)) : call.run(context);
    return traced ? traced.call(tracedCall(call, context), run) : run();
  }

  async function run(callback: Callback, state: AttemptState): Promise<AttemptResult> {
    if (isProbe(callback)) return { kind: "dropped" };
    const { signal, saveStep, attempts = Infinity } = state;
    const confirm = state.confirm ?? (() => signal.throwIfAborted());
    const writes: WriteWatch = { confirm, onRefused };
    const traced = tracing?.isOn() ? tracing : undefined;
    const stepOf = createStepOf({ recorded: state.steps, save: saveStep, confirm, signal, tracing: traced });
    const dead = createDeadCalls(callback, state);
    const source = asksForRows(callback) ? state.changeSource?.(callback) : undefined;
    const changes = source && createRouteChanges(source, signal);
    const route: Route = {
      changes,
      start: startOf(state),
      deadCalls: state.deadCalls ?? [],
      onEvent: count,
      onReplaced: ({ call, handler }) => dead.end({ call, handler, attempt: 0 }),
    };
    const hasOthers = () => {
      const ahead = callsOf(callback, { ...route, onEvent() {}, onReplaced() {} });
      return "load" in (ahead.next().value ?? {}) || !ahead.next().done;
    };
    const beganAt = performance.now();
    let position: Position = route.start ?? START;
    let { attempt } = state;
    let current: Call | undefined;
    let calls = 0;
    let reads = 0;
    let rows: ReturnType<typeof touchedRows> | undefined;
    const writesOf = ({ received, change }: Call, rowWrites: RowWritesOf): RowWrites => {
      const writes = () => {
        return rowWrites({ changeAgent: changeAgent.outgoing(received), signal, confirm, sheet: change?.sheet });
      };
      return {
        updateRow: (row, cells) => writes().updateRow(row, cells),
        addRows: (sheetId, rows) => writes().addRows(sheetId, rows),
        deleteRows: (sheetId, rowIds) => writes().deleteRows(sheetId, rowIds),
      };
    };
    try {
      if (changes) await changes.load(0);
      for (const call of callsOf(callback, route)) {
        if ("load" in call) {
          await call.load();
          continue;
        }
        const { handler, name, received } = call;
        position = { event: name, handler: handler.index, fingerprint: handlers.fingerprintOf(handler) };
        if (calls && state.onPosition) attempt = 1;
        const asked = state.onPosition?.(position, attempt);
        const goesOn = typeof asked === "object" ? await asked : asked;
        if (signal.aborted || goesOn === false) return { kind: "paused", position, attempt };
        current = call;
        calls++;
        if (name === "read") reads++;
        try {
          if (calls === 1 && isUsedUp(state, hasOthers)) {
            // It isn't made: that counts for nothing.
            attempt--;
            throw usedUp(attempts, state.unfinished ?? 0);
          }
          const context: Context = {
            callback,
            // Not a getter: V8 would make a new one for each call, which takes longer than all the rest here.
            changeAgent: changeAgent.outgoing(received),
            fetch: changeAgent.fetch(received, writes),
            attempt,
            signal,
            failed: name === "all" ? dead.events() : NONE,
            idempotencyKey: `${callback.webhookId}/${callback.nonce}/${name}`,
            step: stepOf(name, handler.identity),
            ...(rowWrites ? writesOf(call, rowWrites) : NO_WRITES),
            traceHeaders: traced ? traced.headers : noHeaders,
            rows: () => rows ??= touchedRows((callback.events ?? []).filter(isDelivered)),
            log: logger,
          };
          const returned = observer || traced ? runWatched(call, context, traced) : call.run(context);
          const result = isThenable(returned) ? await returned : returned;
          if (result !== undefined) checkReturned(result);
        } catch (thrown) {
          const error = explainThrown(thrown);
          const verdict = signal.aborted ? "retry" : verdictOf(error, attempt, attemptsOf(name, error, attempts));
          if (verdict === "retry" || verdict === "discard") {
            return { kind: "failed", error, position, attempt, call: failedCall(call) };
          }
          callLog[verdict](call, callback, error, attempt, dead.died);
          if (verdict === "dead") {
            dead.end({ call: position, handler: handler.identity, attempt, error: errorText(error) });
            continue;
          }
        }
        // Rows that were read again are told behind it: see `calls.ts`.
        if (dead.isReplay && name !== "read") dead.end({ call: position, handler: handler.identity, attempt });
      }
      return {
        kind: "done",
        events: callback.events?.length ?? 0,
        calls: calls - reads,
        ms: performance.now() - beganAt,
        dead: dead.count,
        error: dead.error,
      };
    } catch (error) {
      return { kind: "failed", error, position, attempt, call: current && failedCall(current) };
    }
  }

  if (!tracing) return run;
  return (callback, state) => {
    const { attempt, stored, position, unfinished, deadCalls } = state;
    const isFirst = attempt === 1 && !position && !unfinished && !deadCalls?.length;
    return tracing.attempt({ callback, attempt, stored, isFirst }, () => run(callback, state));
  };
}

const noHeaders = () => ({});

const NONE: readonly AnyEvent[] = [];

function createRouteChanges(source: ChangeSource, signal: AbortSignal): RouteChanges {
  /** One at a time: all of them may be too much for the memory. */
  let loaded: { readonly number: number; readonly part: DerivedPart } | undefined;
  async function load(number: number): Promise<void> {
    const part = await source.part(number);
    loaded = part && { number, part };
  }
  return {
    get isRead() {
      return loaded !== undefined;
    },
    part: (number) => loaded?.number === number ? loaded.part : undefined,
    async load(number) {
      await load(number);
      if (number && !loaded) throw new Error(`Part ${number} of the changes isn't there any more`);
    },
    async read() {
      await source.derive(signal);
      await load(0);
    },
  };
}
