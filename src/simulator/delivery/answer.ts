import type { Assumptions } from "../assumptions.ts";

/** What Smartsheet does after an answer: nothing more, a retry, or disable the webhook. */
export type DeliveryOutcome = "done" | "retry" | "disable";

/** Retries of one callback: 7 with exponential backoff, then 7 at intervals of 3 h. */
export const MAX_RETRIES = 14;
const LONG_WAIT_MS = 3 * 3_600_000;

/**
 * Looks up the table of https://developers.smartsheet.com/api/smartsheet/guides/webhooks/webhook-callbacks
 *
 * @param status of the answer; `timeout`, or `unreachable` if there was no connection
 */
export function outcomeOf(status: number | "timeout" | "unreachable", assumptions: Assumptions): DeliveryOutcome {
  if (status === "timeout") return "retry";
  if (status === "unreachable") return assumptions.noConnection;
  if (status === 200) return "done";
  if (status >= 300 && status <= 308) return assumptions.status300To308;
  if (status >= 400 && status <= 599 && status !== 410) return "retry";
  return "disable";
}

/** The delay before a retry, numbered from 0, without `speed`. */
export function retryDelayMs(retry: number, { retryBaseMs }: Assumptions): number {
  return retry < MAX_RETRIES / 2 ? retryBaseMs * 2 ** retry : LONG_WAIT_MS;
}
