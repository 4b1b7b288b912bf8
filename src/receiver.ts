import { createAccept } from "./accept.ts";
import { createUnderWay } from "./async/under_way.ts";
import type { AcceptedCallback } from "./callback/callback.ts";
import type { EventCallback } from "./callback/callback.ts";
import type { AnyEvent, EventOf, Pattern } from "./callback/event.ts";
import { parseStoredCallback } from "./callback/parse_callback.ts";
import { isReason, reconcileCallback, reconcileOf, type ReconcileRequest } from "./callback/reconcile.ts";
import { createChangeAgent, type Fetch } from "./change_agent/change_agent.ts";
import { type Counts, createCounts } from "./counts.ts";
import { createRunAttempt, START } from "./dispatch/attempt.ts";
import {
  type CallbackHandler,
  type ChangeHandler,
  createHandlers,
  type EventHandler,
  type GapHandler,
  type StatusHandler,
} from "./dispatch/handlers.ts";
import type { Context } from "./dispatch/context.ts";
import type { ChangesApi } from "./mirror/api_port.ts";
import type { Change } from "./mirror/change.ts";
import type { ChangeFilter, ChangeFor, KnownOptions } from "./mirror/filter/change_filter.ts";
import { observeReconcile } from "./mirror/reconcile/observe_reconcile.ts";
import { createReconcileSource } from "./mirror/reconcile/reconcile_source.ts";
import { createTriggers, type Triggers } from "./mirror/triggers/triggers.ts";
import type { SilentSheet } from "./mirror/triggers/canary.ts";
import type { AskForReconcile } from "./mirror/triggers/trigger.ts";
import { createMirrorSource, createPlainSource } from "./mirror/derive/change_source.ts";
import { createReadAheads } from "./mirror/derive/read_ahead.ts";
import { createRowWrites } from "./mirror/row_writes.ts";
import { createQuietObserver, type Observer } from "./dispatch/observer.ts";
import {
  optionError,
  requireFunction,
  requireInteger,
  requireKnownOptions,
  requireMs,
  requireNumber,
  SheethookError,
} from "./errors.ts";
import { createHandler } from "./handler.ts";
import type { EndedCall, Inbox, Position, PutOnlyInbox } from "./inbox/inbox.ts";
import { consoleLogger, createQuietLogger, type Logger } from "./logger.ts";
import { createOutcomeOf } from "./dispatch/outcome.ts";
import { sha256 } from "./receive/signature.ts";
import { createSecretSource, type Secrets } from "./receive/secrets.ts";
import { Refusal } from "./receive/refusal.ts";
import type { Tracing } from "./tracing_port.ts";
import { createWorker } from "./worker.ts";

