import {
  type Attributes,
  type Context,
  context,
  type SpanContext,
  SpanKind,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import { isDiscard } from "../errors.ts";
import type { TracedAttempt, TracedCallback, Tracing } from "../tracing_port.ts";
import { errorType } from "./error_type.ts";
import { inSpan, setError } from "./in_span.ts";
import { fromTraceparent, toTraceparent } from "./traceparent.ts";

const DESTINATION = "callbacks";

/** A callback is put into the inbox: what becomes of it there hangs on this span. */
export const put: Tracing["put"] = (callback, run) =>
  inSpan(
    () => ({
      name: `send ${DESTINATION}`,
      kind: SpanKind.PRODUCER,
      attributes: messagingAttributes(callback, "send"),
    }),
    (span) => run(span && toTraceparent(span.spanContext())),
    // Its trace is that of the first.
    (span, outcome) => outcome === "duplicate" && span.setAttribute("sheethook.duplicate", true),
  );

/** An attempt, which hangs on what the callback was put in; before the first one, a span for its stay in the lane. */
export const attempt: Tracing["attempt"] = (attempt, run) =>
  inSpan(
    (tracer) => {
      const active = context.active();
      const sent = fromTraceparent(attempt.stored?.traceparent);
      const parent = sent ? trace.setSpanContext(active, sent) : active;
      if (sent && attempt.isFirst) recordStay(tracer, attempt, parent);
      return {
        name: `process ${DESTINATION}`,
        kind: SpanKind.CONSUMER,
        parent,
        // A host that brings the callback may have a span of its own.
        links: sent ? linksTo(sent, trace.getSpanContext(active)) : [],
        attributes: { ...messagingAttributes(attempt.callback, "process"), "sheethook.attempt": attempt.attempt },
      };
    },
    run,
    (span, { kind, error }) => {
      const isDiscarded = kind === "failed" && isDiscard(error);
      span.setAttribute("sheethook.outcome", isDiscarded ? "discarded" : kind);
      if (kind === "failed" && !isDiscarded) setError(span, errorType(error));
      // The call that is dead has a span of its own, with its error.
      if (kind === "done" && error !== undefined) setError(span, "dead_call");
    },
  );

function recordStay(tracer: Tracer, { callback, stored }: TracedAttempt, parent: Context): void {
  const now = Date.now();
  const attributes = { ...messagingAttributes(callback), "messaging.operation.name": "wait" };
  // Dates, because the SDK takes a small number for a time of performance.now(). Another machine's clock may be ahead.
  const startTime = new Date(Math.min(stored!.acceptedAt, now));
  tracer.startSpan(`wait ${DESTINATION}`, { startTime, attributes }, parent).end(new Date(now));
}

function linksTo(...spans: readonly (SpanContext | undefined)[]) {
  return spans.flatMap((context) => context ? [{ context }] : []);
}

// https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/
function messagingAttributes(
  { webhookId, nonce, scopeObjectId }: TracedCallback,
  operation?: "send" | "process",
): Attributes {
  return {
    "messaging.system": "smartsheet",
    "messaging.destination.name": DESTINATION,
    // Its lane.
    "messaging.destination.partition.id": String(scopeObjectId),
    "messaging.message.id": `${webhookId}/${nonce}`,
    ...(operation && { "messaging.operation.name": operation, "messaging.operation.type": operation }),
    "sheethook.webhook": webhookId,
  };
}
