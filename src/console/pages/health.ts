import { capital } from "../../text.ts";
import { counted, markup, type Part } from "./markup.ts";
import type { Activity, DeadError, InboxOverview } from "../../inbox/inspect.ts";
import type { WebhookState } from "../options.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import type { RecentRefusals } from "../metrics/refusals.ts";
import { sendHint } from "./parts/send_hint.ts";
import { clockTime } from "./parts/time_tag.ts";
import { isDisabled } from "./parts/webhook_table.ts";

/** The data of the overview. */
export interface Overview {
  readonly overview: InboxOverview;
  readonly lastHour: readonly Activity[];
  readonly lastDay: readonly Activity[];
  /** Of the dead letters. */
  readonly errors: readonly DeadError[];
  /** Undefined: no token is set; an error: they couldn't be asked for. */
  readonly webhooks: readonly WebhookState[] | Error | undefined;
  readonly refusing: string | undefined;
  /** By this process, in the last hour. */
  readonly refused: RecentRefusals | undefined;
  /** Where callbacks go, if this process receives them. */
  readonly callbackUrl: string | undefined;
  readonly sheets: KnownSheets;
  /** How many sheets change without a callback, as this process has noticed. */
  readonly silent: number;
  readonly now: number;
}

/** Answers "has everything been processed?", and says what to do next. Screen readers read it out: no number that changes constantly. */
export interface Health {
  readonly level: "good" | "warn" | "bad" | "idle";
  readonly text: string;
  readonly next?: Part;
  /** Further problems, each with its next step. */
  readonly others: readonly Part[];
}

type Problem = Omit<Health, "others">;

/** How long the oldest callback may wait before the page warns. */
const LATE_MS = 5 * 60_000;

/** The usual reason for each status. */
const WHY_REFUSED: Readonly<Record<number, string>> = {
  401: "the signature was wrong or missing. Is the secret this webhook's sharedSecret?",
  403: "its webhook isn't configured here (webhook ids, or the secrets file).",
  413: "the body was too large.",
  503: "it couldn't be stored.",
};

/** Judges the overview, the worst problem first. */
export function healthOf(all: Overview): Health {
  const { overview: { pending, totals } } = all;
  const [worst, ...others] = problemsOf(all);
  if (worst) return { ...worst, others: others.map(({ text, next }) => markup`<strong>${text}.</strong> ${next}`) };
  if (pending) return { level: "good", text: "All in order: callbacks are being processed", others: [] };
  if (totals.done) return { level: "good", text: "Everything that came in has been processed", others: [] };
  return {
    level: "idle",
    text: "Nothing has come in yet",
    next: markup`${
      sendHint(all.callbackUrl)
    }. Smartsheet sends callbacks once an enabled webhook has this receiver's public URL as its callbackUrl.`,
    others: [],
  };
}

function problemsOf({ overview, webhooks, refusing, refused, silent, now }: Overview): Problem[] {
  const { dead, heldLanes, oldestPendingAt } = overview;
  const disabled = Array.isArray(webhooks) ? webhooks.filter(isDisabled).length : 0;
  const problems: Problem[] = [];
  if (refusing !== undefined) {
    problems.push({
      level: "bad",
      text: "Callbacks are refused",
      next: `${capital(refusing)}. Smartsheet retries them for some hours.`,
    });
  }
  if (disabled) {
    problems.push({
      level: "bad",
      text: `${counted(disabled, "webhook is", "webhooks are")} disabled`,
      next:
        markup`Events that happen while a webhook is disabled are never sent. <a href="#webhooks">See what to do</a>`,
    });
  }
  if (silent) {
    problems.push({
      level: "warn",
      text: `${counted(silent, "sheet changes", "sheets change")} without callbacks`,
      next: markup`A webhook may be silent although it says ENABLED. <a href="/console/sheets">See which</a>`,
    });
  }
  if (dead) {
    problems.push({
      level: "bad",
      text: `${counted(dead, "dead letter waits", "dead letters wait")} for your decision`,
      next: markup`<a href="/console/callbacks?state=dead">See why, then replay, skip or discard them</a>`,
    });
  }
  if (heldLanes) {
    problems.push({
      level: "warn",
      text: `${counted(heldLanes, "sheet is", "sheets are")} held up by a callback that failed`,
      next: markup`It is retried automatically. <a href="#held">See why it failed</a>`,
    });
  }
  if (refused && refusing === undefined) problems.push(refusedLately(refused));
  if (oldestPendingAt !== undefined && now - oldestPendingAt > LATE_MS && !heldLanes) {
    problems.push({
      level: "warn",
      text: "Processing lags behind",
      next:
        markup`Handlers are slow, or no process handles callbacks: is one running with <code>--role all</code> or <code>work</code>?`,
    });
  }
  return problems;
}

function refusedLately({ lastAt, lastStatus, byStatus }: RecentRefusals): Problem {
  const all = byStatus.slice(0, 4).map(([status, count]) => `${count} with ${status}`).join(", ");
  const last = `${all}; the last one at ${clockTime(lastAt)} UTC, with ${lastStatus}`;
  const why = WHY_REFUSED[lastStatus];
  return {
    level: "warn",
    text: "Requests were refused in the last hour",
    next: `${
      why ? `${last}: ${why}` : `${last}.`
    } The log says more. Smartsheet retries callbacks for some hours, then disables the webhook.`,
  };
}