/** Options of {@linkcode createReceiver}. */
export interface ReceiverOptions {
  /** The webhooks' shared secrets. Needed, unless `allowUnsigned`. */
  readonly secrets?: Secrets | undefined;
  /**
   * This application's identity in `Smartsheet-Change-Agent`. Two applications that write to the same sheets need two
   * names, or each takes the other's changes for its own. @default "sheethook"
   */
  readonly changeAgent?: string | undefined;
  /** Without one, handlers run before the answer: nothing is durable. */
  readonly inbox?: Inbox | PutOnlyInbox | undefined;
  /** A client of the Smartsheet API, from `sheethook/api`: for `onChange`, and for `context.updateRow` and the like. */
  readonly api?: ChangesApi | undefined;
  /** Ours: anything else is refused. @default those with secrets */
  readonly webhookIds?: readonly number[] | undefined;
  /** Takes callbacks without looking at a signature. Needs `webhookIds`, excludes `secrets`. @default false */
  readonly allowUnsigned?: boolean | undefined;
  /** Where `context.fetch` sends the change agent besides Smartsheet's four hosts: a simulator, a proxy. */
  readonly apiUrl?: string | URL | undefined;
  /** What becomes of events that we caused ourselves. @default "ignore" */
  readonly ownChanges?: "ignore" | "deliver" | undefined;
  /** The longest body that is accepted, in bytes; Smartsheet's largest callback isn't known. @default 10 MiB */
  readonly maxBodyBytes?: number | undefined;
  /**
   * What the bodies under way may hold together, each from its first byte to its answer; a body that is too much for it is
   * answered 503, and comes again. Not under `maxBodyBytes`. @default 128 MiB
   */
  readonly maxBufferedBytes?: number | undefined;
  /** Requests that are answered at the same time, from when their body is there; one more gets 503. @default 256 */
  readonly maxRequests?: number | undefined;
  /** How long a body may take to arrive, in milliseconds. @default 10_000 */
  readonly bodyTimeoutMs?: number | undefined;
  /** A signed callback older than that is answered 200 and dropped. @default none is too old */
  readonly maxAgeMs?: number | undefined;
  /** Time for `inbox.put` or, without an inbox, for the handlers. Smartsheet gives up at about 5 s. @default 4_000 */
  readonly acceptTimeoutMs?: number | undefined;
  /** The number of lanes processed at the same time. @default 16 */
  readonly concurrency?: number | undefined;
  /** Attempts at a call until it is dead, and its callback a dead letter. @default 15, which takes about 3 hours */
  readonly attempts?: number | undefined;
  /**
   * How often each mirrored sheet is compared with its mirror, in milliseconds, to find what no callback told: between `start`
   * and `stop`, and only sheets that an `onChange` handler asks for. @default never
   */
  readonly reconcileEveryMs?: number | undefined;
  /**
   * How often Smartsheet is asked whether each of these sheets has changed without a callback, in milliseconds: its webhook may
   * be silent, although it says ENABLED. One request a sheet. @default 900_000, which is 15 min
   */
  readonly canaryEveryMs?: number | "off" | undefined;
  /** How long such a callback is waited for, in milliseconds: Smartsheet gathers events for a minute. @default 120_000 */
  readonly silentAfterMs?: number | undefined;
  /** Where the receiver logs. @default warnings and errors on the console */
  readonly logger?: Logger | undefined;
  /** Called for events and handlers while they run, for metrics. @default none */
  readonly observer?: Observer | undefined;
  /** Makes spans of requests, callbacks, calls and writes: `createTracing()`, from `sheethook/tracing`. @default none */
  readonly tracing?: Tracing | undefined;
  /** What `context.fetch` calls. @default globalThis.fetch */
  readonly fetch?: Fetch | undefined;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** From 0 to 1, for the spread of retries. @default Math.random */
  readonly random?: (() => number) | undefined;
}

