import { errorKey } from "../../inbox/error_key.ts";
import type { StoredCallback, StoredDeadCall } from "../../inbox/inspect.ts";
import { printable, withVisibleControls } from "../../text.ts";
import { countText } from "../terminal/count_text.ts";
import type { Paint } from "../terminal/paint.ts";
import { isoTime } from "../terminal/time_text.ts";
import { positionText, type StoredEvents } from "../../dispatch/call_text.ts";
import { deadCallText } from "./dead_call.ts";
import { messageLine } from "./stored_callback.ts";

/** How many dead calls are shown one by one, and how many errors of the others. */
const SHOWN = 20;

const STATES: Readonly<Record<StoredDeadCall["state"], string>> = {
  dead: "",
  owed: ", to run again",
  skipped: ", skipped",
};

/** The dead calls and the failures of a callback, each error with its stack and causes; one that repeats is shown once. */
export function errorLines(row: StoredCallback, events: StoredEvents, paint: Paint): string[] {
  const { deadCalls, failures, error } = row;
  const shown = new Map<string, string>();
  const whole = (text: string) =>
    text.trim().split("\n").map((line, index) => paint(index ? "dim" : "red", `  ${visible(line)}`));

  function paragraph(title: string, error: string, name: string): string[] {
    const before = shown.get(error);
    if (before !== undefined) return ["", `${printable(title)}: the same error as ${before}`];
    shown.set(error, name);
    return ["", printable(title), ...whole(error)];
  }

  const lines: string[] = [];
  for (const dead of deadCalls.slice(0, SHOWN)) {
    const name = `dead call ${dead.number}`;
    const died = `${countText(dead.attempts, "attempt")}, died ${isoTime(dead.diedAt)}`;
    lines.push(...paragraph(`${name}${STATES[dead.state]}: ${deadCallText(dead, events)}; ${died}`, dead.error, name));
  }
  lines.push(...moreLines(deadCalls.slice(SHOWN)));
  for (const [index, { attempt, call, beganAt, endedAt, error }] of failures.entries()) {
    const where = call ? ` at ${positionText(call, events)}` : "";
    const title = `attempt ${attempt} failed${where}, ${isoTime(beganAt)} to ${isoTime(endedAt)}`;
    const isBefore = error === failures[index - 1]?.error;
    lines.push(...(isBefore ? ["", `${printable(title)}: the same error`] : paragraph(title, error, "above")));
  }
  // The reason of a discard, which is no failure.
  if (error !== undefined && !shown.has(error) && error.trim().includes("\n")) lines.push("", ...whole(error));
  return lines;
}

/** Those that aren't shown one by one, by their errors. */
function moreLines(deadCalls: readonly StoredDeadCall[]): string[] {
  if (!deadCalls.length) return [];
  const counts = new Map<string, number>();
  for (const { error } of deadCalls) counts.set(errorKey(error), (counts.get(errorKey(error)) ?? 0) + 1);
  const errors = [...counts].sort(([, a], [, b]) => b - a);
  const lines = errors.slice(0, SHOWN).map(([error, count]) => `  ${count} × ${messageLine(error)}`);
  if (errors.length > SHOWN) lines.push(`  and ${countText(errors.length - SHOWN, "other error")}`);
  return ["", `and ${countText(deadCalls.length, "more dead call")}; --json shows all`, ...lines];
}

function visible(line: string): string {
  return withVisibleControls(line.replaceAll("\t", "    ").replaceAll("\r", ""));
}
