import { isObject } from "../json.ts";
import type { AcceptedCallback, Callback } from "./callback.ts";

/**
 * Why a sheet is compared with its mirror: its webhook was `disabled`; it was `silent`, although it said ENABLED; or the comparison
 * was `scheduled`, or asked for by hand (`manual`).
 */
export type ReconcileReason = "disabled" | "silent" | "scheduled" | "manual";

/** The wish to compare a whole sheet with its mirror. */
export interface ReconcileRequest {
  /** The sheet. */
  readonly sheetId: number;
  /** Why. @default "manual" */
  readonly reason?: ReconcileReason | undefined;
  /** Since when callbacks may be missing, ISO 8601, if that is known. */
  readonly since?: string | undefined;
}

/** What a callback of our own asks for. */
export interface Reconcile {
  readonly reason: ReconcileReason;
  readonly since: string | undefined;
}

/** The webhook of callbacks of our own: Smartsheet's ids are positive. */
export const NO_WEBHOOK = 0;

/** The prefix of the nonce in callbacks of our own. Smartsheet's nonces are UUIDs. */
const NONCE_PREFIX = "reconcile-";

/**
 * A callback of our own, which is put into the lane of the sheet. `key` tells it from others of the sheet: two with the same key
 * are one. `digestOf` as for each callback.
 */
export async function reconcileCallback(
  { sheetId, reason = "manual", since }: ReconcileRequest,
  { key, now, digestOf }: {
    readonly key: string;
    readonly now: number;
    readonly digestOf: (text: string) => string | Promise<string>;
  },
): Promise<AcceptedCallback> {
  // Also the name of its calls, for the whole inbox.
  const nonce = `${NONCE_PREFIX}${sheetId}-${key}`;
  const digest = await digestOf(nonce);
  const timestamp = new Date(now).toISOString();
  const envelope = { nonce, timestamp, webhookId: NO_WEBHOOK, scope: "sheet", scopeObjectId: sheetId };
  const body = JSON.stringify({ ...envelope, events: [], reconcile: { reason, since } });
  return { webhookId: NO_WEBHOOK, nonce, timestamp, scopeObjectId: sheetId, body, digest, acceptedAt: now };
}

/** What a callback of our own asks for; undefined for one of Smartsheet's. */
export function reconcileOf({ webhookId, nonce, reconcile }: Callback): Reconcile | undefined {
  if (webhookId !== NO_WEBHOOK || !nonce.startsWith(NONCE_PREFIX) || !isObject(reconcile)) return undefined;
  const { reason, since } = reconcile;
  return { reason: isReason(reason) ? reason : "manual", since: typeof since === "string" ? since : undefined };
}

/** `reconcile (silent)` */
export function reconcileText({ reason }: Reconcile): string {
  return `reconcile (${reason})`;
}

/** True for a reason that there is. */
export function isReason(reason: unknown): reason is ReconcileReason {
  return reason === "disabled" || reason === "silent" || reason === "scheduled" || reason === "manual";
}
