import { printable } from "../../../text.ts";
import { countPatterns, patternOf } from "../../../callback/content.ts";
import { type Identity, originOfEvent } from "./change_agent_path.ts";
import { counted, type Markup, markup, type Part } from "../markup.ts";
import { scrollTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";

const MAX_EVENTS = 200;
const MAX_PATTERNS = 30;
const OPEN_UP_TO = 20;
const OWN_CHANGE = badge({ tone: "off", sign: "–", text: "Own change" });

/** The events of a callback: only their types and ids, times and users. */
export function eventsTable(events: readonly Record<string, unknown>[], identity: Identity): Markup {
  const shown = events.slice(0, MAX_EVENTS);
  const isIgnored = (event: Record<string, unknown>) =>
    !identity.deliversOwnChanges && originOfEvent(event, identity) !== "other";
  const ignored = events.filter(isIgnored).length;
  const chips = countPatterns(events).slice(0, MAX_PATTERNS)
    .map(([pattern, count]) => markup`<span class="chip">${count} × ${printable(pattern)}</span> `);
  const title = events.length > MAX_EVENTS ? `The first ${MAX_EVENTS}` : "One by one";
  const rows = shown.map((event, index) => [
    index + 1,
    printable(patternOf(event)),
    objectText(event),
    idText(event.userId),
    timeText(event.timestamp),
    isIgnored(event) ? OWN_CHANGE : "–",
  ]);
  return markup`<p class="patterns">${chips}</p>
${
    ignored > 0 &&
    markup`<p>${counted(ignored, "event is an own change", "events are own changes")}: no handler is called for ${
      ignored === 1 ? "it" : "them"
    }.</p>`
  }
<details id="events-list" ${events.length <= OPEN_UP_TO && "open"}><summary>${title}</summary>
${scrollTable("Events", ["Event", "Pattern", "Object", "By user", "When", "Note"], rows)}</details>
${
    events.length > shown.length &&
    markup`<p class="faint">And ${events.length - shown.length} more; see the payload.</p>`
  }`;
}

function objectText({ id, rowId, columnId }: Record<string, unknown>): Part {
  if (typeof id === "number") return idText(id);
  if (typeof rowId !== "number") return "–";
  return markup`row ${idText(rowId)}, column ${idText(columnId)}`;
}

function idText(value: unknown): Part {
  return typeof value === "number" ? markup`<span class="id">${value}</span>` : "–";
}

function timeText(value: unknown): string {
  return typeof value === "string" && /^[\dT:.+Z-]{10,40}$/.test(value) ? value : "–";
}
