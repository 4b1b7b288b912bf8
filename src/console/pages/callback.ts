import type { StoredCallback } from "../../inbox/inspect.ts";
import { printable } from "../../text.ts";
import { attemptsTable } from "./parts/attempts_table.ts";
import { contentOf } from "../../callback/content.ts";
import { type Events, positionText } from "./parts/call_text.ts";
import { sheetLink, webhookLink } from "./parts/callback_table.ts";
import { card } from "./parts/card.ts";
import { changeAgentPaths, type Identity } from "./parts/change_agent_path.ts";
import { actsOn, deadCallsCard } from "./parts/dead_calls_card.ts";
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
        row.state !== "done" && (row.error !== undefined || openCalls(row) > 0) && problem(row, now)
      }`,
    )
  }
${livePart("calls", row.deadCalls.length > 0 && deadCallsCard(row, events, now))}
<div class="split">
${livePart("details", facts(row, { scope: content.scope, events, now }))}
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

function actions(row: StoredCallback): Markup {
  const { id, state, isRunning } = row;
  const link = (act: string, text: string, tone: string) =>
    markup`<a class="button ${tone}" href="/console/callbacks/${id}/${act}">${text}</a>`;
  const all = openCalls(row) > 0 ? " all" : "";
  return markup`<p class="actions">${
    state !== "pending" && link("replay", `Replay${all}…`, state === "dead" ? "primary" : "")
  }
${actsOn(row, "skip") && link("skip", "Skip all…", "")}
${(state === "dead" || (state === "pending" && !isRunning)) && link("discard", "Discard…", "")}</p>`;
}

/** How many of its dead calls aren't skipped. */
function openCalls({ deadCalls }: StoredCallback): number {
  return deadCalls.filter(({ state }) => state !== "skipped").length;
}

function problem(row: StoredCallback, now: number): Markup {
  const { state, error, retryAt } = row;
  // Dead calls are listed with their errors.
  const showsError = error !== undefined && (!openCalls(row) || retryAt !== undefined);
  const tone = state === "dead" ? "bad" : state === "pending" ? "warn" : "off";
  return markup`<div class="problem ${tone}"><p>${problemText(row, now)}</p>
${showsError && errorMessage(error, "stack")}</div>`;
}

function problemText(row: StoredCallback, now: number): Part {
  const { state, attempts, retryAt, deadCalls } = row;
  if (state === "discarded") return "Discarded: it will not be processed.";
  const open = openCalls(row);
  if (state === "dead") {
    return open
      ? `All its calls have ended, but ${
        counted(open, "call has", "calls have")
      } used up the attempts. Fix the cause, then replay or skip what is dead.`
      : `Given up after ${
        counted(attempts, "attempt")
      }. Fix the cause, then replay it: it continues at the call that failed.`;
  }
  if (retryAt !== undefined) {
    return markup`The last attempt failed. The next one is ${
      timeTag(retryAt, now)
    }. Later callbacks of this sheet wait until then.`;
  }
  const owed = deadCalls.filter(({ state }) => state === "owed").length;
  if (owed) {
    return `${
      counted(owed, "dead call was replayed and runs", "dead calls were replayed and run")
    } when its turn comes.`;
  }
  return open && row.error === undefined
    ? "Its dead calls can be replayed when it has ended."
    : "The last attempt failed. It is retried when its turn comes.";
}

function facts(
  row: StoredCallback,
  { scope, events, now }: { readonly scope: string | undefined; readonly events: Events; readonly now: number },
): Markup {
  const { acceptedAt, timestamp, scopeObjectId, webhookId, nonce, attempts, steps, endedAt, retryAt } = row;
  const position = nextPosition(row);
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
${fact("Attempts at its last call", attempts)}
${endedAt !== undefined && fact("Ended", exactTag(endedAt, now))}
${retryAt !== undefined && fact("Next attempt", exactTag(retryAt, now))}
${position !== undefined && fact("Continues at", positionText(position, events))}
    ${
      steps.length > 0 &&
      fact("Completed steps", markup`<ul class="steps">${steps.map((key) => markup`<li>${stepText(key)}</li>`)}</ul>`)
    }
</dl>`,
  );
}

/** Where it goes on; not for owed and dead calls, which are listed. */
function nextPosition({ state, position, deadCalls }: StoredCallback): StoredCallback["position"] {
  if (state !== "pending" && state !== "dead") return undefined;
  return deadCalls.some((call) => call.state === (state === "dead" ? "dead" : "owed")) ? undefined : position;
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