/** What {@linkcode createReceiver} returns. Its functions need no `this`. */
export interface Receiver {
  /** Answers one request. Never throws and never rejects. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Registers a handler for the events that one of the patterns matches. @throws {SheethookError} `option_invalid` */
  on<const P extends Pattern>(patterns: P | readonly P[], handler: EventHandler<EventOf<P>>): Receiver;
  /** The same for patterns that are known only when it runs, from a configuration. */
  on<S extends string>(patterns: string extends S ? S | readonly S[] : never, handler: EventHandler): Receiver;
  /**
   * Registers a handler for changed rows, with their values before and after: called behind the events' handlers. A filter says
   * which: `onChange({ column: "Status", to: "Approved" }, handler)`.
   *
   * @throws {SheethookError} `option_invalid` for a filter that can't be meant, and without `api`
   */
  onChange<const Filter extends ChangeFilter>(
    filter: Filter & KnownOptions<Filter>,
    handler: (change: ChangeFor<Filter>, context: Context) => unknown,
  ): Receiver;
  /** The same for every changed row. */
  onChange(handler: (change: Change, context: Context) => unknown): Receiver;
  /**
   * Registers a handler for gaps: what the comparison of a whole sheet found that no callback had told of, behind the
   * `onChange` handlers for its rows. Called when something was found; after a time in which the webhook was disabled or silent
   * also when nothing was.
   */
  onGap(handler: GapHandler): Receiver;
  /** Registers a handler for whole callbacks: called behind the events' handlers, with the events that aren't own changes. */
  onCallback(handler: CallbackHandler): Receiver;
  /** Registers a handler for status callbacks. */
  onStatus(handler: StatusHandler): Receiver;
  /**
   * Registers the one handler of callbacks that were put into the inbox for it alone, in a lane of their own: `sheethook/forward`
   * does that, so that a target which is down holds up itself and nobody else.
   *
   * @throws {SheethookError} `option_invalid` for a second one of that name
   */
  onRelayed(to: string, handler: CallbackHandler): Receiver;
  /**
   * Starts processing the inbox in this process, if there is one with more than `put`. Also ends the 503s after a `stop()`, and
   * waits for a `stop()` that isn't done yet. Of `start()` and `stop()`, the last call counts.
   */
  start(): Promise<void>;
  /**
   * Answers callbacks with 503 from now on, lets running handlers end, and releases what isn't done. A second call
   * meanwhile waits for the same end. `graceMs`: how long handlers may take, in milliseconds. @default 25_000
   */
  stop(options?: { readonly graceMs?: number | undefined }): Promise<void>;
  /**
   * Runs one callback that a queue of the host's own brings back. A call that fails in its last attempt is dead, and the callback
   * goes on behind it.
   *
   * @throws {SheethookError} `callback_invalid` if its body isn't one
   */
  run(callback: AcceptedCallback, options: RunOptions): Promise<RunResult>;
  /**
   * Asks for the comparison of a whole sheet with its mirror, to find what no callback told. It waits in the sheet's lane like
   * a callback, also over a restart, and its changes go to the `onChange` handlers. A sheet that isn't mirrored yet is read.
   *
   * @returns `duplicate` if the same comparison is stored already: of the same sheet, reason and `key`
   * @throws {SheethookError} `option_invalid` without `api`, with a put-only inbox or none, or for a sheet id that isn't one
   */
  reconcile(request: ReconcileRequest & { readonly key?: string | undefined }): Promise<"stored" | "duplicate">;
  /** Sheets that change without any callback telling of it, as far as this process has noticed: see `canaryEveryMs`. */
  silentSheets(): readonly SilentSheet[];
  /** What was seen so far. */
  readonly counts: Readonly<Counts>;
}

/** Options of `receiver.run`. */
export interface RunOptions {
  /** How often the queue has brought this callback, from 1. The queue should bring it `ReceiverOptions.attempts` times. */
  readonly attempt: number;
  /** Runs only these calls, which were dead: the replay of a dead letter that the host has kept. @default all calls */
  readonly calls?: readonly RunDeadCall[] | undefined;
}

/**
 * `done` is true when nothing more is to be run, also for a discarded callback; `dead` is what the host may want to keep.
 * Otherwise the callback wants another attempt.
 */
export type RunResult =
  | { readonly done: true; readonly dead: readonly RunDeadCall[] }
  | { readonly done?: false; readonly retryAfterMs: number };

/** A call that has used up its attempts. It is plain JSON. */
export interface RunDeadCall {
  /** As its handler saw it: see `Context.idempotencyKey`. */
  readonly idempotencyKey: string;
  /** The handler's patterns and name. */
  readonly handler: string;
  /** Which call it is. */
  readonly call: Position;
  /** How often it was tried. */
  readonly attempts: number;
  /** Its message, stack and causes, at most 4,000 characters, without secrets. */
  readonly error: string;
}

