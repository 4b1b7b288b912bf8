import type { DeliveryOutcome } from "./answer.ts";

/** A request to a receiver, and its result. */
export interface Delivery {
  /** From 1, in the order of sending. */
  readonly number: number;
  /** The webhook that it belongs to. */
  readonly webhookId: number;
  /** What was sent. */
  readonly kind: "challenge" | "events" | "status";
  /** Where it was sent. */
  readonly url: string;
  /** Numbered from 1, retries included. */
  readonly attempt: number;
  /** Nonce of a callback. */
  readonly nonce?: string;
  /** Number of events in a callback. */
  readonly events?: number;
  /** Status in a status callback. */
  readonly newWebhookStatus?: string;
  /** The fault that occurred. */
  readonly fault?: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Null until there is an answer, and if there is none. */
  readonly status: number | null;
  /** Why there is no answer. */
  readonly error: string | null;
  /** ISO 8601; null if no answer came. */
  readonly answeredAt: string | null;
  /** How long the answer took; null if none came. */
  readonly durationMs: number | null;
  /** What Smartsheet does next; null while it waits for the answer. */
  readonly outcome: DeliveryOutcome | null;
  /** Delay until the next attempt, if there is one. */
  readonly retryInMs?: number;
}

/** The end of a delivery. */
export type DeliveryEnd = Pick<Delivery, "status" | "error" | "outcome" | "retryInMs" | "fault">;

/** Records deliveries. */
export interface DeliveryLog {
  /** Records a request as it is sent; the returned function records its end. */
  begin(what: Pick<Delivery, "webhookId" | "kind" | "url" | "attempt" | "nonce" | "events" | "newWebhookStatus">): (
    end: DeliveryEnd,
  ) => void;
  list(): Delivery[];
}

/** Older deliveries are forgotten. */
const MAX_KEPT = 20_000;

export function createDeliveryLog(now: () => number, onDelivery: (delivery: Delivery) => void): DeliveryLog {
  const deliveries = new Map<number, Delivery>();
  let count = 0;
  return {
    begin(what) {
      const number = ++count;
      const sentMs = now();
      const open: Delivery = {
        number,
        ...what,
        sentAt: new Date(sentMs).toISOString(),
        status: null,
        error: null,
        answeredAt: null,
        durationMs: null,
        outcome: null,
      };
      deliveries.set(number, open);
      if (deliveries.size > MAX_KEPT) deliveries.delete(number - MAX_KEPT);
      return (end) => {
        const endMs = now();
        const answeredAt = end.status === null ? null : new Date(endMs).toISOString();
        const delivery = { ...open, ...end, answeredAt, durationMs: endMs - sentMs };
        if (deliveries.has(number)) deliveries.set(number, delivery);
        onDelivery(delivery);
      };
    },
    list: () => [...deliveries.values()],
  };
}
