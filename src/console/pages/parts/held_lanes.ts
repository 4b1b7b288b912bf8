import type { InboxOverview } from "../../../inbox/inspect.ts";
import type { KnownSheets } from "../sheets/known_sheets.ts";
import { callbackLink } from "./callback_table.ts";
import { card } from "./card.ts";
import { counted, type Markup, markup } from "../markup.ts";
import { type Column, rowsTable } from "./rows_table.ts";
import { sheetLink } from "../sheets/sheet_link.ts";
import { timeTag } from "./time_tag.ts";
import { errorLine } from "../without_emails.ts";

const COLUMNS: readonly Column[] = [["Callback", "head"], ["Sheet", "head"], ["Attempts", "num"], ["Since"], [
  "Next attempt",
], ["Error", "why"]];

/** The sheets that are held up by a failed callback, with its error. */
export function heldLanesCard({ longestHeld, heldLanes }: InboxOverview, sheets: KnownSheets, now: number): Markup {
  const rows = longestHeld.map(({ lane, callback, attempts, since, retryAt, error }) => [
    callbackLink(callback),
    sheetLink(lane, sheets),
    attempts,
    timeTag(since, now),
    timeTag(retryAt, now),
    errorLine(error),
  ]);
  const more = heldLanes - longestHeld.length;
  return card(
    "held",
    "Sheets held up",
    markup`${rowsTable(COLUMNS, rows)}${more > 0 && markup`<p class="faint">And ${counted(more, "more sheet")}.</p>`}`,
    "The callback failed and is retried automatically; later callbacks of its sheet wait. If it can never succeed, discard it.",
  );
}
