import type { Webhook } from "../../api/api.ts";

/** What is known of a webhook that is watched. Times are in milliseconds since 1970. */
export interface WatchedWebhook {
  readonly webhookId: number;
  /** Smartsheet's word; `GONE` if there is no such webhook any more, undefined until it was looked at. */
  readonly status: string | undefined;
  readonly enabled: boolean;
  /** Since when it is known to be in this status. */
  readonly since: number | undefined;
  /** Events from then on may be missing, until it is enabled. Undefined while none are, or if it can't be told. */
  readonly missingSince: number | undefined;
  readonly checkedAt: number | undefined;
  /** When it is enabled next, if that is done by itself. */
  readonly retryAt: number | undefined;
  readonly toDo: string | undefined;
  /** Why it can't be looked at. */
  readonly error: string | undefined;
}

/** The same while it is kept. */
export type WatchState = { -readonly [Key in keyof WatchedWebhook]: WatchedWebhook[Key] } & {
  /** When it was last seen enabled. */
  enabledAt: number | undefined;
  enabledSince: number | undefined;
  tries: number;
};

/** One that wasn't looked at yet. */
export function newWatchState(webhookId: number): WatchState {
  return {
    webhookId,
    status: undefined,
    enabled: false,
    since: undefined,
    missingSince: undefined,
    checkedAt: undefined,
    retryAt: undefined,
    toDo: undefined,
    error: undefined,
    enabledAt: undefined,
    enabledSince: undefined,
    tries: 0,
  };
}

/**
 * Since when events may be missing. A webhook whose callbacks failed has delivered nothing since the last that succeeded, enabled as it was.
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

/** What is shown of it. */
export function shownState({ enabledAt: _, enabledSince: __, tries: ___, ...state }: WatchState): WatchedWebhook {
  return { ...state, retryAt: state.enabled ? undefined : state.retryAt };
}
