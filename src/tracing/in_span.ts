import {
  type Context,
  context,
  ProxyTracerProvider,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { isDiscard, isSkip } from "../errors.ts";
import { isThenable } from "../thenable.ts";
import { errorType } from "./error_type.ts";

/** A span that is to be made. */
export interface NewSpan extends SpanOptions {
  readonly name: string;
  /** @default what is active */
  readonly parent?: Context | undefined;
}

const SCOPE = "sheethook";

/** Undefined while no provider is registered: then there is nothing to do. */
function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider();
  return provider instanceof ProxyTracerProvider ? provider.getDelegateTracer(SCOPE) : provider.getTracer(SCOPE);
}

/** Whether a provider is registered. */
export function hasProvider(): boolean {
  return quietly(registeredTracer) !== undefined;
}

/**
 * Runs `run` in a span, which ends when that does, or when what it returns resolves or rejects. What fails in tracing itself is
 * ignored: nothing depends on it.
 *
 * @param describe called if there is a provider
 * @param onResult called with the result, before the span ends
 */
export function inSpan<Result>(
  describe: (tracer: Tracer) => NewSpan,
  run: (span?: Span) => Result,
  onResult?: (span: Span, result: Awaited<Result>) => unknown,
): Result {
  const begun = quietly(() => begin(describe));
  if (!begun) return run();
  const { span, scope } = begun;

  function ended(result: Awaited<Result>): void {
    quietly(() => onResult?.(span, result));
    quietly(() => span.end());
  }

  function failed(thrown: unknown): void {
    // Both are asked for.
    if (!isSkip(thrown) && !isDiscard(thrown)) quietly(() => setError(span, errorType(thrown)));
    quietly(() => span.end());
  }

  try {
    // A thenable begins to work when it is awaited: that belongs to the span.
    const result = context.with(scope, () => {
      const returned = run(span);
      return isThenable(returned) ? Promise.resolve(returned) : returned;
    });
    if (!(result instanceof Promise)) {
      ended(result as Awaited<Result>);
      return result as Result;
    }
    return result.then((value) => {
      ended(value);
      return value;
    }, (thrown) => {
      failed(thrown);
      throw thrown;
    }) as Result;
  } catch (thrown) {
    failed(thrown);
    throw thrown;
  }
}

/** Marks a span as failed. The message is in the log, and in the inbox: it may hold what doesn't belong into a trace. */
export function setError(span: Span, type: string): void {
  span.setAttribute("error.type", type).setStatus({ code: SpanStatusCode.ERROR });
}

function begin(describe: (tracer: Tracer) => NewSpan): { readonly span: Span; readonly scope: Context } | undefined {
  const tracer = registeredTracer();
  if (!tracer) return undefined;
  const { name, parent = context.active(), ...options } = describe(tracer);
  const span = tracer.startSpan(name, options, parent);
  return { span, scope: trace.setSpan(parent, span) };
}

function quietly<Result>(act: () => Result): Result | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
