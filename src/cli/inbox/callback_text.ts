import type { StoredCallback } from "../../inbox/inspect.ts";
import { contentOf, sheetIdOf } from "../../callback/content.ts";
import { traceIdOf } from "../../callback/trace_id.ts";
import { printable } from "../../text.ts";
import type { Paint } from "../terminal/paint.ts";
import { isoTime } from "../terminal/time_text.ts";
import { foundText } from "../../mirror/reconcile/found_text.ts";
import type { StoredFound } from "../../mirror/reconcile/read_found.ts";
import { bodyText, patternsText } from "./body.ts";
import { changeLines, changesText } from "./changes_text.ts";
import { positionText, type StoredEvents } from "../../dispatch/call_text.ts";
import { errorLines } from "./error_lines.ts";
import { messageLine, stateOf, styleOf } from "./stored_callback.ts";

/** Everything about a callback, for a person. */
export function callbackText(
  row: StoredCallback,
  withBody: boolean,
  paint: Paint = (_, text) => text,
  found?: StoredFound,
): string {
  const { events, status, relayedTo, reconcile } = contentOf(row.body);
  const state = stateOf(row);
  const lines = facts([
    ["callback", String(row.id)],
    ["state", paint(styleOf(state), state)],
    ["sheet", String(sheetIdOf(row))],
    ["forwarded to", relayedTo && printable(relayedTo)],
    ["webhook", reconcile ? "none: it asks for a comparison of the sheet with its mirror" : String(row.webhookId)],
    ["reason", reconcile && reconcile.reason + (reconcile.since === undefined ? "" : `, since ${reconcile.since}`)],
    ["events", reconcile ? undefined : events && `${events.length}: ${patternsText(events)}`],
    ["status", status],
    ["sent", reconcile ? undefined : `${row.timestamp}, by Smartsheet's clock`],
    [reconcile ? "stored" : "accepted", isoTime(row.acceptedAt)],
    ["found", found?.isComplete && reconcile ? foundText(found.gap) : undefined],
    ["changes", found && changesText(found)],
    ["ended", isoTime(row.endedAt)],
    ["attempts", row.attempts ? `${row.attempts} at its last call, the last began ${isoTime(row.attemptedAt)}` : "0"],
    [
      "never ended",
      row.unfinished ? `${row.unfinished} attempts in a row: killed, or their lease was lost` : undefined,
    ],
    ["failing since", row.state === "done" ? undefined : isoTime(row.failedAt)],
    ["next attempt", isoTime(row.retryAt)],
    ["dead calls", deadCallsText(row)],
    [row.state === "dead" ? "failed at" : "resumes at", placeText(row, events)],
    ["steps done", row.steps.map(stepName).join(", ")],
    ["nonce", row.nonce],
    ["digest", row.digest],
    ["trace", traceIdOf(row)],
    ["error", row.error && messageLine(row.error)],
  ]);
  if (found) lines.push(...changeLines(found));
  lines.push(...errorLines(row, events, paint));
  if (withBody) lines.push("", bodyText(row.body));
  return lines.join("\n");
}

function facts(all: readonly (readonly [string, string | undefined])[]): string[] {
  // The state has its style, whose control characters must stay.
  return all.filter(([, value]) => value).map(([name, value]) =>
    `${name.padEnd(14)} ${name === "state" ? value : printable(value!)}`
  );
}

/** `3, 1 to run again, 2 skipped` */
function deadCallsText({ deadCalls }: StoredCallback): string | undefined {
  if (!deadCalls.length) return undefined;
  const countOf = (wanted: string) => deadCalls.filter(({ state }) => state === wanted).length;
  const more = ([["owed", "to run again"], ["skipped", "skipped"]] as const)
    .flatMap(([state, text]) => countOf(state) ? [`${countOf(state)} ${text}`] : []);
  return [String(countOf("dead")), ...more].join(", ");
}

/** Undefined where it says nothing: dead calls are where a dead letter failed, and what a replayed one resumes at. */
function placeText({ state, position, deadCalls }: StoredCallback, events: StoredEvents): string | undefined {
  const isSaid = deadCalls.some((call) => call.state === (state === "dead" ? "dead" : "owed"));
  if (!position || isSaid || (state !== "dead" && state !== "pending")) return undefined;
  return positionText(position, events);
}

/** The name in a step's key, which ends in it as JSON; the call that it belongs to comes first. */
function stepName(key: string): string {
  const [json] = /"(?:[^"\\]|\\.)*"$/.exec(key) ?? [];
  return json ? JSON.parse(json) : key;
}