/**
 * A receiver for Smartsheet webhooks: `fetch` answers challenges, verifies, stores and answers; the handlers then run
 * per event, in order per sheet, with retries.
 *
 * @throws {SheethookError} `option_invalid`, with a message that says what to do
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  requireKnownOptions("createReceiver", options ??= {}, OPTIONS);
  const logger = createQuietLogger(options.logger ?? consoleLogger);
  const { inbox, api, tracing, observer: givenObserver } = options;
  const now = requireFunction("now", options.now ?? Date.now);
  const random = requireFunction("random", options.random ?? Math.random);
  const fetch = requireFunction("fetch", options.fetch ?? ((input, init) => globalThis.fetch(input, init)));
  const acceptTimeoutMs = requireMs("acceptTimeoutMs", options.acceptTimeoutMs ?? 4_000);
  const attempts = requireInteger("attempts", options.attempts ?? 15);
  const concurrency = requireInteger("concurrency", options.concurrency ?? 16);
  const ownChanges = options.ownChanges ?? "ignore";
  if (ownChanges !== "ignore" && ownChanges !== "deliver") {
    throw optionError("ownChanges", ownChanges, '"ignore" or "deliver"');
  }
  if (inbox && typeof inbox.put !== "function") throw optionError("inbox", inbox, "an inbox, or an object with put()");
  if (api && !isFunction((api as Partial<ChangesApi>).sheets?.get)) {
    throw optionError("api", api, 'what createApi() of "sheethook/api" returns');
  }
  if (tracing && typeof tracing.answer !== "function") {
    throw optionError("tracing", tracing, 'what createTracing() of "sheethook/tracing" returns');
  }
  if (givenObserver && !(isFunction(givenObserver.onEvent) && isFunction(givenObserver.onCall))) {
    throw optionError("observer", givenObserver, "an object with the functions onEvent and onCall");
  }
  const counts = createCounts();
  const handlers = createHandlers();
  const changeAgent = createChangeAgent(
    options.changeAgent ?? "sheethook",
    options.apiUrl,
    fetch,
    tracing,
  );
  const deliverOwnChanges = ownChanges === "deliver";
  const mirror = inbox && "lease" in inbox ? inbox.mirror : undefined;
  const isOwn = (event: AnyEvent) => !deliverOwnChanges && changeAgent.origin(event.changeAgent) !== "other";
  const aheads = createReadAheads();
  const sources = api && { api, isOwn, logger, now };
  const changeSource = sources && ((callback: EventCallback) => createPlainSource(sources, callback));
  const runAttempt = createRunAttempt({
    handlers,
    changeAgent,
    deliverOwnChanges,
    rowWrites: api && createRowWrites({ api, mirror, isTold: deliverOwnChanges }),
    logger,
    counts,
    observer: givenObserver,
    tracing,
  });
  const outcomeOf = createOutcomeOf({ random, logger, counts });
  const asksFor = (sheetId: number) => handlers.change.some(({ filter }) => filter.asksFor(sheetId));
  const reconcile: AskForReconcile = async ({ key, ...request }) => {
    const { reason = "manual" } = request;
    const callback = await reconcileCallback(request, { key: `${reason}-${key}`, now: now(), digestOf: sha256 });
    return await inbox!.put(callback) === "duplicate" ? "duplicate" : "stored";
  };
  const triggers: Triggers | undefined = createTriggers({
    ...checkPeriods(options),
    source: api && mirror && { api, mirror },
    asksFor,
    reconcile,
    now,
    logger,
  });
  const observer = givenObserver && createQuietObserver(givenObserver, logger);
  const worker = inbox && "lease" in inbox &&
    createWorker({
      inbox,
      async runAttempt(callback, state) {
        try {
          if (callback.newWebhookStatus) await triggers?.noteStatus(callback);
        } catch (error) {
          // No call has begun: an inbox that can't store takes none of their attempts.
          return { kind: "failed", error, position: state.position ?? START, attempt: state.attempt - 1 };
        }
        return await runAttempt(callback, state);
      },
      outcomeOf,
      attempts,
      concurrency,
      logger,
      counts,
      now,
      changeSource: sources && mirror &&
        ((callback, taken) => {
          const asked = reconcileOf(callback);
          if (asked) {
            const source = createReconcileSource({ ...sources, mirror }, callback, asked, taken);
            const { scopeObjectId: sheetId } = callback;
            return observeReconcile(source, {
              ...{ mirror, sheetId, reason: asked.reason },
              onEnded: (ended) => observer?.onReconcile?.(ended),
            });
          }
          return createMirrorSource({ ...sources, mirror }, callback, { ...taken, ahead: aheads(taken.lease.lane) });
        }),
    });
  const accept = createAccept({ inbox, runAttempt, changeSource, outcomeOf, now, tracing, logger, counts });
  const underWay = createUnderWay();
  let isStopping = false;
  /** How often it was started or stopped: the last call counts. */
  let asked = 0;
  let stopped: Promise<void> | undefined;

  async function run(accepted: AcceptedCallback, { attempt, calls }: RunOptions): Promise<RunResult> {
    requireInteger("attempt", attempt);
    const callback = parseStoredCallback(accepted.body);
    const ended: EndedCall[] = [];
    const result = await runAttempt(callback, {
      attempt,
      // The queue has counted: what it brings, runs.
      attempts: Math.max(attempts, attempt),
      signal: new AbortController().signal,
      deadCalls: calls?.map(({ call, handler }, index) => ({ number: index + 1, call, handler, isOwed: true })),
      stored: accepted,
      changeSource,
      onEnded: (call) => void ended.push(call),
    });
    const { outcome, report } = outcomeOf(result, callback, attempts, ended);
    report();
    if (outcome.kind === "failed") return { retryAfterMs: outcome.retryAfterMs };
    const dead = ended.flatMap(({ call, handler, attempt: attempts, error }) => {
      if (error === undefined) return [];
      const idempotencyKey = `${accepted.webhookId}/${accepted.nonce}/${call.event}`;
      return [{ idempotencyKey, handler, call, attempts, error }];
    });
    return { done: true, dead: outcome.kind === "dead" ? dead : [] };
  }

  const answer = createHandler({
    ...checkTrust(options),
    ...checkBodyLimits(options),
    maxRequests: requireInteger("maxRequests", options.maxRequests ?? 256),
    bodyTimeoutMs: requireMs("bodyTimeoutMs", options.bodyTimeoutMs ?? 10_000),
    acceptTimeoutMs,
    maxAgeMs: options.maxAgeMs === undefined ? Infinity : requireNumber("maxAgeMs", options.maxAgeMs, 1),
    accept(callback, body, deadline) {
      if (isStopping) throw new Refusal(503, "the process is stopping");
      triggers?.heard(callback.scopeObjectId);
      return underWay.track(accept(callback, body, deadline));
    },
    now,
    logger,
    counts,
  });

  const receiver: Receiver = {
    fetch: tracing ? (request) => tracing.answer(request, () => answer(request)) : answer,
    on(patterns: string | readonly string[], handler: EventHandler) {
      handlers.on(patterns, handler);
      return receiver;
    },
    onChange(given: ChangeFilter | ChangeHandler, handler?: unknown) {
      if (!api) throw noApi("onChange");
      const [filter, handle] = typeof given === "function" && handler === undefined
        ? [undefined, given]
        : [given, handler];
      handlers.onChange(filter as ChangeFilter | undefined, handle as ChangeHandler);
      return receiver;
    },
    onGap(handler) {
      if (!api) throw noApi("onGap");
      handlers.onGap(handler);
      return receiver;
    },
    onCallback(handler) {
      handlers.onCallback(handler);
      return receiver;
    },
    onStatus(handler) {
      handlers.onStatus(handler);
      return receiver;
    },
    onRelayed(to, handler) {
      handlers.onRelayed(to, handler);
      return receiver;
    },
    async start() {
      const own = ++asked;
      if (worker) await worker.start();
      if (own !== asked) return;
      isStopping = false;
      triggers?.start();
    },
    async stop({ graceMs = 25_000 } = {}) {
      requireMs("graceMs", graceMs, 0);
      asked++;
      isStopping = true;
      stopped ??= underWay.ended(graceMs).finally(() => stopped = undefined);
      await Promise.all([stopped, worker && worker.stop(graceMs), triggers?.stop()]);
    },
    async reconcile({ key, ...request }) {
      if (!api) throw noApi("reconcile");
      if (!mirror || !inbox) throw optionError("inbox", inbox, "an inbox with a mirror, to compare a sheet with");
      requireKnownOptions("reconcile", { key, ...request }, RECONCILE_OPTIONS);
      const { sheetId, reason } = request;
      if (key !== undefined && !(key.length <= 100)) throw optionError("key", key, "a text of at most 100 characters");
      if (!Number.isSafeInteger(sheetId) || sheetId <= 0) throw optionError("sheetId", sheetId, "the id of a sheet");
      if (reason !== undefined && !isReason(reason)) {
        throw optionError("reason", reason, '"disabled", "silent", "scheduled" or "manual"');
      }
      return await reconcile({ ...request, key: key ?? crypto.randomUUID() });
    },
    silentSheets: () => triggers?.silentSheets() ?? [],
    run: (accepted, options) => underWay.track(run(accepted, options)),
    counts,
  };
  return receiver;
}

