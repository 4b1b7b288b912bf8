/**
 * `sheethook/tracing`: spans for OpenTelemetry, of whatever provider is registered. Needs the package `@opentelemetry/api`.
 *
 * @example
 * ```ts
 * import { createReceiver } from "sheethook";
 * import { createApi } from "sheethook/api";
 * import { createTracing } from "sheethook/tracing";
 *
 * const tracing = createTracing();
 * const api = createApi({ token: "iQ5r7dZfLdJwHCZyP9vtmkQZ0XLwvSaAsbKYI", tracing });
 * createReceiver({ secrets: "3qo29mvjou6xt5fujukjtwzhj0", api, tracing });
 * ```
 *
 * @module
 */
import { requireKnownOptions } from "../errors.ts";
import { redact } from "../redact.ts";
import type { Tracing } from "../tracing_port.ts";
import { flush } from "./flush.ts";
import { answerIn, carriedHeaders, tracedFetch } from "./http.ts";
import { hasProvider, inSpan } from "./in_span.ts";
import { attempt, put } from "./messaging.ts";

export type { TracedAttempt, TracedCall, TracedCallback, TracedFetch, TracedResult, Tracing } from "../tracing_port.ts";

/** Options of {@linkcode createTracing}. */
export interface TracingOptions {
  /** The path that the receiver is served on, for `http.route` and the name of its span. @default unknown */
  readonly route?: string | undefined;
}

/** What {@linkcode createTracing} returns. */
export interface OpenTelemetryTracing extends Tracing {
  /** Hands over to the exporter all spans that have ended. Never rejects; resolves at once if the provider has no such thing. */
  flush(): Promise<void>;
}

/**
 * Traces with the registered OpenTelemetry provider. Give it to `createReceiver` and to `createApi`. It may be made before a provider is
 * registered; until then it does nothing.
 *
 * @throws {SheethookError} `option_invalid`
 */
export function createTracing(options: TracingOptions = {}): OpenTelemetryTracing {
  requireKnownOptions("createTracing", options, { route: true });
  return {
    isOn: hasProvider,
    answer: answerIn(options.route),
    put,
    attempt,
    call: ({ subject, event, row, handler, name, attempt }, run) =>
      inSpan(() => ({
        name: subject,
        attributes: {
          "sheethook.event": event,
          "sheethook.row": row,
          "sheethook.handler": handler,
          "sheethook.attempt": attempt,
          ...(name && { "code.function.name": name }),
        },
      }), run),
    step: (name, run) => inSpan(() => ({ name: "step", attributes: { "sheethook.step": redact(name) } }), run),
    fetch: tracedFetch,
    headers: carriedHeaders,
    flush,
  };
}
