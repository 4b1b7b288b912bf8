import { printable } from "../../../text.ts";
import { countPatterns, patternOf } from "../../../callback/content.ts";
import { type Identity, originOfEvent } from "./change_agent_path.ts";
import type { Column } from "../../../api/sheet.ts";
import { counted, type Markup, markup, type Part } from "../markup.ts";
import { scrollTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";

const MAX_EVENTS = 200;
const MAX_PATTERNS = 30;
const OPEN_UP_TO = 20;
const OWN_CHANGE = badge({ tone: "off", sign: "–", text: "Own change" });

/** The events of a callback: only their types and ids, times and users, and the titles of columns that are known. */
export function eventsTable(
  events: readonly Record<string, unknown>[],
  columns: readonly Column[],
  identity: Identity,
): Markup {
  const titles = new Map(columns.map(({ id, title }) => [id, printable(title)]));
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
    objectText(event, titles),
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

function objectText(
  { id, objectType, rowId, columnId }: Record<string, unknown>,
  titles: ReadonlyMap<unknown, string>,
): Part {
  if (typeof id === "number") return objectType === "column" ? columnText(id, titles) : idText(id);
  if (typeof rowId !== "number") return "–";
  return markup`row ${idText(rowId)}, column ${columnText(columnId, titles)}`;
}

function columnText(id: unknown, titles: ReadonlyMap<unknown, string>): Part {
  const title = titles.get(id);
  return title ? markup`<span title="Column ${String(id)}">${title}</span>` : idText(id);
}

function idText(value: unknown): Part {
  return typeof value === "number" ? markup`<span class="id">${value}</span>` : "–";
}

function timeText(value: unknown): string {
  return typeof value === "string" && /^[\dT:.+Z-]{10,40}$/.test(value) ? value : "–";
}
