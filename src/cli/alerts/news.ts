import type { HeldLane } from "../../inbox/inspect.ts";
import type { EndedReconcile } from "../../mirror/reconcile/observe_reconcile.ts";
import { foundText } from "../../mirror/reconcile/found_text.ts";
import type { SilentSheet } from "../../mirror/triggers/canary.ts";
import { factsOf } from "../../smartsheet/webhook_status.ts";
import { capital } from "../../text.ts";
import { countText } from "../terminal/count_text.ts";
import type { News } from "./alert.ts";

/** A webhook and its status; `GONE` if there is no such webhook. */
export interface SeenWebhook {
  readonly id: number;
  readonly status: string;
}

/** The texts of all alerts: of what is raised, and of what is over. None holds a value of a sheet. */
export const news = {
  webhookDisabled({ id, status }: SeenWebhook): News {
    const { meaning, toDo } = status === "GONE"
      ? { meaning: "there is no such webhook", toDo: "create a new one (`sheethook webhooks create`)" }
      : factsOf(status);
    return {
      type: "webhook_disabled",
      state: "raised",
      subject: { webhookId: id },
      title: `Webhook ${id} is ${status}`,
      text:
        `${capital(meaning)}. Until it is enabled, Smartsheet sends nothing, and never sends again what was missed. ` +
        `What to do: ${toDo ?? "see `sheethook doctor`"}.`,
    };
  },
  webhookEnabled: (id: number): News => ({
    type: "webhook_disabled",
    state: "over",
    subject: { webhookId: id },
    title: `Webhook ${id} is enabled again`,
    text:
      "What changed meanwhile may be missing: serve compares mirrored sheets (`sheethook mirror list`), others should " +
      "be read with rowsModifiedSince.",
  }),

  deadLetters: (dead: number): News => ({
    type: "dead_letters",
    state: "raised",
    subject: {},
    title: `There are dead letters: ${dead}`,
    text: "A handler has used up its attempts. See `sheethook inbox list --state dead`, then replay or discard them. " +
      "Further dead letters aren't told until none is left.",
    counts: { dead },
  }),
  noDeadLetters: (): News => ({
    type: "dead_letters",
    state: "over",
    subject: {},
    title: "No dead letter is left",
    text: "All were replayed, skipped or discarded.",
    counts: { dead: 0 },
  }),

  laneHeld: (
    { lane, callback, attempts, since }: Pick<HeldLane, "lane" | "callback" | "attempts" | "since">,
  ): News => ({
    type: "lane_held",
    state: "raised",
    subject: laneSubject(lane, callback),
    title: `${laneName(lane)} is held up since ${timeText(since)}`,
    text:
      `Callback ${callback} has failed ${countText(attempts, "time")}, and what came later for the same sheet waits ` +
      `for it. See \`sheethook inbox show ${callback}\`.`,
  }),
  laneFree: (lane: number, callback: number): News => ({
    type: "lane_held",
    state: "over",
    subject: laneSubject(lane, callback),
    title: `${laneName(lane)} is no longer held up by callback ${callback}`,
    text: "It has ended, or was discarded, or was replayed.",
  }),

  sheetSilent: ({ sheetId, since }: SilentSheet): News => ({
    type: "sheet_silent",
    state: "raised",
    subject: { sheetId },
    title: `Sheet ${sheetId} is silent`,
    text:
      `It had changed by ${timeText(since)}, but no callback tells of it: its webhook may send nothing, although it ` +
      "says ENABLED. The sheet is compared with its mirror. What to do: see `sheethook doctor`.",
  }),
  sheetHeard: (sheetId: number, isMirrored: boolean): News => ({
    type: "sheet_silent",
    state: "over",
    subject: { sheetId },
    title: isMirrored ? `Sheet ${sheetId} is no longer silent` : `Sheet ${sheetId} is no longer watched for silence`,
    text: isMirrored ? "A callback has come for it." : "Its mirror was dropped.",
  }),

  eventsMissed({ sheetId, reason, result, found: { created, updated, deleted } }: EndedReconcile): News {
    const gap = { created, updated, deleted, isComplete: result !== "incomplete" };
    return {
      type: "events_missed",
      state: "raised",
      subject: { sheetId },
      title: `Sheet ${sheetId}: ${countText(created + updated + deleted, "row")} had been missed`,
      text: `It was ${foundText(gap)} (reason: ${reason}). Handlers of changes get them now.`,
      counts: { created, updated, deleted },
    };
  },

  inboxUnwritable: (reason: string): News => ({
    type: "inbox_unwritable",
    state: "raised",
    subject: {},
    title: "The inbox can't be written",
    text: `Callbacks are answered 503, and Smartsheet sends them again, for about a day: ${reason}`,
  }),
  inboxWritable: (): News => ({
    type: "inbox_unwritable",
    state: "over",
    subject: {},
    title: "The inbox can be written again",
    text: "Smartsheet sends again what was answered 503.",
  }),

  test: (): News => ({
    type: "test",
    state: "raised",
    subject: {},
    title: "A test of sheethook's alerts",
    text: "Nothing is wrong: somebody has run `sheethook alert test`.",
  }),
};

/** A lane below 0 is a sheet's for one of several targets of `--forward`. */
function laneName(lane: number): string {
  return lane < 0 ? "A sheet's lane of a forwarding target" : `Sheet ${lane}`;
}

function laneSubject(lane: number, callbackId: number): News["subject"] {
  return lane < 0 ? { callbackId } : { sheetId: lane, callbackId };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
