import type { AcceptedCallback } from "./callback.ts";

/** The id of the trace that a callback belongs to, 32 hex digits; undefined for none. */
export function traceIdOf({ traceparent }: Pick<AcceptedCallback, "traceparent">): string | undefined {
  return /^00-([\da-f]{32})-/.exec(traceparent ?? "")?.[1];
}
