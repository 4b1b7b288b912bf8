import type { AnyEvent } from "./event.ts";

/** What every callback has. */
export interface Envelope {
  /** Different for each callback; it isn't documented whether a retry repeats it. */
  readonly nonce: string;
  /** When Smartsheet made the callback, e.g. `2025-09-17T13:10:00.903+00:00`; older ones end in `+0000`. */
  readonly timestamp: string;
  /** The webhook that it belongs to. */
  readonly webhookId: number;
  /** `sheet` or `plan`. */
  readonly scope: string;
  /** The sheet or the plan that the webhook watches; also the lane of the callback. */
  readonly scopeObjectId: number;
  /** Attributes that Smartsheet may add pass through. */
  readonly [attribute: string]: unknown;
}

/** A callback about changes. */
export interface EventCallback extends Envelope {
  /** What changed, in Smartsheet's order. */
  readonly events: readonly AnyEvent[];
  /** Null or absent: that is what makes it an event callback. */
  readonly newWebhookStatus?: string | null;
}

/** A callback about a new status of the webhook itself. */
export interface StatusCallback extends Envelope {
  /** Null or absent. */
  readonly events?: null;
  /** Documented: `ENABLED` and `DISABLED_SCOPE_INACCESSIBLE`. */
  readonly newWebhookStatus: string;
}

/** One POST from Smartsheet that isn't a challenge. */
export type Callback = EventCallback | StatusCallback;

/** A callback as an inbox stores it: plain JSON, with all that a later run needs, also on another machine. */
export interface AcceptedCallback {
  /** The webhook that it belongs to. */
  readonly webhookId: number;
  /** The body's `nonce`. */
  readonly nonce: string;
  /** The body's `timestamp`. */
  readonly timestamp: string;
  /** The sheet or the plan: the lane. */
  readonly scopeObjectId: number;
  /** The body, as Smartsheet sent it. */
  readonly body: string;
  /**
   * SHA-256, in hex, over the events (or the status). The same (webhookId, nonce, digest) or the same (webhookId,
   * timestamp, digest) is the same callback.
   */
  readonly digest: string;
  /** Milliseconds since 1970. */
  readonly acceptedAt: number;
  /** The span that it was put in, as W3C Trace Context writes it; absent without tracing. */
  readonly traceparent?: string | undefined;
}
