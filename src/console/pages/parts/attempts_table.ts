import type { StoredCallback } from "../../../inbox/inspect.ts";
import { card } from "./card.ts";
import { type Markup, markup, type Part } from "../markup.ts";
import { errorDetails } from "./error_details.ts";
import { rowsTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";
import { durationText, timeTag } from "./time_tag.ts";

const FAILED = badge({ tone: "bad", sign: "✕", text: "Failed" });
const RUNNING = badge({ tone: "busy", sign: "◐", text: "Running" });
const DONE = badge({ tone: "good", sign: "✓", text: "Succeeded" });
const DISCARDED = badge({ tone: "off", sign: "–", text: "Discarded" });

/** The attempts: the recorded failures, and the last one. A repeated error is shown once. */
export function attemptsTable(row: StoredCallback, now: number): Markup {
  const shown = new Map<string, number>();
  const rows = row.failures.map(({ attempt, beganAt, endedAt, error }, index): readonly Part[] => {
    const same = shown.get(error);
    if (same === undefined) shown.set(error, attempt);
    const text = same === undefined ? errorDetails(error, `attempt-${index}`) : `Same error as attempt ${same}`;
    return [attempt, FAILED, timeTag(beganAt, now), durationText(endedAt - beganAt), text];
  });
  const last = lastAttempt(row, now);
  if (last) rows.push(last);
  return card(
    "attempts",
    "Attempts",
    rows.length
      ? rowsTable([["Attempt", "head"], ["Result", "head"], ["Began"], ["Took", "num"], ["Error", "why"]], rows)
      : markup`<p class="empty">None yet. Earlier callbacks of its sheet come first.</p>`,
  );
}

/** The last attempt, unless it is among the failures. */
function lastAttempt(row: StoredCallback, now: number): readonly Part[] | undefined {
  const { state, isRunning, attempts, attemptedAt, endedAt, error } = row;
  if (attemptedAt === undefined || !attempts) return undefined;
  const began = timeTag(attemptedAt, now);
  if (isRunning) return [attempts, RUNNING, began, "–", "–"];
  const took = durationText(Math.max((endedAt ?? attemptedAt) - attemptedAt, 0));
  if (state === "done") return [attempts, DONE, began, took, "–"];
  if (state !== "discarded" || error?.startsWith("Discarded by hand")) return undefined;
  return [attempts, DISCARDED, began, took, errorDetails(error ?? "", "attempt-last")];
}
