import { errorKey } from "../../inbox/error_key.ts";
import type { CallPick } from "../../inbox/inspect.ts";
import { parseId } from "../../smartsheet/ids.ts";

/** Which dead calls of a callback a request is about. */
export interface PickQuery {
  /** Undefined: all. */
  readonly pick: CallPick | undefined;
  /** True if some were to be picked, and none was. */
  readonly isEmpty: boolean;
  /** The same as parameters, for a form. */
  readonly params: URLSearchParams;
}

/** Reads a pick such as `?call=1&call=3`, or `?error=Error: no`. A form with check boxes says so by `picked`: none may be set. */
export function parsePick(given: URLSearchParams): PickQuery {
  const names = given.getAll("call");
  const text = given.get("error");
  const error = text === null ? undefined : errorKey(text);
  if (!names.length && !given.has("picked")) {
    const params = new URLSearchParams(error === undefined ? {} : { error });
    return { pick: error === undefined ? undefined : { error }, isEmpty: false, params };
  }
  const calls = names.map(parseId).filter((number) => number !== undefined);
  const params = new URLSearchParams(calls.map((number) => ["call", String(number)]));
  return { pick: { calls }, isEmpty: calls.length === 0, params };
}
