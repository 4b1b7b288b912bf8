import type { InboxOverview } from "../../inbox/inspect.ts";
import { countText } from "../terminal/count_text.ts";
import { ageText, isoTime } from "../terminal/time_text.ts";
import { firstLine } from "./callback_report.ts";

/** `inbox stats` for a person. */
export function overviewText(overview: InboxOverview, now: number): string {
  const { pending, lanes, oldestPendingAt, heldLanes, longestHeld, done, discarded, dead, totals } = overview;
  const oldest = oldestPendingAt === undefined ? "" : `, the oldest accepted ${ageText(now - oldestPendingAt)} ago`;
  const lines = [
    `pending    ${pending}${pending ? ` in ${countText(lanes, "sheet")}${oldest}` : ""}`,
    `done       ${done} kept`,
    `discarded  ${discarded} kept`,
    `dead       ${dead}${dead ? ": see `sheethook inbox list --state dead`" : ""}`,
    `ended since the inbox was made: ${totals.done} done or discarded, ${totals.dead} dead (one that was replayed counts again)`,
  ];
  if (heldLanes) lines.push(`held up by a callback that failed: ${countText(heldLanes, "sheet")}`);
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
    oldestPendingAt: isoTime(oldestPendingAt),
    longestHeld: longestHeld.map((lane) => ({ ...lane, since: isoTime(lane.since), retryAt: isoTime(lane.retryAt) })),
  });
}
