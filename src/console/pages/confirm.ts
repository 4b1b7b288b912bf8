import type { StoredCallback } from "../../inbox/inspect.ts";
import { capital, printable } from "../../text.ts";
import { summaryOf } from "./summary.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import { stateBadge } from "./parts/state_badge.ts";
import { sheetIdOf } from "../../callback/content.ts";
import { sheetName } from "./sheets/sheet_link.ts";
import { timeTag } from "./parts/time_tag.ts";
import { errorLine } from "./without_emails.ts";

/** What a person can do to a callback, or to its dead calls. */
export type Action = "replay" | "skip" | "discard";

/** Asks for confirmation before one callback is changed. */
export function confirmPage(action: Action, row: StoredCallback, sheets: KnownSheets, now: number): Part {
  const { id, state, error } = row;
  const back = `/console/callbacks/${id}`;
  return question(
    `${capital(action)} callback #${id}?`,
    markup`${summary(row, sheets, now)}
${error !== undefined && markup`<p class="why">${errorLine(error)}</p>`}
<p>${consequence(action, state)}</p>`,
    { path: `${back}/${action}`, action, params: new URLSearchParams(), back },
  );
}

/** The callback that a question is about, in a line. */
export function summary(row: StoredCallback, sheets: KnownSheets, now: number): Markup {
  const sheet = sheetIdOf(row);
  const name = sheetName(sheet, sheets);
  return markup`<p>${stateBadge(row)} received ${timeTag(row.acceptedAt, now)} for sheet ${
    name && markup`${name} `
  }<span class="id">${sheet}</span>: ${printable(summaryOf(row.body))}</p>`;
}

/** What the question about all callbacks of a filter is about. */
export interface Many {
  readonly callbacks: number;
  /** How many dead calls they have, of the filter's error if there is one. */
  readonly calls: number;
  /** The most callbacks that are changed at once. */
  readonly limit: number;
  readonly error: string | undefined;
  readonly params: URLSearchParams;
}

/** Asks for confirmation before all callbacks of a filter, or their dead calls, are changed: the oldest `limit` at a time. */
export function confirmManyPage(action: Action, { callbacks, calls, limit, error, params }: Many): Part {
  const isCut = callbacks > limit;
  const these = isCut ? `the oldest ${limit} of ${counted(callbacks, "callback")}` : counted(callbacks, "callback");
  const which = isCut ? "the dead calls" : counted(calls, "dead call");
  const isOfCalls = calls > 0 && action !== "discard";
  return question(
    `${capital(action)} ${isOfCalls ? `${which} of ${these}` : these}?`,
    markup`${error !== undefined && markup`<p class="why">${errorLine(error, 200)}</p>`}
${
      isOfCalls && error !== undefined &&
      markup`<p>Only calls that died of this error; other dead calls of these callbacks stay dead.</p>`
    }
${isOfCalls && isCut && markup`<p>All of them together have ${counted(calls, "such dead call")}.</p>`}
<p>${
      isOfCalls
        ? consequenceOfCalls(action)
        : `${consequence(action, params.get("state") ?? "")} This applies to each of them.`
    }</p>`,
    { path: `/console/${action}`, action, params, back: `/console/callbacks?${params.toString()}` },
  );
}

/** What follows for dead calls. */
export function consequenceOfCalls(action: "replay" | "skip"): string {
  return action === "skip"
    ? "A skipped call is given up for good: no replay runs it again. A callback without any other dead call counts as processed then."
    : "A replayed call runs again at the end of its sheet's queue, with a fresh count of attempts and the same idempotency key. Completed steps don't run again.";
}

function consequence(action: Action, state: string): string {
  if (action === "discard") {
    return "It will never be processed. Later callbacks of its sheet continue. If Smartsheet sends it again, it is ignored as a duplicate.";
  }
  return state === "dead"
    ? "It continues at the call that failed, with a fresh count of attempts, at the end of its sheet's queue. Completed steps don't run again."
    : "It starts from the beginning, at the end of its sheet's queue: every handler runs again, with the same idempotency keys.";
}

/** A question, and the form that answers it. */
export function question(
  title: string,
  text: Markup,
  { path, action, params, back }: {
    readonly path: string;
    readonly action: Action;
    readonly params: URLSearchParams;
    readonly back: string;
  },
): Markup {
  return markup`<section class="card narrow" aria-labelledby="question"><h1 id="question">${title}</h1>
${text}
<form method="post" action="${path}">
${[...params].map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<p class="actions"><button class="button ${action === "replay" ? "primary" : "danger"}">${capital(action)}</button>
<a class="button" href="${back}">Cancel</a></p></form></section>`;
}
