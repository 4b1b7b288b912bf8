import type { Api, Webhook } from "../../api/api.ts";
import { ApiError } from "../../api/api_error.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { delay } from "../../async/delay.ts";
import { createWatchLog, statusText } from "./log.ts";
import { missingSince, newWatchState, shownState, type WatchedWebhook, type WatchState } from "./watched_webhook.ts";
import { factsOf, type StatusFacts } from "../../smartsheet/webhook_status.ts";

/** What {@linkcode createWebhookWatch} returns. */
export interface WebhookWatch {
  /** Looks at each webhook once, and enables what may be enabled and is due. Never rejects, but for its signal. */
  look(signal?: AbortSignal): Promise<void>;
  /** Looks again and again until `signal` aborts. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** What is known now, in the order of the ids. */
  states(): readonly WatchedWebhook[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const GRID_LIMITS_MS = 6 * HOUR_MS;
const GONE: StatusFacts = {
  meaning: "there is no such webhook",
  toDo: "make a new one (`sheethook webhooks create`), or take its id out of what is declared",
  remedy: "leave",
};

/**
 * Keeps webhooks enabled: asks for their status, which Smartsheet tells of by itself in two cases only, and enables what
 * may be enabled, at once and then with waits that double up to an hour. What its owner or Smartsheet has switched
 * off stays off. Says on each change what happened, and since when events may be missing.
 */
export function createWebhookWatch(options: {
  readonly api: Pick<Api, "webhooks">;
  /** Asked before each look. */
  readonly webhookIds: () => readonly number[];
  readonly everyMs: number;
  readonly logger: Logger;
  readonly now?: () => number;
}): WebhookWatch {
  const { api, webhookIds, everyMs, logger, now = Date.now } = options;
  const log = createWatchLog(logger);
  const states = new Map<number, WatchState>();
  let isTokenRefused = false;

  async function lookAt(state: WatchState, signal: AbortSignal | undefined): Promise<void> {
    try {
      const webhook = await api.webhooks.get(state.webhookId, { signal });
      isTokenRefused = false;
      await settle(state, webhook, signal);
    } catch (error) {
      signal?.throwIfAborted();
      const status = error instanceof ApiError ? error.status : undefined;
      if (status !== undefined) isTokenRefused = status === 401;
      if (status === 404) return notice(state, "GONE", undefined);
      const message = messageOf(error);
      log.tellUnwatched(state, message);
      state.error = message;
    }
  }

  async function settle(state: WatchState, webhook: Webhook, signal: AbortSignal | undefined): Promise<void> {
    notice(state, webhook.status, webhook);
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
      notice(state, tried.status, tried);
      if (tried.status !== "ENABLED") log.tellNotEnabled(state, statusText(tried));
    } catch (error) {
      signal?.throwIfAborted();
      log.tellNotEnabled(state, messageOf(error));
    }
  }

  /** Keeps what was found, and tells of it if it is new. */
  function notice(state: WatchState, status: string, webhook: Webhook | undefined): void {
    const at = now();
    const before = state.status;
    const facts = status === "GONE" ? GONE : factsOf(status);
    const isEnabled = status === "ENABLED";
    if (state.error !== undefined && before === status) log.tellWatchedAgain(state);
    Object.assign(state, { status, toDo: facts.toDo, checkedAt: at, error: undefined, enabled: isEnabled });
    if (before !== status) {
      state.since = at;
      if (isEnabled) {
        state.enabledSince = at;
        log.tellEnabled(state, before, at);
      } else {
        // What is missing is so from the first of several statuses on.
        if (before === undefined || before === "ENABLED") state.missingSince = missingSince(state, status, webhook);
        log.tellDisabled(state, facts, webhook);
      }
    }
    if (isEnabled) {
      Object.assign(state, { enabledAt: at, missingSince: undefined });
      // The wait stays, should it be disabled again before the hour is over.
      if (!state.tries) state.retryAt = undefined;
    }
  }

  const watch: WebhookWatch = {
    async look(signal) {
      const ids = webhookIds();
      for (const id of states.keys()) if (!ids.includes(id)) states.delete(id);
      for (const id of ids) if (!states.has(id)) states.set(id, newWatchState(id));
      // One is enough to find out whether the token is accepted again.
      const asked = [...states.values()].slice(0, isTokenRefused ? 1 : undefined);
      await Promise.all(asked.map((state) => lookAt(state, signal)));
      if (asked.length < states.size && !isTokenRefused) await watch.look(signal);
    },
    async run(signal) {
      while (!signal.aborted) {
        try {
          await watch.look(signal);
        } catch (error) {
          if (!signal.aborted) logger.error("webhooks can't be watched: {error}", { error: messageOf(error) });
        }
        await delay(everyMs, signal);
      }
    },
    states: () => [...states.values()].map(shownState),
  };
  return watch;
}
