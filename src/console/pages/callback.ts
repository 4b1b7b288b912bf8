import type { StoredCallback } from "../../inbox/inspect.ts";
import type { StoredFound } from "../../mirror/reconcile/read_found.ts";
import { printable } from "../../text.ts";
import { attemptsTable } from "./parts/attempts_table.ts";
import { contentOf, sheetIdOf } from "../../callback/content.ts";
import { card } from "./parts/card.ts";
import { changesCard } from "./sheets/changes_card.ts";
import { changeAgentPaths, type Identity } from "./parts/change_agent_path.ts";
import { actsOn, deadCallsCard } from "./parts/dead_calls_card.ts";
import { errorMessage } from "./parts/error_details.ts";
import { eventsTable } from "./parts/events_table.ts";
import { foundCard } from "./sheets/found_card.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import { livePart } from "./layout.ts";
import { factsCard } from "./parts/facts_card.ts";
import { payloadSection } from "./parts/payload_section.ts";
import type { Shown } from "./parts/shown.ts";
import { stateBadge } from "./parts/state_badge.ts";
import { timeTag } from "./parts/time_tag.ts";

/** The page of one callback; its payload and the values of its changes only if they are asked for. */
export function callbackPage(
  row: StoredCallback,
  { identity, sheets, changed, shown, notice, now }: {
    readonly identity: Identity;
    readonly sheets: KnownSheets;
    /** The rows that it changed; undefined if that wasn't derived. */
    readonly changed: StoredFound | undefined;
    readonly shown: Shown;
    readonly notice: string | undefined;
    readonly now: number;
  },
): Part {
  const content = contentOf(row.body);
  const { events = [], reconcile } = content;
  // Those that were renamed since have their new title, those that were deleted since their last.
  const columns = [...changed?.sheet.columns ?? [], ...sheets.get(sheetIdOf(row))?.columns ?? []];
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
${livePart("details", factsCard(row, { content, sheets, now }))}
${events.length > 0 && card("chain", "Who made the change", changeAgentPaths(events, identity))}
</div>
${
    livePart(
      "changes",
      markup`${reconcile && foundCard(reconcile, changed)}${
        changed && (changed.count > 0 || !reconcile) && changesCard(row.id, changed, shown)
      }`,
    )
  }
${livePart("attempts", attemptsTable(row, now))}
${events.length > 0 && card("events", counted(events.length, "event"), eventsTable(events, columns, identity))}
${
    content.status !== undefined &&
    card("events", "Status callback", markup`<p>The webhook is now <code>${printable(content.status)}</code>.</p>`)
  }
${!reconcile && payloadSection(row, shown)}`;
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
