import type { Command } from "commander";
import type { InboxOverview } from "../../inbox/inspect.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { countText } from "../terminal/count_text.ts";
import { print } from "../terminal/print.ts";
import { ageText, isoTime } from "../terminal/time_text.ts";
import { messageLine } from "./stored_callback.ts";
import { withInbox } from "../options/with_inbox.ts";

/** `sheethook inbox stats` */
export function addStats(inbox: Command): void {
  inbox.command("stats")
    .description("Show how many callbacks are pending, done, discarded and dead, and which sheets are blocked.")
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook inbox stats\n  sheethook inbox stats --json")
    .action(async ({ inbox: url, json }: { inbox: string; json?: boolean }) => {
      const overview = await withInbox(url, (inbox) => inbox.overview());
      print(json ? overviewJson(overview) : overviewText(overview, Date.now()));
    });
}

function overviewText(overview: InboxOverview, now: number): string {
  const { pending, lanes, oldestPendingAt, heldLanes, longestHeld, done, discarded, dead, deadCalls, totals } =
    overview;
  const oldest = oldestPendingAt === undefined ? "" : `, the oldest accepted ${ageText(now - oldestPendingAt)} ago`;
  const lines = [
    `pending    ${pending}${pending ? ` in ${countText(lanes, "sheet")}${oldest}` : ""}`,
    `done       ${done} kept`,
    `discarded  ${discarded} kept`,
    `dead       ${dead}${
      dead ? `, ${countText(deadCalls, "dead call")}: see \`sheethook inbox list --by error\`` : ""
    }`,
    `ended since the inbox was created: ${totals.done} done or discarded, ${totals.dead} dead (one that was replayed counts again)`,
  ];
  if (heldLanes) lines.push(`blocked by a callback that failed: ${countText(heldLanes, "sheet")}`);
  for (const { lane, callback, attempts, since, retryAt, error } of longestHeld) {
    lines.push(
      `  ${lane < 0 ? "the lane of a target" : `sheet ${lane}`}: callback ${callback} for ${ageText(now - since)}, ${
        countText(attempts, "attempt")
      }, next in ${ageText(retryAt - now)}: ${messageLine(error)}`,
    );
  }
  if (heldLanes > longestHeld.length) lines.push(`  ... and ${heldLanes - longestHeld.length} more`);
  return lines.join("\n");
}

function overviewJson({ oldestPendingAt, longestHeld, ...overview }: InboxOverview): string {
  return JSON.stringify({
    ...overview,
    oldestPendingAt: isoTime(oldestPendingAt),
    longestHeld: longestHeld.map((lane) => ({ ...lane, since: isoTime(lane.since), retryAt: isoTime(lane.retryAt) })),
  });
}
