import type { CallbackFilter, InspectableInbox } from "../../inbox/inspect.ts";
import { MOST_ERRORS } from "../../inbox/limits.ts";
import { countText } from "../terminal/count_text.ts";
import { stdoutLayout } from "../terminal/paint.ts";
import { note, print } from "../terminal/print.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { messageLine } from "./stored_callback.ts";

const COLUMNS: readonly Column[] = [
  { name: "dead calls" },
  { name: "callbacks" },
  { name: "newest" },
  { name: "error", narrow: "below" },
];

/** `inbox list --by error` */
export async function listErrors(
  inbox: InspectableInbox,
  filter: CallbackFilter,
  limit: number,
  json: boolean | undefined,
): Promise<void> {
  const errors = await inbox.deadErrors(filter);
  const listed = errors.slice(0, limit);
  if (json) return listed.forEach((error) => print(JSON.stringify(error)));
  const letters = (await inbox.find({ ...filter, states: ["dead"] })).length;
  if (!letters) return note("no dead letter matches");
  const rows = listed.map(({ error, callbacks, calls, last }) => [
    ...[calls, callbacks, last].map(String),
    messageLine(error),
  ]);
  print(tableText(COLUMNS, rows, stdoutLayout()));
  const least = errors.length < MOST_ERRORS ? "" : "at least ";
  print(`${countText(letters, "dead letter")}, ${least}${countText(errors.length, "error")}`);
}
