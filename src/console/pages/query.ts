import type { CallbackFilter, CallbackState } from "../../inbox/inspect.ts";
import { errorKey } from "../../inbox/error_key.ts";
import { ID_SHAPE, parseId } from "../../smartsheet/ids.ts";

/** The fields of the filter, and the query that they make. */
export interface CallbackQuery {
  readonly filter: CallbackFilter;
  readonly fields: Readonly<Record<"sheet" | "webhook" | "since" | "until" | "error", string>>;
  /** Error messages by field. */
  readonly errors: Readonly<Record<string, string>>;
  /** From 1. */
  readonly page: number;
  /** The valid parameters without the page, for links. */
  readonly params: URLSearchParams;
}

export const STATES: readonly CallbackState[] = ["pending", "done", "discarded", "dead"];
const MAX_PAGE = 10_000;
const MAX_ERROR = 2000;

/** Reads a query such as `?state=dead&sheet=4583173393803140&since=2026-01-31T08:00`; times are UTC. `error` is the first line of an error. */
export function parseCallbackQuery(given: URLSearchParams): CallbackQuery {
  const errors: Record<string, string> = {};
  const params = new URLSearchParams();
  const field = <Value>(name: string, parse: (text: string) => Value | undefined, shouldBe: string) => {
    const text = given.get(name)?.trim() ?? "";
    if (!text) return { text, value: undefined };
    const value = parse(text);
    if (value === undefined) errors[name] = `Should be ${shouldBe}.`;
    else params.set(name, text);
    return { text, value };
  };
  const states = STATES.filter((state) => given.getAll("state").includes(state));
  for (const state of states) params.append("state", state);
  const sheet = field("sheet", parseId, ID_SHAPE);
  const webhook = field("webhook", parseId, ID_SHAPE);
  const since = field("since", parseTime, "a time such as 2026-01-31T08:00");
  const until = field("until", parseTime, "a time such as 2026-01-31T08:00");
  const error = field("error", (text) => text.length <= MAX_ERROR ? text : undefined, "shorter");
  const page = Number(given.get("page") ?? 1);
  return {
    filter: {
      states: states.length ? states : undefined,
      scopeObjectId: sheet.value,
      webhookId: webhook.value,
      since: since.value,
      until: until.value,
      error: error.value && errorKey(error.value),
    },
    fields: { sheet: sheet.text, webhook: webhook.text, since: since.text, until: until.text, error: error.text },
    errors,
    page: Number.isInteger(page) && page >= 1 && page <= MAX_PAGE ? page : 1,
    params,
  };
}

function parseTime(text: string): number | undefined {
  const ms = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$/.test(text)
    ? Date.parse(text.length > 10 ? `${text}Z` : text)
    : NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
