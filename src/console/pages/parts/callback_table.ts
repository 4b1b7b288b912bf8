import { printable } from "../../../text.ts";
import type { KnownSheets } from "../sheets/known_sheets.ts";
import type { ListedCallback } from "../listed_callback.ts";
import { type Markup, markup } from "../markup.ts";
import { type Column, rowsTable } from "./rows_table.ts";
import { sheetLink } from "../sheets/sheet_link.ts";
import { stateBadge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";
import { errorLine } from "../without_emails.ts";

const STATE: Column = ["State", "head"];
const DEAD_CALLS: Column = ["Dead calls", "num"];
const COLUMNS: readonly Column[] = [
  ["Callback", "head"],
  STATE,
  ["Received", "head"],
  ["Sheet"],
  ["Events", "what"],
  ["Attempts", "num"],
  DEAD_CALLS,
  ["Error", "why"],
];

/** Callbacks, one per row, without any content of the sheet. */
export function callbackTable(
  rows: readonly ListedCallback[],
  sheets: KnownSheets,
  now: number,
  showsState = true,
): Markup {
  const showsCalls = rows.some(({ deadCalls }) => deadCalls > 0);
  return rowsTable(
    COLUMNS.filter((column) => (showsState || column !== STATE) && (showsCalls || column !== DEAD_CALLS)),
    rows.map((row) => [
      callbackLink(row.id),
      ...showsState ? [stateBadge(row)] : [],
      timeTag(row.acceptedAt, now),
      sheetLink(row.scopeObjectId, sheets),
      brief(printable(row.summary)),
      row.attempts,
      ...showsCalls ? [row.deadCalls ? row.deadCalls.toLocaleString("en-US") : "–"] : [],
      row.error === undefined ? "–" : brief(errorLine(row.error)),
    ]),
  );
}

/** At most two lines on a narrow screen. */
function brief(text: string): Markup {
  return markup`<span class="brief">${text}</span>`;
}

export function callbackLink(id: number): Markup {
  return markup`<a href="/console/callbacks/${id}">#${id}</a>`;
}

/** Links to the callbacks of a webhook. */
export function webhookLink(id: number): Markup {
  return markup`<a class="id" href="/console/callbacks?webhook=${id}">${id}</a>`;
}
