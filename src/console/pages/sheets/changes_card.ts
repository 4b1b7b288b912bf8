import { printable, withVisibleControls } from "../../../text.ts";
import type { Change } from "../../../mirror/change.ts";
import type { StoredFound } from "../../../mirror/reconcile/read_found.ts";
import { isContact, type Value } from "../../../mirror/values/value.ts";
import { card } from "../parts/card.ts";
import { counted, type Markup, markup, type Part } from "../markup.ts";
import { type Column, rowsTable } from "../parts/rows_table.ts";
import { type Shown, shownPath } from "../parts/shown.ts";

/** Rows that are listed. */
export const MOST_CHANGES = 100;
const MOST_COLUMNS = 50;
const MOST_CHARACTERS = 100;

const COLUMNS: readonly Column[] = [["Change", "head"], ["Row", "head"], ["Columns", "what"], ["By"]];

/** The rows that a callback changed. Their values are left out unless `shown.values`. */
export function changesCard(
  callback: number,
  { changes, count }: Pick<StoredFound, "changes" | "count">,
  shown: Shown,
): Markup {
  if (!count) {
    return card(
      "changes",
      "Changes",
      markup`<p class="empty">No row differs from what was known of it, but for own changes.</p>`,
    );
  }
  const path = shownPath(callback, { ...shown, values: !shown.values }, "changes-title");
  const rows = changes.map((change, index) => [
    change.kind,
    rowText(change, shown.values),
    shown.values ? valuesOf(change, index) : titlesOf(change),
    byText(change, shown.values),
  ]);
  return card(
    "changes",
    counted(count, "changed row"),
    markup`<p class="actions"><a class="button" href="${path}">${shown.values ? "Hide values" : "Show values"}</a></p>
${rowsTable(COLUMNS, rows)}
${count > changes.length && markup`<p class="faint">And ${counted(count - changes.length, "more row")}.</p>`}`,
    "What the handlers of onChange get: each row against what was known of it before.",
  );
}

/** The number that the row had; with values, what its primary column says. */
function rowText({ row, sheet }: Change, showsValues: boolean): Markup {
  const place = row.rowNumber ?? markup`<span class="id">${row.id}</span>`;
  const primary = sheet.columns.find(({ primary }) => primary);
  const value = showsValues && primary ? row.cell(primary.id).value : null;
  return markup`<span title="Row ${row.id}">${place}</span>${
    value !== null && markup` ${cut(printable(textOf(value)))}`
  }`;
}

/** Who did it: the user's id; with values, name and e-mail address. */
function byText({ by: { userId, email, name } = {} }: Change, showsValues: boolean): Part {
  const known = name ?? email;
  const id = userId !== undefined && markup`<span class="id">${userId}</span>`;
  if (!showsValues || known === undefined) return id || "–";
  const title = [email, userId !== undefined && `user ${userId}`].filter(Boolean).join(", ");
  return markup`<span title="${printable(title)}">${cut(printable(known))}</span>`;
}

function titlesOf({ columns }: Change): Part {
  if (!columns.length) return "–";
  const chips = columns.slice(0, MOST_COLUMNS).map(({ columnId, title }) =>
    markup`<span class="chip" title="Column ${columnId}">${printable(title)}</span> `
  );
  return markup`${chips}${more(columns.length)}`;
}

function valuesOf({ kind, columns }: Change, index: number): Part {
  if (!columns.length) return "–";
  const lines = columns.slice(0, MOST_COLUMNS).map(({ columnId, title, from, to }) => {
    const id = `change-${index}-${columnId}`;
    const before = kind !== "created" && valueText(from, `${id}-from`);
    const after = kind !== "deleted" && valueText(to, `${id}-to`);
    return markup`<li><span class="chip" title="Column ${columnId}">${printable(title)}</span> ${before}${
      before && after && " → "
    }${after}</li>`;
  });
  return markup`<ul class="steps values">${lines}</ul>${more(columns.length)}`;
}

function more(count: number): Part {
  return count > MOST_COLUMNS && markup`<span class="faint">and ${counted(count - MOST_COLUMNS, "more column")}</span>`;
}

/** A value; of a long one the beginning, and the whole on demand. */
function valueText(value: Value | undefined, id: string): Markup {
  if (value === undefined) return markup`<span class="faint">unknown</span>`;
  if (value === null) return markup`<span class="faint">empty</span>`;
  const text = withVisibleControls(textOf(value));
  if (text.length <= MOST_CHARACTERS) return markup`<span class="pre">${text}</span>`;
  return markup`<details id="${id}"><summary>${cut(text)}</summary><div class="pre">${text}</div></details>`;
}

function cut(text: string): string {
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

function textOf(value: Exclude<Value, null>): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (!isContact(value)) return String(value);
  return value.name === undefined ? value.email : `${value.name} <${value.email}>`;
}
