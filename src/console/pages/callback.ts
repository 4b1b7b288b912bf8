import type { Position } from "../../inbox/inbox.ts";
import type { StoredCallback } from "../../inbox/inspect.ts";
import { printable } from "../../text.ts";
import { attemptsTable } from "./parts/attempts_table.ts";
import { contentOf, patternOf } from "../../callback/content.ts";
import { sheetLink, webhookLink } from "./parts/callback_table.ts";
import { card } from "./parts/card.ts";
import { changeAgentPaths, type Identity } from "./parts/change_agent_path.ts";
import { errorMessage } from "./parts/error_details.ts";
import { eventsTable } from "./parts/events_table.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import { livePart } from "./layout.ts";
import { payloadSection } from "./parts/payload_section.ts";
import { stateBadge } from "./parts/state_badge.ts";
import { exactTag, timeTag } from "./parts/time_tag.ts";

/** The page of one callback; its payload only if `showsPayload`. */
export function callbackPage(
  row: StoredCallback,
  identity: Identity,
  showsPayload: boolean,
  notice: string | undefined,
  now: number,
): Part {
  const content = contentOf(row.body);
  const { events = [] } = content;
  return markup`${notice !== undefined && markup`<p class="notice" role="status">${notice}</p>`}
${
    livePart(
      "state",
      markup`<div class="title"><h1>Callback #${row.id} ${stateBadge(row)}</h1>${actions(row)}</div>${
        row.state !== "done" && row.error !== undefined && problem(row, now)
      }`,
    )
  }
<div class="split">
${livePart("details", facts(row, content.scope, now))}
${livePart("attempts", attemptsTable(row, now))}
</div>
${
    events.length > 0 &&
    card("chain", "Who made the change", changeAgentPaths(events, identity))
  }
${events.length > 0 && card("events", counted(events.length, "event"), eventsTable(events, identity))}
${
    content.status !== undefined &&
    card("events", "Status callback", markup`<p>The webhook is now <code>${printable(content.status)}</code>.</p>`)
  }
${payloadSection(row, showsPayload)}`;
}

function actions({ id, state, isRunning }: StoredCallback): Markup {
  const link = (act: string, text: string, tone: string) =>
    markup`<a class="button ${tone}" href="/console/callbacks/${id}/${act}">${text}</a>`;
  return markup`<p class="actions">${
    state !== "pending" && link("replay", "Replay…", state === "dead" ? "primary" : "")
  }
${(state === "dead" || (state === "pending" && !isRunning)) && link("discard", "Discard…", "")}</p>`;
}

function problem({ state, error, attempts, retryAt }: StoredCallback, now: number): Markup {
  const text = state === "dead"
    ? markup`Given up after ${
      counted(attempts, "attempt")
    }. Fix the cause, then replay it: it continues at the call that failed.`
    : state === "discarded"
    ? markup`Discarded: it will not be processed.`
    : retryAt === undefined
    ? markup`The last attempt failed. It is retried when its turn comes.`
    : markup`The last attempt failed. The next one is ${
      timeTag(retryAt, now)
    }. Later callbacks of this sheet wait until then.`;
  return markup`<div class="problem ${state === "dead" ? "bad" : state === "pending" ? "warn" : "off"}"><p>${text}</p>
${errorMessage(error!, "stack")}</div>`;
}

function facts(row: StoredCallback, scope: string | undefined, now: number): Markup {
  const { acceptedAt, timestamp, scopeObjectId, webhookId, nonce, attempts, position, steps, endedAt, retryAt } = row;
  const fact = (name: string, value: Part) => markup`<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const name = scope === undefined ? "Sheet" : printable(scope.charAt(0).toUpperCase() + scope.slice(1, 40));
  return card(
    "facts",
    "Details",
    markup`<dl class="facts">
${fact("Received", exactTag(acceptedAt, now))}
${fact("Smartsheet's time", markup`<span class="id">${timestamp}</span>`)}
${fact(name, sheetLink(scopeObjectId))}
${fact("Webhook", webhookLink(webhookId))}
${fact("Nonce", markup`<span class="id">${printable(nonce)}</span>`)}
${fact("Attempts", attempts)}
${endedAt !== undefined && fact("Ended", exactTag(endedAt, now))}
${retryAt !== undefined && fact("Next attempt", exactTag(retryAt, now))}
${position !== undefined && fact("Continues at", positionText(position, row))}
    ${
      steps.length > 0 &&
      fact("Completed steps", markup`<ul class="steps">${steps.map((key) => markup`<li>${stepText(key)}</li>`)}</ul>`)
    }
</dl>`,
  );
}

function positionText({ event, handler }: Position, { body }: StoredCallback): string {
  const { events = [] } = contentOf(body);
  const current = events[event];
  const call = current
    ? `event ${event + 1} of ${events.length} (${printable(patternOf(current))})`
    : event === events.length
    ? "onCallback"
    : "onStatus";
  return `${call}, handler ${handler + 1}`;
}

/** Shows a step's key, JSON `[event, handler, name]`: the event's index from 0, `all` or `status`; the handler's pattern and name. */
function stepText(key: string): Markup {
  const [event, handler, name] = partsOf(key);
  if (name === undefined) return markup`<code>${printable(key)}</code>`;
  const call = typeof event === "number" ? `event ${event + 1}, handler ${String(handler)}` : String(handler);
  return markup`<code>${printable(String(name))}</code> <span class="faint">${
    printable(call.replace(/ ?#1$/, ""))
  }</span>`;
}

function partsOf(key: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(key);
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}
