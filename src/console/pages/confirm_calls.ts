import type { StoredCallback, StoredDeadCall } from "../../inbox/inspect.ts";
import { contentOf } from "../../callback/content.ts";
import { consequenceOfCalls, question, summary } from "./confirm.ts";
import type { KnownSheets } from "./sheets/known_sheets.ts";
import { counted, type Markup, markup, type Part } from "./markup.ts";
import { handlerName, positionText } from "../../dispatch/call_text.ts";
import { errorLine } from "./without_emails.ts";

const MAX_LISTED = 10;

/** Asks for confirmation before some dead calls of a callback are changed; there is at least one. */
export function confirmCallsPage(
  action: "replay" | "skip",
  row: StoredCallback,
  { calls, params, sheets, now }: {
    readonly calls: readonly StoredDeadCall[];
    readonly params: URLSearchParams;
    readonly sheets: KnownSheets;
    readonly now: number;
  },
): Part {
  const { events = [] } = contentOf(row.body);
  const back = `/console/callbacks/${row.id}`;
  const others = row.deadCalls.filter(({ state }) => state === "dead").length -
    calls.filter(({ state }) => state === "dead").length;
  const line = (call: StoredDeadCall): Markup => {
    const name = handlerName(call.call.event, call.handler);
    return markup`<li>${positionText(call.call, events)}${name && markup` <code>${name}</code>`}
<div class="why">${errorLine(call.error)}</div></li>
`;
  };
  return question(
    `${action === "replay" ? "Replay" : "Skip"} ${counted(calls.length, "dead call")} of callback #${row.id}?`,
    markup`${summary(row, sheets, now)}
<ul class="calls">${calls.slice(0, MAX_LISTED).map(line)}</ul>
${calls.length > MAX_LISTED && markup`<p>And ${counted(calls.length - MAX_LISTED, "more call")}.</p>`}
<p>${consequenceOfCalls(action)}</p>
${
      others > 0 &&
      markup`<p>${counted(others, "other dead call stays", "other dead calls stay")} dead${
        action === "replay" && ", and can be replayed when this callback has ended"
      }.</p>`
    }`,
    { path: `${back}/${action}`, action, params, back },
  );
}
