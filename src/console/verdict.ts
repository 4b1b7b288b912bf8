import { counted, markup, type Part } from "./markup.ts";
import type { Overview } from "./overview_page.ts";
import { durationText } from "./time_tag.ts";

/** The answer to "is everything worked?", and what to do next. */
export interface Verdict {
  readonly level: "good" | "warn" | "bad" | "idle";
  readonly text: string;
  readonly next?: Part;
}

/** So long may the oldest callback wait without anyone having to know. */
const LATE_MS = 5 * 60_000;

/** The worst that there is to tell. */
export function verdictOf({ overview, webhooks, refusing, now }: Overview): Verdict {
  const { pending, dead, heldLanes, oldestPendingAt, totals } = overview;
  const disabled = Array.isArray(webhooks) ? webhooks.filter(({ enabled }) => !enabled).length : 0;
  if (refusing !== undefined) {
    return {
      level: "bad",
      text: "Callbacks are refused",
      next: `${capital(refusing)}. Smartsheet sends them again for some hours.`,
    };
  }
  if (disabled) {
    return {
      level: "bad",
      text: `${counted(disabled, "webhook is", "webhooks are")} disabled`,
      next: markup`What happens meanwhile is never sent. <a href="#webhooks">See what to do</a>`,
    };
  }
  if (dead) {
    return {
      level: "bad",
      text: `${counted(dead, "dead letter waits", "dead letters wait")} for your decision`,
      next: markup`<a href="/console/callbacks?state=dead">See why they failed, then replay or discard them</a>`,
    };
  }
  if (heldLanes) {
    return {
      level: "warn",
      text: `${counted(heldLanes, "sheet is", "sheets are")} held up by a callback that failed`,
      next: markup`It is tried again by itself. <a href="#held">See why it failed</a>`,
    };
  }
  if (oldestPendingAt !== undefined && now - oldestPendingAt > LATE_MS) {
    return {
      level: "warn",
      text: `Work lags behind by ${durationText(now - oldestPendingAt)}`,
      next:
        markup`Handlers are slow, or no process works: is one running with <code>--role all</code> or <code>work</code>?`,
    };
  }
  if (pending) {
    return { level: "good", text: `All in order: ${counted(pending, "callback is", "callbacks are")} being worked` };
  }
  if (totals.done) return { level: "good", text: "Everything that came in was worked" };
  return {
    level: "idle",
    text: "Nothing has come in yet",
    next:
      markup`Try it with a made-up callback: <code>sheethook send http://127.0.0.1:8000/webhook</code>. From Smartsheet they come when a webhook calls this receiver's public URL and is enabled.`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
