import type { StoredCallback } from "../inbox/inspect.ts";
import { type Html, html, type Part } from "./html.ts";
import { badge } from "./state_badge.ts";
import { durationText, timeTag } from "./time_tag.ts";
import { plainText, withoutEmails } from "./without_emails.ts";

/** Every attempt that is known of: those that failed, and how it stands with the last one. */
export function attemptsTable(row: StoredCallback, now: number): Html {
  const { failures } = row;
  const last = lastAttempt(row, now);
  const rows = [
    ...failures.map(({ attempt, beganAt, endedAt, error }) =>
      attemptRow(
        attempt,
        beganAt,
        durationText(endedAt - beganAt),
        FAILED,
        html`<span class="pre">${plainText(withoutEmails(error))}</span>`,
        now,
      )
    ),
    ...last ? [last] : [],
  ];
  return html`
    <section class="card"
      aria-labelledby="attempts-title"><div class="card-head"><h2 id="attempts-title">Attempts</h2></div>
    ${rows.length
      ? html`
        <table class="rows" role="table">
          <thead role="rowgroup">
            <tr role="row">${["Try", "Began", "Took", "Result", "Error"].map((name) =>
              html`<th role="columnheader" scope="col">${name}</th>`
            )}</tr>
          </thead>
          <tbody role="rowgroup">${rows}</tbody>
        </table>
      `
      : html`<p class="empty">None yet: it waits for its turn in its sheet.</p>`}</section>
  `;
}

const FAILED = badge({ tone: "bad", sign: "✕", text: "Failed" });

/** The one that didn't fail, or hasn't yet. */
function lastAttempt(row: StoredCallback, now: number): Html | undefined {
  const { state, isRunning, attempts, attemptedAt, endedAt, error } = row;
  if (attemptedAt === undefined || !attempts) return undefined;
  if (isRunning) {
    return attemptRow(attempts, attemptedAt, "–", badge({ tone: "busy", sign: "◐", text: "Running" }), "–", now);
  }
  if (state === "done") {
    const took = durationText(Math.max((endedAt ?? attemptedAt) - attemptedAt, 0));
    return attemptRow(attempts, attemptedAt, took, badge({ tone: "good", sign: "✓", text: "Done" }), "–", now);
  }
  if (state === "discarded" && !error?.startsWith("Discarded by hand")) {
    const reason = html`<span class="pre">${plainText(withoutEmails(error ?? ""))}</span>`;
    return attemptRow(attempts, attemptedAt, "–", badge({ tone: "off", sign: "–", text: "Discarded" }), reason, now);
  }
  return undefined;
}

function attemptRow(attempt: number, beganAt: number, took: string, result: Part, error: Part, now: number): Html {
  return html`
    <tr role="row">
      <td role="cell" data-name="Try" class="num">${attempt}</td>
      <td role="cell" data-name="Began">${timeTag(beganAt, now)}</td>
      <td role="cell" data-name="Took" class="num">${took}</td>
      <td role="cell" data-name="Result">${result}</td>
      <td role="cell" data-name="Error" class="why">${error}</td>
    </tr>
  `;
}
