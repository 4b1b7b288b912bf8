import type { StoredCallback } from "../inbox/inspect.ts";
import { card } from "./card.ts";
import { type Markup, markup, type Part } from "./markup.ts";
import { rowsTable } from "./rows_table.ts";
import { badge } from "./state_badge.ts";
import { durationText, timeTag } from "./time_tag.ts";
import { firstLine, withoutEmails } from "./without_emails.ts";

const FAILED = badge({ tone: "bad", sign: "✕", text: "Failed" });
const RUNNING = badge({ tone: "busy", sign: "◐", text: "Running" });
const DONE = badge({ tone: "good", sign: "✓", text: "Done" });
const DISCARDED = badge({ tone: "off", sign: "–", text: "Discarded" });

/** Every attempt that is known of: those that failed, and how it stands with the last one. */
export function attemptsTable(row: StoredCallback, now: number): Markup {
  const rows = row.failures.map(({ attempt, beganAt, endedAt, error }, index) =>
    [
      attempt,
      FAILED,
      timeTag(beganAt, now),
      durationText(endedAt - beganAt),
      errorText(error, `attempt-${index}`),
    ] as readonly Part[]
  );
  const last = lastAttempt(row, now);
  if (last) rows.push(last);
  return card(
    "attempts",
    "Attempts",
    rows.length
      ? rowsTable([["Try", "num"], ["Result"], ["Began"], ["Took", "num"], ["Error", "why"]], rows)
      : markup`<p class="empty">None yet: it waits for its turn in its sheet.</p>`,
  );
}

/** The one that didn't fail, or hasn't yet. */
function lastAttempt(row: StoredCallback, now: number): readonly Part[] | undefined {
  const { state, isRunning, attempts, attemptedAt, endedAt, error } = row;
  if (attemptedAt === undefined || !attempts) return undefined;
  const began = timeTag(attemptedAt, now);
  if (isRunning) return [attempts, RUNNING, began, "–", "–"];
  const took = durationText(Math.max((endedAt ?? attemptedAt) - attemptedAt, 0));
  if (state === "done") return [attempts, DONE, began, took, "–"];
  if (state !== "discarded" || error?.startsWith("Discarded by hand")) return undefined;
  return [attempts, DISCARDED, began, took, errorText(error ?? "", "attempt-last")];
}

/** The first line; the rest is a click away. */
function errorText(error: string, id: string): Part {
  const line = firstLine(error);
  if (line === error) return line;
  return markup`<details id="${id}"><summary>${line}</summary><pre class="error-text">${
    withoutEmails(error)
  }</pre></details>`;
}
