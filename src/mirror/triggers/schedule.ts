import { type AskForReconcile, phaseOf, type Trigger } from "./trigger.ts";

/**
 * Asks for the comparison of each sheet once in `everyMs`. Whatever was missed while no process ran isn't made up for: the next
 * turn of each sheet comes within `everyMs`.
 */
export function createSchedule(
  { everyMs, now, reconcile }: {
    readonly everyMs: number;
    readonly now: () => number;
    readonly reconcile: AskForReconcile;
  },
): Trigger {
  const dueAt = new Map<number, number>();

  /** The first turn of a sheet that is later than `time`: the same in each process. */
  function nextTurn(sheetId: number, time: number): number {
    const phase = phaseOf(sheetId, everyMs);
    return (Math.floor((time - phase) / everyMs) + 1) * everyMs + phase;
  }

  return {
    async tick(sheets) {
      for (const id of dueAt.keys()) if (!sheets.includes(id)) dueAt.delete(id);
      for (const sheetId of sheets) {
        const turn = dueAt.get(sheetId);
        if (turn !== undefined && turn <= now()) {
          // Of several turns that have passed, the last.
          const key = new Date(nextTurn(sheetId, now()) - everyMs).toISOString();
          await reconcile({ sheetId, reason: "scheduled", key });
        }
        if (turn === undefined || turn <= now()) dueAt.set(sheetId, nextTurn(sheetId, now()));
      }
      return Math.min(...dueAt.values());
    },
  };
}
