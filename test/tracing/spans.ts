import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
import { NodeSDK, type NodeSDKConfiguration } from "@opentelemetry/sdk-node";

type SpanProcessor = NonNullable<NodeSDKConfiguration["spanProcessors"]>[number];
/** A span that has ended. */
export type EndedSpan = Parameters<SpanProcessor["onEnd"]>[0];

/** Starts the SDK, which keeps the spans that have ended in `spans`, in the order of their ends. */
export function startSdk(onStart: SpanProcessor["onStart"] = () => {}): {
  readonly spans: EndedSpan[];
  stop(): Promise<void>;
} {
  const spans: EndedSpan[] = [];
  const processor: SpanProcessor = {
    onStart,
    onEnd: (span) => void spans.push(span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const none = { autoDetectResources: false, metricReaders: [], logRecordProcessors: [], instrumentations: [] };
  const sdk = new NodeSDK({ ...none, spanProcessors: [processor] });
  sdk.start();
  return {
    spans,
    async stop() {
      await sdk.shutdown();
      // Bun runs other tests in this process.
      for (const api of [trace, context, propagation]) api.disable();
    },
  };
}

/** The spans as a tree, one line each: kind, name, and a `!` with the type of its error. Children in the order of their starts. */
export function treeOf(spans: readonly EndedSpan[]): string[] {
  const ids = new Set(spans.map((span) => span.spanContext().spanId));
  const began = ({ startTime: [seconds, nanos] }: EndedSpan) => seconds * 1e9 + nanos;
  const childrenOf = (parent: EndedSpan | undefined) =>
    spans.filter(({ parentSpanContext: { spanId } = { spanId: "" } }) =>
      parent ? spanId === parent.spanContext().spanId : !ids.has(spanId)
    ).sort((a, b) => began(a) - began(b));
  const linesOf = (span: EndedSpan): string[] => {
    const error = span.attributes["error.type"];
    const line = `${SpanKind[span.kind]} ${span.name}${error === undefined ? "" : ` !${error}`}`;
    return [line, ...childrenOf(span).flatMap(linesOf).map((line) => `  ${line}`)];
  };
  return childrenOf(undefined).flatMap(linesOf);
}
