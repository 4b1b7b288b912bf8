import { bodyText, contentOf, countPatterns } from "./inbox_body.ts";
import { printable } from "../printable.ts";
import type { InboxOverview, StoredCallback } from "../inbox/inspect.ts";

/** `inbox stats` for a person. */
export function overviewText(overview: InboxOverview, now: number): string {
  const { pending, lanes, oldestPendingAt, heldLanes, longestHeld, done, discarded, dead, totals } = overview;
  const oldest = oldestPendingAt === undefined ? "" : `, the oldest accepted ${ageText(now - oldestPendingAt)} ago`;
  const lines = [
    `pending    ${pending}${pending ? ` in ${sheetsText(lanes)}${oldest}` : ""}`,
    `done       ${done} kept`,
    `discarded  ${discarded} kept`,
    `dead       ${dead}${dead ? ": see `sheethook inbox list --state dead`" : ""}`,
    `ended since the inbox was made: ${totals.done} done or discarded, ${totals.dead} dead (one that was replayed counts again)`,
  ];
  if (heldLanes) lines.push(`held up by a callback that failed: ${sheetsText(heldLanes)}`);
  for (const { lane, callback, attempts, since, retryAt, error } of longestHeld) {
    lines.push(
      `  sheet ${lane}: callback ${callback} for ${ageText(now - since)}, ${attempts} attempts, next in ${
        ageText(retryAt - now)
      }: ${firstLine(error)}`,
    );
  }
  if (heldLanes > longestHeld.length) lines.push(`  ... and ${heldLanes - longestHeld.length} more`);
  return lines.join("\n");
}

/** `inbox stats` for a program. */
export function overviewJson({ oldestPendingAt, longestHeld, ...overview }: InboxOverview): string {
  return JSON.stringify({
    ...overview,
    oldestPendingAt: iso(oldestPendingAt),
    longestHeld: longestHeld.map((lane) => ({ ...lane, since: iso(lane.since), retryAt: iso(lane.retryAt) })),
  });
}

const COLUMNS = ["id", "state", "accepted", "sheet", "webhook", "attempts", "events", "error"];

/** `inbox list` for a person; ids and counts, nothing of what a sheet holds. */
export function tableText(rows: readonly StoredCallback[]): string {
  const lines = [COLUMNS, ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...lines.map((cells) => cells[column]!.length)));
  return lines.map((cells) => cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()).join(
    "\n",
  );
}

function cellsOf(row: StoredCallback): string[] {
  const { events, status } = contentOf(row.body);
  return [
    String(row.id),
    row.isRunning ? "running" : row.state,
    iso(row.acceptedAt)!,
    String(row.scopeObjectId),
    String(row.webhookId),
    String(row.attempts),
    events ? String(events.length) : printable(status ?? "?"),
    firstLine(row.error ?? ""),
  ];
}

/** One line of `inbox list` for a program. */
export function rowJson(row: StoredCallback): string {
  return JSON.stringify(envelopeOf(row));
}

/** `inbox show` for a program; what it doesn't know, it leaves out. */
export function callbackJson(row: StoredCallback, withBody: boolean): string {
  return JSON.stringify({ ...detailsOf(row), ...(withBody && { body: row.body }) });
}

/** `inbox show` for a person. */
export function callbackText(row: StoredCallback, withBody: boolean): string {
  const { patterns, events, position, steps, failures, ...rest } = detailsOf(row);
  const lines = Object.entries({ ...rest, position: position && JSON.stringify(position), steps: steps.join(", ") })
    .filter(([, value]) => value !== undefined && value !== "" && value !== false)
    .map(([name, value]) => `${name.padEnd(14)} ${printable(String(value))}`);
  const counts = Object.entries(patterns ?? {}).map(([pattern, count]) => `${count} × ${printable(pattern)}`);
  if (events !== undefined) lines.push(`${"events".padEnd(14)} ${events}: ${counts.join(", ")}`);
  for (const { attempt, beganAt, endedAt, error } of failures) {
    lines.push(`${"failed".padEnd(14)} attempt ${attempt}, ${beganAt} to ${endedAt}: ${firstLine(error)}`);
  }
  if (withBody) lines.push(bodyText(row.body));
  return lines.join("\n");
}

function envelopeOf(row: StoredCallback, { events, status } = contentOf(row.body)) {
  return {
    id: row.id,
    state: row.state,
    running: row.isRunning,
    acceptedAt: iso(row.acceptedAt)!,
    scopeObjectId: row.scopeObjectId,
    webhookId: row.webhookId,
    attempts: row.attempts,
    events: events?.length,
    newWebhookStatus: status,
    error: row.error,
  };
}

function detailsOf(row: StoredCallback) {
  const content = contentOf(row.body);
  return {
    ...envelopeOf(row, content),
    nonce: row.nonce,
    timestamp: row.timestamp,
    digest: row.digest,
    unfinished: row.unfinished,
    position: row.position,
    steps: row.steps,
    failedAt: iso(row.failedAt),
    attemptedAt: iso(row.attemptedAt),
    failures: row.failures.map((failure) => ({
      ...failure,
      beganAt: iso(failure.beganAt)!,
      endedAt: iso(failure.endedAt)!,
    })),
    retryAt: iso(row.retryAt),
    endedAt: iso(row.endedAt),
    patterns: content.events && countPatterns(content.events),
  };
}

/** A length of time, in its two largest units. */
export function ageText(ms: number): string {
  const seconds = Math.max(Math.round(ms / 1000), 0);
  const parts = [[86_400, "d"], [3600, "h"], [60, "m"], [1, "s"]] as const;
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return "0s";
  let rest = seconds;
  return parts.slice(first, first + 2).map(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count ? `${count}${unit}` : "";
  }).join("");
}

function sheetsText(count: number): string {
  return count === 1 ? "1 sheet" : `${count} sheets`;
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

function firstLine(error: string): string {
  return printable(error.trim().split("\n", 1)[0]!).slice(0, 200);
}
