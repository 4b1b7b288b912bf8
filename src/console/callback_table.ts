import type { StoredCallback } from "../inbox/inspect.ts";
import { summaryOf } from "./callback_content.ts";
import { type Html, html } from "./html.ts";
import { stateBadge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";
import { firstLine, plainText } from "./without_emails.ts";

const COLUMNS = ["Callback", "State", "Came in", "Sheet", "Events", "Tries", "Error"];

/** Callbacks, one a row; on a narrow screen one a card. Nothing of what a sheet holds. */
export function callbackTable(rows: readonly StoredCallback[], now: number): Html {
  // Roles, because what isn't displayed as a table isn't one for screen readers any more.
  return html`
    <table class="rows" role="table">
      <thead role="rowgroup">
        <tr role="row">${COLUMNS.map((name) => html`<th role="columnheader" scope="col">${name}</th>`)}</tr>
      </thead>
      <tbody role="rowgroup">${rows.map((row) => tableRow(row, now))}</tbody>
    </table>
  `;
}

function tableRow(row: StoredCallback, now: number): Html {
  const { id, acceptedAt, scopeObjectId, attempts, error, body } = row;
  return html`
    <tr role="row">
      <td role="cell" data-name="Callback"><a href="/console/callbacks/${id}">#${id}</a></td>
      <td role="cell" data-name="State">${stateBadge(row)}</td>
      <td role="cell" data-name="Came in">${timeTag(acceptedAt, now)}</td>
      <td role="cell" data-name="Sheet"><a class="id" href="/console/callbacks?sheet=${scopeObjectId}">${scopeObjectId}</a></td>
      <td role="cell" data-name="Events" class="summary">${plainText(summaryOf(body))}</td>
      <td role="cell" data-name="Tries" class="num">${attempts}</td>
      <td role="cell" data-name="Error" class="why">${error === undefined ? "–" : firstLine(error)}</td>
    </tr>
  `;
}
