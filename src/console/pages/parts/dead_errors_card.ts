import { MOST_ERRORS } from "../../../inbox/limits.ts";
import type { DeadError } from "../../../inbox/inspect.ts";
import { callbackLink } from "./callback_table.ts";
import { card } from "./card.ts";
import { counted, type Markup, markup } from "../markup.ts";
import { type Column, rowsTable } from "./rows_table.ts";
import { errorLine } from "../without_emails.ts";

const COLUMNS: readonly Column[] = [
  ["Error", "what"],
  ["Dead letters", "num"],
  ["Dead calls", "num"],
  ["Latest"],
  ["Decision"],
];
const NOTE =
  "Some of their calls used up their attempts. Fix the cause, then replay them, or skip what is no longer needed.";

/**
 * Dead letters by their errors: one line per error, the first `limit` ones, with links to the callbacks that have it.
 *
 * @param params the filter that they were found by
 * @param count how many dead letters there are, if that is known
 */
export function deadErrorsCard(
  errors: readonly DeadError[],
  { params, count, limit }: {
    readonly params: URLSearchParams;
    readonly count: number | undefined;
    readonly limit: number;
  },
): Markup {
  const rows = errors.slice(0, limit).map(({ error, callbacks, calls, last }) => {
    const query = new URLSearchParams(params);
    query.set("error", error);
    // Without a text there is nothing to filter by.
    const link = (act: string, text: string) =>
      error &&
      markup`<a class="button small" href="/console/${act}?${query.toString()}">${text}…<span class="sr"> the calls with this error</span></a>`;
    return [
      error
        ? markup`<a class="why" href="/console/callbacks?${query.toString()}">${errorLine(error, 200)}</a>`
        : "(no text)",
      callbacks.toLocaleString("en-US"),
      calls ? calls.toLocaleString("en-US") : "–",
      callbackLink(last),
      markup`<span class="actions">${link("replay", "Replay")}${calls > 0 && link("skip", "Skip")}</span>`,
    ];
  });
  const known = `${errors.length >= MOST_ERRORS ? "at least " : ""}${counted(errors.length, "error")}`;
  const more = errors.length - rows.length;
  return card(
    "errors",
    count === undefined ? `Dead letters: ${known}` : `${counted(count, "dead letter")}, ${known}`,
    markup`${rowsTable(COLUMNS, rows)}${
      more > 0 &&
      markup`<p><a href="/console/callbacks?${params.toString()}">All dead letters</a> <span class="faint">with ${
        counted(more, "more error")
      }</span></p>`
    }`,
    NOTE,
  );
}
