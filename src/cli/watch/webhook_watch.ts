import type { Api, Webhook } from "../../api/api.ts";
import { ApiError } from "../../api/api_error.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import type { WebhookState } from "../../console/admin.ts";
import { delay } from "../../async/delay.ts";
import { createWatchLog, errorKind, statusText } from "./log.ts";
import {
  missingSince,
  newWatchState,
  publicState,
  seenWebhooks,
  sheetIdOf,
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

/** A webhook, and the API whose token owns it. */
interface OwnedWebhook {
  readonly webhook: Webhook;
  readonly api: WebhooksApi;
}

type WebhooksApi = Pick<Api, "webhooks">;

/**
 * Keeps webhooks enabled: polls their status, which Smartsheet reports by itself in two cases only, and enables those that
 * may be, at once and then with waits that double up to an hour. A webhook that its owner or Smartsheet has disabled stays
 * disabled. Logs each change, and since when events may be missing.
 *
 * Several webhooks are asked for by the list of each token; those that it lacks, or that aren't enabled, each by itself.
 */
export function createWebhookWatch(options: {
  /** Asked for before each poll, at least one: those with the tokens that own the webhooks. */
  readonly apis: () => readonly WebhooksApi[] | Promise<readonly WebhooksApi[]>;
  /** Asked before each poll. */
  readonly webhookIds: () => readonly number[];
  readonly everyMs: number;
  readonly logger: Logger;
  readonly onEnabled?: OnEnabled | undefined;
  readonly onStatus?: OnStatus | undefined;
  readonly now?: () => number;
}): WebhookWatch {
  const { apis, webhookIds, everyMs, logger, onEnabled, onStatus, now = Date.now } = options;
  const log = createWatchLog(logger);
  const states = new Map<number, WatchState>();
  const firstPoll = Promise.withResolvers<void>();

  /** @param listed undefined if no list has it */
  async function pollOne(
    state: WatchState,
    listed: OwnedWebhook | undefined,
    all: readonly WebhooksApi[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      // A list may tell less of a webhook than it tells itself, which counts once it is disabled.
      const owned = listed?.webhook.status === "ENABLED"
        ? listed
        : await getOwned(state.id, listed ? [listed.api] : all, signal);
      if (!owned) return record(state, "GONE", undefined);
      await settle(state, owned, signal);
      await tellEnabled(state);
    } catch (error) {
      signal?.throwIfAborted();
      state.error = messageOf(error);
    }
  }

  async function settle(
    state: WatchState,
    { webhook, api }: OwnedWebhook,
    signal: AbortSignal | undefined,
  ): Promise<void> {
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
    const name = webhook?.name ?? state.name;
    const sheetId = webhook ? sheetIdOf(webhook) : state.sheetId;
    Object.assign(state, {
      name,
      sheetId,
      status,
      whatToDo: facts.toDo,
      checkedAt: at,
      error: undefined,
      enabled: isEnabled,
    });
    if (before !== status) {
      onStatus?.({ id: state.id, status });
      // A status that was there at the first poll may have been there for long.
      if (before !== undefined) state.since = at;
      if (isEnabled) {
        state.enabledSince = at;
        log.logEnabled(state, before, at);
        if (sheetId !== undefined && before !== undefined && before !== "NEW_NOT_VERIFIED") {
          const since = state.missingSince === undefined ? undefined : new Date(state.missingSince).toISOString();
          state.untold = { webhookId: state.id, sheetId, since };
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
    const polled = [...states.values()];
    const before = polled.map(({ status, error }) => ({ status, error }));
    try {
      const all = await apis();
      const { owned, error } = polled.length > 1 ? await listOwned(all, signal) : NOTHING_LISTED;
      await Promise.all(polled.map(async (state) => {
        const listed = owned.get(state.id);
        if (listed || error === undefined) await pollOne(state, listed, all, signal);
        else state.error = error;
      }));
    } catch (error) {
      signal?.throwIfAborted();
      for (const state of polled) state.error = messageOf(error);
    }
    logErrors(polled, before);
    firstPoll.resolve();
  }

  /** Logs each error once, for all that it keeps from being watched, and its end, unless the status tells of it. */
  function logErrors(polled: readonly WatchState[], before: readonly Pick<WatchState, "status" | "error">[]): void {
    const isNew = ({ error }: WatchState, index: number) =>
      error !== undefined && errorKind(error) !== errorKind(before[index]!.error);
    for (const failed of Map.groupBy(polled.filter(isNew), ({ error }) => errorKind(error)).values()) {
      log.logUnwatched(failed, failed[0]!.error!);
    }
    const again = polled.filter(({ status, error }, index) =>
      error === undefined && before[index]!.error !== undefined && before[index]!.status === status
    );
    if (again.length) log.logWatchedAgain(again);
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

const NOTHING_LISTED: Listed = { owned: new Map(), error: undefined };

interface Listed {
  readonly owned: ReadonlyMap<number, OwnedWebhook>;
  /** Why a list is missing. */
  readonly error: string | undefined;
}

async function listOwned(apis: readonly WebhooksApi[], signal: AbortSignal | undefined): Promise<Listed> {
  const owned = new Map<number, OwnedWebhook>();
  const results = await Promise.allSettled(apis.map(async (api) => {
    for await (const webhook of api.webhooks.list({ signal })) owned.set(webhook.id, { webhook, api });
  }));
  signal?.throwIfAborted();
  const failed = results.find((result) => result.status === "rejected");
  return { owned, error: failed && messageOf(failed.reason) };
}

/** @returns undefined if none of them knows it */
async function getOwned(
  id: number,
  apis: readonly WebhooksApi[],
  signal: AbortSignal | undefined,
): Promise<OwnedWebhook | undefined> {
  for (const api of apis) {
    try {
      return { webhook: await api.webhooks.get(id, { signal }), api };
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }
  return undefined;
}
