import type { AcceptedCallback } from "../callback/callback.ts";

/** The columns of the table `callbacks` that every query of a whole callback selects. */
export interface CallbackRow {
  readonly id: number;
  readonly webhook_id: number;
  readonly nonce: string;
  readonly timestamp: string;
  readonly lane: number;
  readonly body: string;
  readonly digest: string;
  readonly accepted_at: number;
  readonly traceparent: string | null;
  readonly attempts: number;
  readonly unfinished: number;
  readonly position: string | null;
}

/** The callback as it was put. */
export function callbackOf(row: CallbackRow): AcceptedCallback {
  return {
    webhookId: row.webhook_id,
    nonce: row.nonce,
    timestamp: row.timestamp,
    scopeObjectId: row.lane,
    body: row.body,
    digest: row.digest,
    acceptedAt: row.accepted_at,
    ...(row.traceparent && { traceparent: row.traceparent }),
  };
}
