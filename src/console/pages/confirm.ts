import type { StoredCallback } from "../../inbox/inspect.ts";
import { printable } from "../../text.ts";
import { summaryOf } from "./summary.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import { stateBadge } from "./parts/state_badge.ts";
import { timeTag } from "./parts/time_tag.ts";
import { errorLine } from "./without_emails.ts";

/** What a person can do to a callback. */
export type Action = "replay" | "discard";

/** Asks for confirmation before one callback is changed. */
export function confirmPage(action: Action, row: StoredCallback, now: number): Part {
  const { id, state, acceptedAt, scopeObjectId, body, error } = row;
  const back = `/console/callbacks/${id}`;
  return question(
    action === "replay" ? `Replay callback #${id}?` : `Discard callback #${id}?`,
    markup`<p>${stateBadge(row)} received ${
      timeTag(acceptedAt, now)
    } for sheet <span class="id">${scopeObjectId}</span>: ${printable(summaryOf(body))}</p>
${error !== undefined && markup`<p class="why">${errorLine(error)}</p>`}
<p>${consequence(action, state)}</p>`,
    `${back}/${action}`,
    action,
    new URLSearchParams(),
    back,
  );
}

/** Asks for confirmation before all callbacks of a filter are changed, the oldest `limit` at a time. */
export function confirmManyPage(action: Action, count: number, limit: number, params: URLSearchParams): Part {
  const these = count > limit ? `the oldest ${limit} of ${counted(count, "callback")}` : counted(count, "callback");
  return question(
    action === "replay" ? `Replay ${these}?` : `Discard ${these}?`,
    markup`<p>${consequence(action, params.get("state") ?? "")} This applies to each of them.</p>`,
    `/console/${action}`,
    action,
    params,
    `/console/callbacks?${params.toString()}`,
  );
}

function consequence(action: Action, state: string): string {
  if (action === "discard") {
    return "It will never be processed. Later callbacks of its sheet continue. If Smartsheet sends it again, it is ignored as a duplicate.";
  }
  return state === "dead"
    ? "It continues at the call that failed, with a fresh count of attempts, at the end of its sheet's queue. Completed steps don't run again."
    : "It starts from the beginning, at the end of its sheet's queue: every handler runs again, with the same idempotency keys.";
}

function question(
  title: string,
  text: Markup,
  path: string,
  action: Action,
  params: URLSearchParams,
  back: string,
): Markup {
  return markup`<section class="card narrow" aria-labelledby="question"><h1 id="question">${title}</h1>
${text}
<form method="post" action="${path}">
${[...params].map(([name, value]) => markup`<input type="hidden" name="${name}" value="${value}">`)}
<p class="actions"><button class="button ${action === "replay" ? "primary" : "danger"}">${
    action === "replay" ? "Replay" : "Discard"
  }</button>
<a class="button" href="${back}">Cancel</a></p></form></section>`;
}
