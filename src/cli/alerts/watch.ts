import { createOutage } from "../../async/outage.ts";
import { delay } from "../../async/delay.ts";
import { messageOf } from "../../errors.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import type { Logger } from "../../logger.ts";
import type { EndedReconcile } from "../../mirror/reconcile/observe_reconcile.ts";
import type { SilentSheet } from "../../mirror/triggers/canary.ts";
import type { News } from "./alert.ts";
import { createInboxCheck } from "./inbox_check.ts";
import { news, type SeenWebhook } from "./news.ts";
import { createToldOnce } from "./told_once.ts";

/** Looks for what people should be told. */
export interface AlertWatch {
  /** A webhook's status was seen: to be called at each change, and once at the beginning. */
  readonly onStatus: (webhook: SeenWebhook) => void;
  /** A sheet was compared with its mirror. */
  readonly onReconcile: (ended: EndedReconcile) => void;
  /** Does what is due. Never rejects. */
  tick(): Promise<void>;
  /** Calls `tick` every second until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>;
}

/** What the watch looks at. */
export interface AlertSources {
  readonly inbox: Pick<Inbox, "check" | "mirror"> & Pick<InspectableInbox, "alerts" | "overview" | "show">;
  /** Numbers that grow when it is worth to look sooner: dead letters, refused requests. */
  readonly hints: () => number;
  readonly silentSheets: () => readonly SilentSheet[];
  /** Asks for the status of webhooks. Undefined if `onStatus` is called instead. */
  readonly webhooks?: (() => Promise<readonly SeenWebhook[]>) | undefined;
}

const TICK_MS = 1_000;
const LOOK_MS = 60_000;
const SOON_MS = 10_000;
const HELD_MS = 15 * 60_000;
/** Of an outage that holds up every lane, no more are told. */
const MAX_LANES = 10;
const MAX_STATUSES = 1_000;

export function createAlertWatch(
  { inbox, hints, silentSheets, webhooks, tell, logger, now = Date.now }: AlertSources & {
    readonly tell: (news: News) => void;
    readonly logger: Logger;
    readonly now?: (() => number) | undefined;
  },
): AlertWatch {
  const told = createToldOnce(inbox.alerts, tell);
  const inboxCheck = createInboxCheck(inbox, tell);
  /** Sheets that were silent at any time since the last look. */
  const silent = new Map<number, SilentSheet>();
  const statuses: { readonly webhook: SeenWebhook; readonly at: number }[] = [];
  let lookedAt = -Infinity;
  let askedAt = -Infinity;
  let hinted: number | undefined;
  const outage = createOutage({
    began: (error) => logger.warn("what alerts tell of can't be read: {error}", { error: messageOf(error) }),
  });

  async function noteStatuses(): Promise<void> {
    for (let first; (first = statuses[0]); statuses.shift()) {
      const { webhook, at } = first;
      const subject = String(webhook.id);
      if (webhook.status === "ENABLED") await told.end("webhook", subject, at, news.webhookEnabled(webhook.id));
      // One that was never enabled is about to be.
      else if (webhook.status !== "NEW_NOT_VERIFIED") {
        await told.raise("webhook", subject, at, news.webhookDisabled(webhook));
      }
    }
  }

  async function lookAtCallbacks(): Promise<void> {
    const at = now();
    const { dead, longestHeld } = await inbox.overview();
    if (dead) await told.raise("dead", "", at, news.deadLetters(dead));
    else await told.end("dead", "", at, news.noDeadLetters());

    const raised = (await told.raised("lane")).map(({ subject }) => subject);
    for (const subject of raised) {
      const [lane, id] = subject.split("/").map(Number) as [number, number];
      // The overview has no lane while an attempt runs.
      const callback = await inbox.show(id);
      if (callback?.state === "pending" && callback.failedAt !== undefined) continue;
      await told.end("lane", subject, at, news.laneFree(lane, id));
    }
    const held = longestHeld.filter(({ lane, callback, since }) =>
      at - since >= HELD_MS && !raised.includes(`${lane}/${callback}`)
    );
    for (const lane of held.slice(0, Math.max(MAX_LANES - raised.length, 0))) {
      await told.raise("lane", `${lane.lane}/${lane.callback}`, at, news.laneHeld(lane));
    }
  }

  async function lookAtSheets(): Promise<void> {
    for (const [id, sheet] of silent) {
      // Another process may have got the callback.
      const isHeard = await inbox.mirror.toldSince(id, sheet.since);
      if (!isHeard) await told.raise("silent", String(id), now(), news.sheetSilent(sheet));
      silent.delete(id);
    }
    for (const { subject, raisedAt } of await told.raised("silent")) {
      const sheetId = Number(subject);
      const at = now();
      const isMirrored = await inbox.mirror.sheet(sheetId) !== undefined;
      if (isMirrored && !await inbox.mirror.toldSince(sheetId, raisedAt)) continue;
      await told.end("silent", subject, at, news.sheetHeard(sheetId, isMirrored));
    }
  }

  async function lookAtWebhooks(): Promise<void> {
    if (!webhooks || elapsed(askedAt) < LOOK_MS) return;
    askedAt = now();
    for (const webhook of await webhooks()) onStatus(webhook);
    await noteStatuses();
  }

  /** A clock that was set back makes everything due. */
  function elapsed(since: number): number {
    return Math.abs(now() - since);
  }

  function onStatus(webhook: SeenWebhook): void {
    if (statuses.length < MAX_STATUSES) statuses.push({ webhook, at: now() });
  }

  async function tick(): Promise<void> {
    for (const sheet of silentSheets()) silent.set(sheet.sheetId, sheet);
    const isHurried = inboxCheck.isFailing || hints() !== hinted;
    const isDue = elapsed(lookedAt) >= (isHurried ? SOON_MS : LOOK_MS);
    if (isDue) {
      lookedAt = now();
      hinted = hints();
      await inboxCheck.look();
    }
    // It couldn't keep what was told.
    if (inboxCheck.isFailing) return;
    try {
      await noteStatuses();
      if (!isDue) return;
      await lookAtCallbacks();
      await lookAtSheets();
      await lookAtWebhooks();
      outage.clear();
    } catch (error) {
      outage.fail(error);
    }
  }

  return {
    onStatus,
    onReconcile(ended) {
      const { created, updated, deleted } = ended.found;
      if (created + updated + deleted) tell(news.eventsMissed(ended));
    },
    tick,
    async run(signal) {
      while (!signal.aborted) {
        await tick();
        await delay(TICK_MS, signal);
      }
    },
  };
}
