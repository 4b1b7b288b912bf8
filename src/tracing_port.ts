/**
 * Makes the spans of a trace. `createTracing`, from `sheethook/tracing`, makes one for OpenTelemetry. Each function calls `run`
 * once, in the context of its span, and returns or throws what it does.
 */
export interface Tracing {
  /** False while nobody takes spans: an attempt that begins then makes none for its calls and steps. */
  readonly isOn: () => boolean;
  /** The answer to a request. */
  readonly answer: (request: Request, run: () => Promise<Response>) => Promise<Response>;
  /** A callback is put into the inbox; `run` gets what is to be stored with it, undefined for none. */
  readonly put: <Result>(
    callback: TracedCallback,
    run: (traceparent: string | undefined) => Promise<Result>,
  ) => Promise<Result>;
  /** An attempt at a callback; before the first one, also its stay in the lane. */
  readonly attempt: <Result extends TracedResult>(
    attempt: TracedAttempt,
    run: () => Promise<Result>,
  ) => Promise<Result>;
  /** A call of a handler. */
  readonly call: <Result>(call: TracedCall, run: () => Result) => Result;
  /** What a step does; not a step whose result is known. */
  readonly step: <Result>(name: string, run: () => Result) => Result;
  /** The same `fetch`, with a span for each request, whose headers carry it on. For requests to the Smartsheet API. */
  readonly fetch: (fetch: TracedFetch) => TracedFetch;
  /** The headers that carry the current span on to another service. */
  readonly headers: () => Record<string, string>;
}

/** Which callback it is. */
export interface TracedCallback {
  /** The webhook that it belongs to. */
  readonly webhookId: number;
  /** Its own, among those of the webhook. */
  readonly nonce: string;
  /** The sheet or the plan: the lane. */
  readonly scopeObjectId: number;
}

/** One run of a callback. */
export interface TracedAttempt {
  /** Which callback is run. */
  readonly callback: TracedCallback;
  /** The number of the attempt at its first call, from 1. */
  readonly attempt: number;
  /** What is stored with it: its trace, and when it was accepted, in milliseconds since 1970. Undefined without an inbox. */
  readonly stored: { readonly traceparent?: string | undefined; readonly acceptedAt: number } | undefined;
  /** Nothing of the callback has run before. */
  readonly isFirst: boolean;
}

/** How an attempt ended; with an error, if it failed or a call died in it. */
export interface TracedResult {
  /** `done`, `failed`, `paused` or `dropped`. */
  readonly kind: string;
  /** What was thrown. */
  readonly error?: unknown;
}

/** One call of a handler. */
export interface TracedCall {
  /** The event's pattern, `onChange`, `onCallback`, `onStatus`, `onGap`, or `read rows`. */
  readonly subject: string;
  /** The number of the event in its callback, from 1. */
  readonly event: number | undefined;
  /** The id of the changed row, for `onChange`. */
  readonly row: number | undefined;
  /** The number of the handler among those of its kind, from 1. */
  readonly handler: number;
  /** The handler's own name; empty if it has none. */
  readonly name: string;
  /** The number of the attempt at this call, from 1. */
  readonly attempt: number;
}

/** `fetch`, on every runtime. */
export type TracedFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