/** Every option, by its name: so that one that is misspelt is refused. */
const OPTIONS: Readonly<Record<keyof ReceiverOptions, true>> = {
  secrets: true,
  changeAgent: true,
  inbox: true,
  api: true,
  webhookIds: true,
  allowUnsigned: true,
  apiUrl: true,
  ownChanges: true,
  maxBodyBytes: true,
  maxBufferedBytes: true,
  maxRequests: true,
  bodyTimeoutMs: true,
  maxAgeMs: true,
  acceptTimeoutMs: true,
  concurrency: true,
  attempts: true,
  reconcileEveryMs: true,
  canaryEveryMs: true,
  silentAfterMs: true,
  logger: true,
  observer: true,
  tracing: true,
  fetch: true,
  now: true,
  random: true,
};

const RECONCILE_OPTIONS: Readonly<Record<keyof ReconcileRequest | "key", true>> = {
  sheetId: true,
  reason: true,
  since: true,
  key: true,
};

function checkTrust({ secrets, allowUnsigned, webhookIds }: ReceiverOptions) {
  // A list that is none must not stand for all webhooks, nor "false" for yes.
  if (webhookIds != null && !isListOfIds(webhookIds)) {
    throw optionError("webhookIds", webhookIds, "a list of at least one webhook id");
  }
  if (allowUnsigned != null && typeof allowUnsigned !== "boolean") {
    throw optionError("allowUnsigned", allowUnsigned, "true or false");
  }
  const ids = webhookIds ? new Set(webhookIds) : undefined;
  if (allowUnsigned) {
    if (secrets !== undefined) {
      throw new SheethookError("option_invalid", "allowUnsigned excludes secrets: give one of the two");
    }
    if (!ids) {
      throw new SheethookError("option_invalid", "allowUnsigned needs webhookIds: name the webhooks that are yours");
    }
    return { secrets: undefined, webhookIds: ids };
  }
  if (secrets === undefined || secrets === null) {
    throw new SheethookError(
      "option_invalid",
      "secrets is missing: give the sharedSecret that Smartsheet made for the webhook",
    );
  }
  return { secrets: createSecretSource(secrets), webhookIds: ids };
}

