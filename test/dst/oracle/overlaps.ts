import type { CallOfHandler } from "../history.ts";
import { type Facts, only } from "./facts.ts";
import { createRunningLanes } from "./lanes.ts";

/** Among those who live, one call of a sheet runs at a time. Excused is one whose signal has aborted; and see `lanes.ts`. */
export function checkOverlaps({ history }: Facts): string[] {
  const lanes = createRunningLanes<CallOfHandler>();
  const violations = history.flatMap((each) => {
    lanes.see(each);
    if (each.what === "begins") {
      const other = lanes.begin(String(each.sheet), each);
      if (!other) return [];
      return [
        `Call ${each.handler} ${each.key} began in ${each.process} while ${other.handler} ${other.key} ran in ${other.process}`,
      ];
    }
    if (each.what === "ends" || each.what === "fails" || each.what === "aborts") {
      lanes.end(
        String(each.sheet),
        ({ key, handler, process }) => key === each.key && handler === each.handler && process === each.process,
      );
    }
    return [];
  });
  const broken = only(history, "broken").map(({ text }) => text);
  return [...violations, ...checkEnded(history), ...broken];
}

/** Nothing begins in a process that has stopped. */
function checkEnded(history: Facts["history"]): string[] {
  const ended = new Set<string>();
  return only(history, "stopped", "begins").flatMap((each) => {
    if (each.what === "stopped") ended.add(each.process);
    const isLate = each.what === "begins" && ended.has(each.process);
    return isLate ? [`Call ${each.handler} ${each.key} began in ${each.process}, which had stopped`] : [];
  });
}
