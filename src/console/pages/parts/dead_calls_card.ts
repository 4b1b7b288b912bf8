import type { StoredCallback, StoredDeadCall } from "../../../inbox/inspect.ts";
import { eventText, handlerName, type StoredEvents } from "../../../dispatch/call_text.ts";
import { groupByError } from "./group_by_error.ts";
import { card } from "./card.ts";
import { counted, type Markup, markup, type Part } from "../markup.ts";
import { errorDetails } from "./error_details.ts";
import { rowsTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";
import { timeTag } from "./time_tag.ts";
import { errorLine } from "../without_emails.ts";

const MAX_CALLS = 100;
const MAX_ERRORS = 20;

const STATES = {
  dead: badge({ tone: "bad", sign: "✕", text: "Dead" }),
  owed: badge({ tone: "wait", sign: "○", text: "Runs again" }),
  skipped: badge({ tone: "off", sign: "–", text: "Skipped" }),
};

type Act = "replay" | "skip";

/** A callback's dead calls: skipped ones last, the first 100; grouped by error if some of several errors are shared, or there are more calls. */
export function deadCallsCard(row: StoredCallback, events: StoredEvents, now: number): Markup {
  const { id, deadCalls } = row;
  const isOpen = ({ state }: StoredDeadCall) => state !== "skipped";
  const open = deadCalls.filter(isOpen);
  const shown = [...open, ...deadCalls.filter((call) => !isOpen(call))].slice(0, MAX_CALLS);
  const errors = groupByError(open);
  const link = (act: Act, query: string, what: string) =>
    actsOn(row, act) &&
    markup`<a class="button small" href="/console/callbacks/${id}/${act}?${query}">${
      act === "replay" ? "Replay" : "Skip"
    }…<span class="sr"> ${what}</span></a>`;
  const both = (canReplay: boolean, query: string, what: string) =>
    markup`<span class="actions">${canReplay && link("replay", query, what)}${link("skip", query, what)}</span>`;

  const texts = new Map<string, number>();
  const rows = shown.map((call): readonly Part[] => {
    const { number, state, attempts, diedAt } = call;
    const name = handlerName(call.call.event, call.handler);
    return [
      isPickable(row, state)
        ? markup`<label class="choice"><input type="checkbox" name="call" value="${number}"><span class="sr">Pick call </span>${number}</label>`
        : number,
      STATES[state],
      markup`${eventText(call.call, events)}<br><span class="faint">handler ${call.call.handler + 1}${
        name && markup` <code>${name}</code>`
      }</span>`,
      attempts,
      timeTag(diedAt, now),
      errorOf(call, texts),
      isPickable(row, state) ? both(state === "dead", `call=${number}`, `call ${number}`) : "–",
    ];
  });
  const columns = [
    ...[["Number", "head"], ["State", "head"], ["Call", "what"], ["Attempts", "num"], ["Died"], ["Error", "why"]],
    ["Decision"],
  ] as const;
  return card(
    "dead-calls",
    titleOf(deadCalls, errors.filter(({ dead }) => dead).length),
    markup`${
      (open.length > MAX_CALLS || (errors.length > 1 && errors.length < open.length)) &&
      rowsTable(
        [["Error", "what"], ["Calls", "num"], ["Decision"]],
        errors.slice(0, MAX_ERRORS).map(({ error, calls, dead }) => [
          markup`<span class="why">${errorLine(error)}</span>`,
          calls.toLocaleString("en-US"),
          both(dead > 0, new URLSearchParams({ error }).toString(), "the calls with this error"),
        ]),
      )
    }
${errors.length > MAX_ERRORS && markup`<p class="faint">And ${counted(errors.length - MAX_ERRORS, "more error")}.</p>`}
<form method="get" action="/console/callbacks/${id}/skip"><input type="hidden" name="picked" value="1">
${rowsTable(columns, rows)}
${open.length > 1 && pickedButtons(row)}</form>
${
      deadCalls.length > shown.length &&
      markup`<p class="faint">And ${counted(deadCalls.length - shown.length, "more call")}.</p>`
    }`,
    "A call that used up its attempts is dead; the callback went on behind it. Fix the cause, then replay it, or skip it for good.",
  );
}

/** Whether an action on dead calls of this callback can do anything. */
export function actsOn({ state, isRunning, deadCalls }: StoredCallback, act: Act): boolean {
  const isAny = (wanted: StoredDeadCall["state"]) => deadCalls.some((call) => call.state === wanted);
  if (act === "replay") return state === "dead" && isAny("dead");
  return !isRunning && (state === "dead" || state === "pending") && (isAny("dead") || isAny("owed"));
}

function isPickable(row: StoredCallback, state: StoredDeadCall["state"]): boolean {
  return state !== "skipped" && actsOn(row, "skip");
}

function pickedButtons(row: StoredCallback): Markup {
  const button = (act: Act, text: string) =>
    actsOn(row, act) &&
    markup`<button class="button" formaction="/console/callbacks/${row.id}/${act}">${text}</button>`;
  return markup`<p class="actions">${button("replay", "Replay those picked…")}
${button("skip", "Skip those picked…")}</p>`;
}

/** `18 dead calls, 2 errors; 1 runs again, 3 skipped` */
function titleOf(calls: readonly StoredDeadCall[], errors: number): string {
  const countOf = (wanted: StoredDeadCall["state"]) => calls.filter(({ state }) => state === wanted).length;
  const [dead, owed, skipped] = [countOf("dead"), countOf("owed"), countOf("skipped")];
  const more = [
    ...(owed ? [`${owed.toLocaleString("en-US")} ${owed === 1 ? "runs" : "run"} again`] : []),
    ...(skipped ? [`${skipped.toLocaleString("en-US")} skipped`] : []),
  ].join(", ");
  const title = counted(dead, "dead call") + (errors > 1 ? `, ${counted(errors, "error")}` : "");
  return more ? `${title}; ${more}` : title;
}

/** The whole text once, however many calls died of it. */
function errorOf({ number, error }: StoredDeadCall, shown: Map<string, number>): Part {
  const first = shown.get(error);
  if (first !== undefined) return markup`${errorLine(error)} <span class="faint">(same as call ${first})</span>`;
  shown.set(error, number);
  return errorDetails(error, `call-${number}`);
}