function isListOfIds(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((id) => Number.isSafeInteger(id) && id > 0);
}

function isFunction(value: unknown): boolean {
  return typeof value === "function";
}

function noApi(name: string): SheethookError {
  return new SheethookError(
    "option_invalid",
    `${name}() needs the Smartsheet API, to read rows: give createReceiver({ api: createApi({ token }) }), from "sheethook/api"; ` +
      "for sheethook serve, set SMARTSHEET_ACCESS_TOKEN",
    { option: "api" },
  );
}

function checkPeriods({ reconcileEveryMs, canaryEveryMs = 900_000, silentAfterMs = 120_000 }: ReceiverOptions) {
  if (reconcileEveryMs !== undefined) requireNumber("reconcileEveryMs", reconcileEveryMs, 1);
  if (canaryEveryMs !== "off") requireNumber("canaryEveryMs", canaryEveryMs, 1);
  requireNumber("silentAfterMs", silentAfterMs, 1);
  return { reconcileEveryMs, canaryEveryMs: canaryEveryMs === "off" ? undefined : canaryEveryMs, silentAfterMs };
}

const MIB = 1024 * 1024;

function checkBodyLimits(options: ReceiverOptions) {
  const maxBodyBytes = requireInteger("maxBodyBytes", options.maxBodyBytes ?? 10 * MIB);
  const maxBufferedBytes = requireInteger(
    "maxBufferedBytes",
    options.maxBufferedBytes ?? Math.max(128 * MIB, maxBodyBytes),
  );
  if (maxBufferedBytes < maxBodyBytes) {
    throw optionError("maxBufferedBytes", maxBufferedBytes, `at least maxBodyBytes, which is ${maxBodyBytes}`);
  }
  return { maxBodyBytes, maxBufferedBytes };
}
