import { capital, counted, markup, type Part } from "./markup.ts";
import type { Overview } from "./overview.ts";
import type { RecentRefusals } from "../metrics/refusals.ts";
import { sendHint } from "./parts/send_hint.ts";
import { clockTime } from "./parts/time_tag.ts";
import { isDisabled } from "./parts/webhook_table.ts";

/** The answer to "has everything been processed?", and what to do next. It is read out: no number that changes all the time. */
export interface Verdict {
  readonly level: "good" | "warn" | "bad" | "idle";
  readonly text: string;
  readonly next?: Part;
  /** What else there is to do something about, once the worst is fixed. */
  readonly others: readonly Part[];
}

type Trouble = Omit<Verdict, "others">;

/** So long may the oldest callback wait without anyone having to know. */
const LATE_MS = 5 * 60_000;

/** By the status that a request was refused with; the log knows more. */
const WHY_REFUSED: Readonly<Record<number, string>> = {
  401: "the signature was wrong or missing. Is the secret this webhook's sharedSecret?",
  403: "it names a webhook that isn't configured here (webhook ids, or the secrets file).",
  413: "the body was too large.",
  503: "it couldn't be stored.",
};

/** The worst that there is to tell first. */
export function verdictOf(all: Overview): Verdict {
  const { overview: { pending, totals } } = all;
  const [worst, ...others] = troublesOf(all);
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

function troublesOf({ overview, webhooks, refusing, refused, now }: Overview): Trouble[] {
  const { dead, heldLanes, oldestPendingAt } = overview;
  const disabled = Array.isArray(webhooks) ? webhooks.filter(isDisabled).length : 0;
  const troubles: Trouble[] = [];
  if (refusing !== undefined) {
    troubles.push({
      level: "bad",
      text: "Callbacks are refused",
      next: `${capital(refusing)}. Smartsheet sends them again for some hours.`,
    });
  }
  if (disabled) {
    troubles.push({
      level: "bad",
      text: `${counted(disabled, "webhook is", "webhooks are")} disabled`,
      next: markup`Smartsheet never sends what happens meanwhile. <a href="#webhooks">See what to do</a>`,
    });
  }
  if (dead) {
    troubles.push({
      level: "bad",
      text: `${counted(dead, "dead letter waits", "dead letters wait")} for your decision`,
      next: markup`<a href="/console/callbacks?state=dead">See why, then replay or discard them</a>`,
    });
  }
  if (heldLanes) {
    troubles.push({
      level: "warn",
      text: `${counted(heldLanes, "sheet is", "sheets are")} held up by a callback that failed`,
      next: markup`It is retried automatically. <a href="#held">See why it failed</a>`,
    });
  }
  if (refused && refusing === undefined) troubles.push(refusedLately(refused));
  if (oldestPendingAt !== undefined && now - oldestPendingAt > LATE_MS && !heldLanes) {
    troubles.push({
      level: "warn",
      text: "Processing lags behind",
      next:
        markup`Handlers are slow, or no process handles callbacks: is one running with <code>--role all</code> or <code>work</code>?`,
    });
  }
  return troubles;
}

function refusedLately({ lastAt, lastStatus, byStatus }: RecentRefusals): Trouble {
  const all = byStatus.slice(0, 4).map(([status, count]) => `${count} with ${status}`).join(", ");
  const last = `${all}; the last one at ${clockTime(lastAt)} UTC, with ${lastStatus}`;
  const why = WHY_REFUSED[lastStatus];
  return {
    level: "warn",
    text: "Requests were refused in the last hour",
    next: `${
      why ? `${last}: ${why}` : `${last}.`
    } The log says more. Smartsheet sends callbacks again for some hours, then it disables the webhook.`,
  };
}
