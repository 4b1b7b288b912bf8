import type { Position } from "../../../inbox/inbox.ts";
import type { Failure, StoredCallback } from "../../../inbox/inspect.ts";
import { callText, countedCall } from "../../../dispatch/call_text.ts";
import { card } from "./card.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { errorDetails } from "./error_details.ts";
import { type Column, rowsTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";
import { durationText, timeTag } from "./time_tag.ts";

const FAILED = badge({ tone: "bad", sign: "✕", text: "Failed" });
const RUNNING = badge({ tone: "busy", sign: "◐", text: "Running" });
const DONE = badge({ tone: "good", sign: "✓", text: "Succeeded" });
const DISCARDED = badge({ tone: "off", sign: "–", text: "Discarded" });

const COLUMNS: readonly Column[] = [
  ["Attempt", "head"],
  ["Result", "head"],
  ["Call", "what"],
  ["Began"],
  ["Took", "num"],
  ["Error", "why"],
];

/** The attempts: the recorded failures, each with its call, and the last one. A repeated error is shown once. */
export function attemptsTable(row: StoredCallback, now: number): Markup {
  const shown = new Map<string, Failure>();
  const rows = row.failures.map((failure, index): readonly Part[] => {
    const { attempt, call, beganAt, endedAt, error } = failure;
    const same = shown.get(error);
    if (!same) shown.set(error, failure);
    const text = same ? sameText(same, failure) : errorDetails(error, `attempt-${index}`);
    return [attempt, FAILED, callOf(call), timeTag(beganAt, now), durationText(endedAt - beganAt), text];
  });
  const last = lastAttempt(row, now);
  if (last) rows.push(last);
  return card(
    "attempts",
    "Attempts",
    rows.length
      ? rowsTable(COLUMNS, rows)
      : markup`<p class="empty">None yet. Earlier callbacks of its sheet come first.</p>`,
  );
}

function callOf(call: Position | undefined): string {
  return call ? callText(countedCall(call)) : "the first call";
}

/** Attempts are counted by call. */
function sameText({ attempt, call }: Failure, { call: own }: Failure): string {
  const isSameCall = callOf(call) === callOf(own);
  return `Same error as attempt ${attempt}${isSameCall ? "" : ` at ${callOf(call)}`}`;
}

/** The last attempt, unless it is among the failures. */
function lastAttempt(row: StoredCallback, now: number): readonly Part[] | undefined {
  const { state, isRunning, attempts, attemptedAt, endedAt, error, position } = row;
  if (attemptedAt === undefined || !attempts) return undefined;
  const began = timeTag(attemptedAt, now);
  if (isRunning) return [attempts, RUNNING, position ? callText(countedCall(position)) : "–", began, "–", "–"];
  const took = durationText(Math.max((endedAt ?? attemptedAt) - attemptedAt, 0));
  if (state === "done") return [attempts, DONE, "–", began, took, "–"];
  if (state !== "discarded" || error?.startsWith("Discarded by hand")) return undefined;
  return [attempts, DISCARDED, "–", began, took, errorDetails(error ?? "", "attempt-last")];
}
