import type { Api, Webhook } from "../../api/api.ts";
import { ApiError } from "../../api/api_error.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { WebhookState } from "../../console/admin.ts";
import { delay } from "../../async/delay.ts";
import { createWatchLog, statusText } from "./log.ts";
import {
  missingSince,
  newWatchState,
  publicState,
  seenWebhooks,
  type WatchedWebhook,
  type WatchState,
} from "./watch_state.ts";
import { factsOf, type StatusFacts } from "../../smartsheet/webhook_status.ts";

/** What {@linkcode createWebhookWatch} returns. */
export interface WebhookWatch {
  /** Asks for the status of each webhook once, and enables those that may be and are due. Rejects only if `signal` aborts. */
  poll(signal?: AbortSignal): Promise<void>;
  /** Polls until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** What is known now, in the order of the ids. */
  states(): readonly WatchedWebhook[];
  /** The webhooks whose status is known, once the first poll is over. @throws {Error} if no status is known */
  seen(): Promise<readonly WebhookState[]>;
}

/** Called when a webhook on a sheet is enabled that was disabled. If it rejects, it is called again with the next poll. */
export type OnEnabled = (enabled: {
  readonly webhookId: number;
  readonly sheetId: number;
  /** Since when events may be missing, ISO 8601, if that is known. */
  readonly since: string | undefined;
}) => Promise<void>;

/** Called when a webhook's status is known for the first time, and whenever it has changed; `GONE` if there is no such webhook. */
export type OnStatus = (webhook: { readonly id: number; readonly status: string }) => void;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GRID_LIMITS_MS = 6 * HOUR_MS;
const GONE: StatusFacts = {
  meaning: "there is no such webhook",
  toDo: "create a new one (`sheethook webhooks create`), or remove its id from those that are watched",
  remedy: "leave",
};

/**
 * Keeps webhooks enabled: polls their status, which Smartsheet reports by itself in two cases only, and enables those that
 * may be, at once and then with waits that double up to an hour. A webhook that its owner or Smartsheet has disabled stays
 * disabled. Logs each change, and since when events may be missing.
 */
export function createWebhookWatch(options: {
  readonly api: Pick<Api, "webhooks">;
  /** Asked before each poll. */
  readonly webhookIds: () => readonly number[];
  readonly everyMs: number;
  readonly logger: Logger;
  readonly onEnabled?: OnEnabled | undefined;
  readonly onStatus?: OnStatus | undefined;
  readonly now?: () => number;
}): WebhookWatch {
  const { api, webhookIds, everyMs, logger, onEnabled, onStatus, now = Date.now } = options;
  const log = createWatchLog(logger);
  const states = new Map<number, WatchState>();
  const firstPoll = Promise.withResolvers<void>();
  let isTokenRefused = false;

  async function pollOne(state: WatchState, signal: AbortSignal | undefined): Promise<void> {
    try {
      const webhook = await api.webhooks.get(state.id, { signal });
      isTokenRefused = false;
      await settle(state, webhook, signal);
      await tellEnabled(state);
    } catch (error) {
      signal?.throwIfAborted();
      const status = error instanceof ApiError ? error.status : undefined;
      if (status !== undefined) isTokenRefused = status === 401;
      if (status === 404) return record(state, "GONE", undefined);
      const message = messageOf(error);
      log.logUnwatched(state, message);
      state.error = message;
    }
  }

  async function settle(state: WatchState, webhook: Webhook, signal: AbortSignal | undefined): Promise<void> {
    record(state, webhook.status, webhook);
    const { remedy } = factsOf(webhook.status);
    if (webhook.status === "ENABLED" && now() - state.enabledSince! >= HOUR_MS) state.tries = 0;
    if (!remedy.startsWith("enable")) {
      if (webhook.status !== "ENABLED") state.retryAt = undefined;
      return;
    }
    state.retryAt ??= now();
    if (state.retryAt > now()) return;

    state.tries++;
    const waitMs = Math.min(MINUTE_MS * 2 ** (state.tries - 1), HOUR_MS);
    state.retryAt = now() + (remedy === "enable rarely" ? GRID_LIMITS_MS : waitMs);
    try {
      const tried = await api.webhooks.update(webhook.id, { enabled: true }, { signal });
      record(state, tried.status, tried);
      if (tried.status !== "ENABLED") log.logNotEnabled(state, statusText(tried));
    } catch (error) {
      signal?.throwIfAborted();
      log.logNotEnabled(state, messageOf(error));
    }
  }

  /** Behind the enabling: what is read from now on, no event needs to tell. */
  async function tellEnabled(state: WatchState): Promise<void> {
    const { untold } = state;
    if (!untold || !state.enabled) return;
    try {
      await onEnabled?.(untold);
      if (state.untold === untold) state.untold = undefined;
      state.untoldError = undefined;
    } catch (error) {
      const message = messageOf(error);
      if (state.untoldError !== message) log.logNotCompared(state, message);
      state.untoldError = message;
    }
  }

  /** Keeps the status, and logs it if it has changed. */
  function record(state: WatchState, status: string, webhook: Webhook | undefined): void {
    const at = now();
    const before = state.status;
    const facts = status === "GONE" ? GONE : factsOf(status);
    const isEnabled = status === "ENABLED";
    if (state.error !== undefined && before === status) log.logWatchedAgain(state);
    const name = webhook?.name ?? state.name;
    Object.assign(state, { name, status, whatToDo: facts.toDo, checkedAt: at, error: undefined, enabled: isEnabled });
    if (before !== status) {
      onStatus?.({ id: state.id, status });
      // A status that was there at the first poll may have been there for long.
      if (before !== undefined) state.since = at;
      if (isEnabled) {
        state.enabledSince = at;
        log.logEnabled(state, before, at);
        if (webhook?.scope === "sheet" && before !== undefined && before !== "NEW_NOT_VERIFIED") {
          const since = state.missingSince === undefined ? undefined : new Date(state.missingSince).toISOString();
          state.untold = { webhookId: state.id, sheetId: webhook.scopeObjectId, since };
        }
      } else {
        // If one disabled status follows another, events are missing since the first.
        if (before === undefined || before === "ENABLED") state.missingSince = missingSince(state, status, webhook);
        log.logDisabled(state, facts, webhook);
      }
    }
    if (isEnabled) {
      Object.assign(state, { enabledAt: at, missingSince: undefined });
      // The wait is kept in case the webhook is disabled again within the hour.
      if (!state.tries) state.retryAt = undefined;
    }
  }

  async function poll(signal?: AbortSignal): Promise<void> {
    const ids = webhookIds();
    for (const id of states.keys()) if (!ids.includes(id)) states.delete(id);
    for (const id of ids) if (!states.has(id)) states.set(id, newWatchState(id));
    // One webhook is enough to find out whether the token is accepted again.
    const polled = [...states.values()].slice(0, isTokenRefused ? 1 : undefined);
    await Promise.all(polled.map((state) => pollOne(state, signal)));
    if (polled.length < states.size && !isTokenRefused) await poll(signal);
    firstPoll.resolve();
  }

  const currentStates = () => [...states.values()].map(publicState);
  return {
    poll,
    async run(signal) {
      while (!signal.aborted) {
        try {
          await poll(signal);
        } catch (error) {
          if (!signal.aborted) logger.error("webhooks can't be watched: {error}", { error: messageOf(error) });
        }
        await delay(everyMs, signal);
      }
    },
    states: currentStates,
    async seen() {
      await firstPoll.promise;
      return seenWebhooks(currentStates());
    },
  };
}
