import type { MirroredSheet } from "../../../inbox/mirror.ts";
import { sheetOf } from "../../../mirror/derive/first_read.ts";
import { reconciledOf } from "../../../mirror/reconciled.ts";
import type { SilentSheet } from "../../../mirror/triggers/canary.ts";
import { livePart } from "../layout.ts";
import { counted, type Markup, markup, type Part } from "../markup.ts";
import { type Column, rowsTable } from "../parts/rows_table.ts";
import { badge } from "../parts/state_badge.ts";
import { timeTag } from "../parts/time_tag.ts";
import { REASONS } from "./found_card.ts";
import { sheetLink } from "./sheet_link.ts";

const COLUMNS: readonly Column[] = [
  ["Sheet", "head"],
  ["State", "head"],
  ["Rows", "num"],
  ["Version", "num"],
  ["Last read"],
  ["Last compared"],
  ["Found", "what"],
  ["Compare"],
];

const IN_ORDER = badge({ tone: "good", sign: "✓", text: "Mirrored" });
const SILENT = badge({ tone: "bad", sign: "✕", text: "Silent" });
const READING = badge({ tone: "busy", sign: "◐", text: "Being read" });

/** The mirrored sheets: what is known of each, and what the last comparison with Smartsheet found. */
export function sheetsPage(
  sheets: readonly MirroredSheet[],
  { silent, notice, now }: {
    readonly silent: readonly SilentSheet[];
    readonly notice: string | undefined;
    readonly now: number;
  },
): Part {
  return markup`${notice !== undefined && markup`<p class="notice" role="status">${notice}</p>`}
<h1>Sheets</h1>
${
    livePart(
      "sheets",
      markup`<section class="card" aria-label="Mirrored sheets">${
        sheets.length ? table(sheets, silent, now) : EMPTY
      }</section>
${sheets.length > 0 && EXPLAINED}`,
    )
  }`;
}

const EMPTY = markup`<p class="empty">No sheet is mirrored yet: that begins with the first callback that a handler of
<code>onChange</code> asks for.</p>`;
const EXPLAINED =
  markup`<p class="faint">Reconcile compares the whole sheet with what is known of it, to find what no callback told.
A sheet is silent if it changes without any callback telling of it.</p>`;

function table(sheets: readonly MirroredSheet[], silent: readonly SilentSheet[], now: number): Markup {
  const rows = sheets.map((sheet) => {
    const { id, isWhole, rowCount, version, readAt } = sheet;
    const reconciled = reconciledOf(sheet);
    const silence = silent.find(({ sheetId }) => sheetId === id);
    return [
      sheetLink(id, new Map([[id, sheetOf(sheet)]])),
      silence ? SILENT : isWhole ? IN_ORDER : READING,
      rowCount.toLocaleString("en-US"),
      version,
      timeTag(readAt, now),
      reconciled?.found ? timeTag(reconciled.at, now) : "–",
      foundText(sheet),
      button(id),
    ];
  });
  return rowsTable(COLUMNS, rows);
}

/** `1 row created, 2 updated, 1 deleted (its webhook was disabled)` */
function foundText(sheet: MirroredSheet): Part {
  const { found, version } = reconciledOf(sheet) ?? {};
  if (!found) return "–";
  const { created, updated, deleted, reason } = found;
  const kinds = `${counted(created, "row")} created, ${updated} updated, ${deleted} deleted`;
  const text = created + updated + deleted ? kinds : "Nothing differed";
  const left = version === undefined ? "; it changed meanwhile, so the next comparison finds the rest" : "";
  return markup`${text} <span class="faint">(${REASONS[reason]}${left})</span>`;
}

function button(id: number): Markup {
  return markup`<form method="post" action="/console/sheets/${id}/reconcile"><button class="button small">Reconcile</button></form>`;
}
