import type { Identity } from "./callback_page.ts";
import { patternCounts, patternOf } from "./callback_content.ts";
import { originOfEvent } from "./change_agent_path.ts";
import { counted, type Html, html, type Part } from "./html.ts";
import { badge } from "./state_badge.ts";
import { plainText } from "./without_emails.ts";

const MAX_EVENTS = 200;

/** What happened to which object: types and ids, nothing else of an event. */
export function eventsTable(
  events: readonly Record<string, unknown>[],
  { changeAgent, deliversOwnChanges }: Identity,
): Html {
  const shown = events.slice(0, MAX_EVENTS);
  const isIgnored = (event: Record<string, unknown>) =>
    !deliversOwnChanges && originOfEvent(event, changeAgent) !== "other";
  const ignored = events.filter(isIgnored).length;
  return html`
    <p class="patterns">${patternCounts(events).slice(0, 30).map(([pattern, count]) =>
      html`
        <span class="chip">${count} × ${plainText(pattern)}</span>
      `
    )}</p>
    ${ignored > 0 &&
      html`<p>${counted(ignored, "event is an own change", "events are own changes")}: no handler gets ${
        ignored === 1 ? "it" : "them"
      }.</p>`}
    <details id="events-list" ${events.length <= 20 && html`
      open
    `}>
      <summary>${events.length > MAX_EVENTS ? `The first ${MAX_EVENTS}` : "One by one"}</summary>
      <div class="scroll" tabindex="0" role="region" aria-label="Events">
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">Pattern</th>
              <th scope="col">Object</th>
              <th scope="col">By user</th>
              <th scope="col">When</th>
              <th scope="col">Goes to</th>
            </tr>
          </thead>
          <tbody>${shown.map((event, index) => eventRow(event, index, isIgnored(event)))}</tbody>
        </table>
      </div>
    </details>
    ${events.length > shown.length &&
      html`<p class="faint">And ${events.length - shown.length} more, in the payload.</p>`}
  `;
}

function eventRow(event: Record<string, unknown>, index: number, isIgnored: boolean): Html {
  const goesTo = isIgnored ? badge({ tone: "off", sign: "–", text: "Own change" }) : "handlers";
  return html`
    <tr>
      <th scope="row">${index + 1}</th>
      <td>${plainText(patternOf(event))}</td>
      <td>${objectText(event)}</td>
      <td>${idText(event.userId)}</td>
      <td>${timeText(event.timestamp)}</td>
      <td>${goesTo}</td>
    </tr>
  `;
}

function objectText({ id, rowId, columnId }: Record<string, unknown>): Part {
  if (typeof id === "number") return idText(id);
  if (typeof rowId !== "number") return "–";
  return html`row ${idText(rowId)}, column ${idText(columnId)}`;
}

function idText(value: unknown): Part {
  return typeof value === "number" ? html`<span class="id">${value}</span>` : "–";
}

function timeText(value: unknown): string {
  return typeof value === "string" && /^[\dT:.+Z-]{10,40}$/.test(value) ? value : "–";
}
