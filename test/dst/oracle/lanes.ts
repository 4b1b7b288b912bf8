import type { Stamped } from "../history.ts";

/** What runs in each lane, as far as a second one beside it would be wrong. */
export interface RunningLanes<Run extends { readonly process: string }> {
  /** Everything that happens. */
  see(happening: Stamped): void;
  /** @returns what runs in the lane already, and may not */
  begin(lane: string, run: Run): Run | undefined;
  end(lane: string, isIt: (run: Run) => boolean): void;
}

/** A holder renews its lease every 5 s. */
const RENEWED_MS = 6000;

/**
 * Excused is what runs in a process that is dead, or has stood still since, also if it began in the moment of that. And what is begun by a process that was started just
 * behind a jump of the clock: leases that hold look expired to it, and it can't know.
 */
export function createRunningLanes<Run extends { readonly process: string }>(): RunningLanes<Run> {
  const running = new Map<string, Run>();
  const startedAt = new Map<string, number>();
  const away = new Set<string>();
  let setAt = -Infinity;
  let now = 0;
  return {
    see(happening) {
      now = happening.at;
      if (happening.what === "clock set") setAt = now;
      if (happening.what === "starts") startedAt.set(happening.process, now);
      if (happening.what === "goes on") away.delete(happening.process);
      if (happening.what !== "killed" && happening.what !== "stopped" && happening.what !== "stands still") return;
      away.add(happening.process);
      for (const [lane, { process }] of running) if (process === happening.process) running.delete(lane);
    },
    begin(lane, run) {
      const other = running.get(lane);
      if (!away.has(run.process)) running.set(lane, run);
      const isExcused = other?.process !== run.process && startedAt.get(run.process)! > setAt &&
        now < setAt + RENEWED_MS;
      return isExcused ? undefined : other;
    },
    end(lane, isIt) {
      const run = running.get(lane);
      if (run && isIt(run)) running.delete(lane);
    },
  };
}
