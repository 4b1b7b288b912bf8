import type { Webhook } from "../../api/api.ts";
import type { WebhookState } from "../../console/admin.ts";

/** What is known of a webhook that is watched: what the console shows, and more. Times are in milliseconds since 1970. */
export interface WatchedWebhook extends Omit<WebhookState, "status"> {
  /** Smartsheet's word; `GONE` if the webhook no longer exists, undefined before the first answer. */
  readonly status: string | undefined;
  /** Events from then on may be missing, until it is enabled. Undefined while none are, or if that is unknown. */
  readonly missingSince: number | undefined;
  readonly checkedAt: number | undefined;
  /** When the watch enables it next, if it does. */
  readonly retryAt: number | undefined;
  /** Why its status couldn't be asked for. */
  readonly error: string | undefined;
}

/** The same while it changes, with what only the watch needs. */
export type WatchState = { -readonly [Key in keyof WatchedWebhook]: WatchedWebhook[Key] } & {
  /** When it was last seen enabled. */
  enabledAt: number | undefined;
  enabledSince: number | undefined;
  tries: number;
  /** It was enabled again, and that wasn't told yet; and why not. */
  untold: { readonly webhookId: number; readonly sheetId: number; readonly since: string | undefined } | undefined;
  untoldError: string | undefined;
};

/** The state of a webhook before the first answer. */
export function newWatchState(id: number): WatchState {
  return {
    id,
    status: undefined,
    enabled: false,
    since: undefined,
    missingSince: undefined,
    checkedAt: undefined,
    retryAt: undefined,
    error: undefined,
    enabledAt: undefined,
    enabledSince: undefined,
    tries: 0,
    untold: undefined,
    untoldError: undefined,
  };
}

/**
 * Since when events may be missing. A webhook whose callbacks failed has delivered nothing since the last that succeeded,
 * although it was enabled.
 */
export function missingSince(
  { enabledAt }: WatchState,
  status: string,
  webhook: Webhook | undefined,
): number | undefined {
  const delivered = Date.parse(webhook?.stats?.lastSuccessfulCallback ?? "") || undefined;
  if (status === "DISABLED_CALLBACK_FAILED") return delivered ?? (Date.parse(webhook?.createdAt ?? "") || enabledAt);
  return enabledAt ?? delivered;
}

/** The part of the state that others may see. */
export function publicState(
  { id, name, sheetId, status, enabled, since, whatToDo, missingSince, checkedAt, retryAt, error }: WatchState,
): WatchedWebhook {
  const shown = { id, name, sheetId, status, enabled, since, whatToDo, missingSince, checkedAt, error };
  return { ...shown, retryAt: enabled ? undefined : retryAt };
}

/**
 * The webhooks whose status is known, for the console.
 *
 * @throws {Error} if there are webhooks, but no status is known: with the reason
 */
export function seenWebhooks(states: readonly WatchedWebhook[]): WebhookState[] {
  const [failed] = states.filter(({ error }) => error !== undefined);
  const seen = states.flatMap(({ id, name, sheetId, status, enabled, since, whatToDo, error }) =>
    status === undefined || error !== undefined ? [] : [{ id, name, sheetId, status, enabled, since, whatToDo }]
  );
  if (failed && !seen.length) throw new Error(failed.error);
  return seen;
}

/** The sheet that a webhook watches; undefined if it watches something else. */
export function sheetIdOf({ scope, scopeObjectId }: Pick<Webhook, "scope" | "scopeObjectId">): number | undefined {
  return scope === "sheet" ? scopeObjectId : undefined;
}
