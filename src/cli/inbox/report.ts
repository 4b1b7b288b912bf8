import type { InboxOverview } from "../../inbox/inspect.ts";
import { ageText } from "../terminal/age_text.ts";
import { errorLine } from "./callback_report.ts";

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
      }: ${errorLine(error)}`,
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

function sheetsText(count: number): string {
  return count === 1 ? "1 sheet" : `${count} sheets`;
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
