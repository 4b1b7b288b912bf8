import type { DeliveryOutcome } from "./answer.ts";

/** One request to a receiver, and what came of it. */
export interface Delivery {
  /** From 1, in the order of sending. */
  readonly number: number;
  /** The webhook that it belongs to. */
  readonly webhookId: number;
  /** What was sent. */
  readonly kind: "challenge" | "events" | "status";
  /** Where it was sent. */
  readonly url: string;
  /** From 1; a retry counts on. */
  readonly attempt: number;
  /** Of a callback. */
  readonly nonce?: string;
  /** How many events it carries. */
  readonly events?: number;
  /** Of a status callback. */
  readonly newWebhookStatus?: string;
  /** The fault that struck. */
  readonly fault?: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** Null while there is no answer, or none came. */
  readonly status: number | null;
  /** Why no answer came. */
  readonly error: string | null;
  /** ISO 8601; null if no answer came. */
  readonly answeredAt: string | null;
  /** How long the answer took; null if none came. */
  readonly durationMs: number | null;
  /** What Smartsheet does now: null while it waits for the answer. */
  readonly outcome: DeliveryOutcome | null;
  /** Until the next attempt, if there is one. */
  readonly retryInMs?: number;
}

/** How a delivery ended. */
export type DeliveryEnd = Pick<Delivery, "status" | "error" | "outcome" | "retryInMs" | "fault">;

/** The deliveries so far, oldest first. */
export interface DeliveryLog {
  /** Notes one that is being sent; the function it returns notes the end. */
  begin(what: Pick<Delivery, "webhookId" | "kind" | "url" | "attempt" | "nonce" | "events" | "newWebhookStatus">): (
    end: DeliveryEnd,
  ) => void;
  list(): Delivery[];
}

/** More are forgotten, the oldest first. */
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
