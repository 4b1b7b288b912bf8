import { type CallbackQuery, STATES } from "./query.ts";
import { callbackTable } from "./parts/callback_table.ts";
import type { DeadError } from "../../inbox/inspect.ts";
import { deadErrorsCard } from "./parts/dead_errors_card.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import { livePart } from "./layout.ts";
import type { ListedCallback } from "./listed_callback.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import { sendHint } from "./parts/send_hint.ts";
import { sheetName } from "./sheets/sheet_link.ts";

/** Callbacks per page. */
export const PAGE_SIZE = 50;
const ERRORS_SHOWN = 20;
const MOST_SUGGESTED = 200;

const NAMES = { pending: "Pending", done: "Processed", discarded: "Discarded", dead: "Dead letters" };

/** One page of the list, and whether there is a next one. */
export interface CallbackList {
  readonly rows: readonly ListedCallback[];
  readonly hasMore: boolean;
  /** The errors of a list of dead letters; none where one error was asked for. */
  readonly errors: readonly DeadError[];
}

/** The list of callbacks, newest first, with its filter. */
export function callbacksPage(
  query: CallbackQuery,
  { rows, hasMore, errors }: CallbackList,
  { notice, callbackUrl, dead, sheets, now }: {
    readonly notice: string | undefined;
    /** How many dead letters the inbox has. */
    readonly dead: number;
    readonly callbackUrl: string | undefined;
    readonly sheets: KnownSheets;
    readonly now: number;
  },
): Part {
  return markup`${notice !== undefined && markup`<p class="notice" role="status">${notice}</p>`}
<div class="title"><h1>Callbacks</h1>${actions(query, rows.length)}</div>
${filterForm(query, sheets)}
${
    livePart(
      "errors-part",
      errors.length > 0 && query.page === 1 && deadErrorsCard(errors, {
        params: query.params,
        count: query.params.toString() === "state=dead" ? dead : undefined,
        limit: ERRORS_SHOWN,
      }),
    )
  }
${
    livePart(
      "rows",
      markup`<section class="card" aria-label="Callbacks that match">${
        rows.length ? callbackTable(rows, sheets, now, !hasOneState(query)) : empty(query, callbackUrl)
      }</section>
${paging(query, hasMore)}`,
    )
  }`;
}

/** True if the state column would say the same in every row. A pending callback may be running, retrying or waiting. */
function hasOneState({ filter: { states } }: CallbackQuery): boolean {
  return states?.length === 1 && states[0] !== "pending";
}

function actions({ filter, params }: CallbackQuery, count: number): Markup | false {
  const [state, other] = filter.states ?? [];
  if (!count) return false;
  if (!state || other) return markup`<p class="faint">To replay, skip or discard several, filter by one state.</p>`;
  const these = filter.error === undefined ? "these" : "calls with this error";
  const link = (act: string, text: string) =>
    markup`<a class="button" href="/console/${act}?${params.toString()}">${text}</a>`;
  return markup`<p class="actions">${state !== "pending" && link("replay", `Replay ${these}…`)}
${state === "dead" && link("skip", filter.error === undefined ? "Skip their dead calls…" : `Skip ${these}…`)}
${(state === "dead" || state === "pending") && link("discard", "Discard these…")}</p>`;
}

function filterForm({ filter, fields, errors }: CallbackQuery, sheets: KnownSheets): Markup {
  const name = filter.scopeObjectId !== undefined && sheetName(filter.scopeObjectId, sheets);
  const invalid = (name: string) =>
    errors[name] !== undefined && markup`aria-invalid="true" aria-describedby="${name}-error"`;
  const input = (name: keyof typeof fields, label: string, attributes: Markup, note?: Part) =>
    markup`<div class="field"><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${fields[name]}" ${attributes} ${invalid(name)}>
${note}${errors[name] !== undefined && markup`<p class="error" id="${name}-error">${errors[name]}</p>`}</div>`;
  const id = markup`inputmode="numeric" autocomplete="off" maxlength="16" placeholder="any"`;
  const sheetId = markup`${id} list="sheets" ${name && markup`aria-describedby="sheet-name"`}`;
  const time = markup`type="datetime-local"`;
  const error = markup`autocomplete="off" placeholder="its first line"`;
  return markup`<form class="card filter" method="get" action="/console/callbacks" role="search" aria-label="Filter">
<fieldset class="field states"><legend>State</legend>${
    STATES.map((state) =>
      markup`<label class="choice"><input type="checkbox" name="state" value="${state}" ${
        filter.states?.includes(state) && "checked"
      }><span>${NAMES[state]}</span></label>`
    )
  }</fieldset>
<details class="more" id="more" ${
    Object.values(fields).some(Boolean) && "open"
  }><summary>By sheet, webhook, time, error</summary>
<div class="fields">${input("sheet", "Sheet", sheetId, name && markup`<p class="faint" id="sheet-name">${name}</p>`)}${
    input("webhook", "Webhook", id)
  }${input("since", "Received since (UTC)", time)}${input("until", "Before (UTC)", time)}${
    input("error", "Error of dead letters", error)
  }</div></details>
${
    sheets.size > 0 &&
    markup`<datalist id="sheets">${
      [...sheets.keys()].slice(0, MOST_SUGGESTED).map((id) =>
        markup`<option value="${id}">${sheetName(id, sheets)}</option>`
      )
    }</datalist>`
  }
<p class="actions"><button class="button primary">Filter</button> <a class="button" href="/console/callbacks">Clear</a></p>
</form>`;
}

function empty({ params, errors, page }: CallbackQuery, callbackUrl: string | undefined): Markup {
  if (Object.keys(errors).length) return markup`<p class="empty">Fix the filter to see what matches.</p>`;
  if (page > 1) {
    return markup`<p class="empty">There are no more callbacks. <a href="?${params.toString()}">Back to the first page</a></p>`;
  }
  if (params.has("error")) {
    return markup`<p class="empty">No dead letter that matches has this error. <a href="/console/callbacks?state=dead">All dead letters</a></p>`;
  }
  if ([...params].length) {
    return markup`<p class="empty">No callback matches. Processed ones are kept for 7 days by default (<code>--keep</code>).
<a href="/console/callbacks">Show all</a></p>`;
  }
  return markup`<p class="empty">Nothing has come in yet. ${sendHint(callbackUrl)}</p>`;
}

function paging({ page, params }: CallbackQuery, hasMore: boolean): Markup | false {
  if (page === 1 && !hasMore) return false;
  const link = (to: number, text: string, rel: string) => {
    const query = new URLSearchParams(params);
    if (to > 1) query.set("page", String(to));
    return markup`<a class="button" rel="${rel}" href="/console/callbacks?${query.toString()}">${text}</a>`;
  };
  return markup`<nav class="paging" aria-label="Pages">${
    page > 1 && link(page - 1, "Newer", "prev")
  }<span>Page ${page}</span>${hasMore && link(page + 1, "Older", "next")}</nav>`;
}
