import { delay } from "../../async/delay.ts";
import { createOutage } from "../../async/outage.ts";
import { messageOf } from "../../errors.ts";
import type { Mirror } from "../../inbox/mirror.ts";
import type { Logger } from "../../logger.ts";
import type { Trigger } from "./trigger.ts";

/** Runs triggers while it is started. */
export interface SheetTimers {
  /** Does nothing if they run already. */
  start(): void;
  /** Resolves when nothing runs any more. */
  stop(): Promise<void>;
}

const SHORTEST_MS = 10;
/** How often the list of sheets is read, at least. */
const LONGEST_MS = 300_000;
const AFTER_FAILURE_MS = 10_000;

/** Ticks triggers with the sheets that are mirrored and asked for. Never rejects: what fails is logged, once an outage. */
export function createSheetTimers(
  { mirror, asksFor, triggers, shortestPeriodMs, now, logger }: {
    readonly mirror: Pick<Mirror, "sheets">;
    /** Whether a handler of changes asks for the sheet. */
    readonly asksFor: (sheetId: number) => boolean;
    readonly triggers: readonly Trigger[];
    /** The shortest period of a trigger. */
    readonly shortestPeriodMs: number;
    readonly now: () => number;
    readonly logger: Logger;
  },
): SheetTimers {
  const listMs = Math.min(Math.max(shortestPeriodMs / 4, SHORTEST_MS), LONGEST_MS);
  let stopping: AbortController | undefined;
  let running: Promise<void> = Promise.resolve();
  const outage = createOutage({
    began: (error) => logger.warn("Mirrored sheets can't be looked at: {error}", { error: messageOf(error) }),
    ended: () => logger.info("Mirrored sheets are looked at again"),
  });

  async function run(signal: AbortSignal): Promise<void> {
    let sheets: readonly number[] = [];
    let listAt = now() + listMs;
    let next = listAt;
    for (;;) {
      await delay(Math.min(Math.max(next - now(), SHORTEST_MS), LONGEST_MS), signal);
      if (signal.aborted) return;
      try {
        if (now() >= listAt) {
          sheets = (await mirror.sheets()).filter(({ id, isWhole }) => isWhole && asksFor(id)).map(({ id }) => id);
          listAt = now() + listMs;
        }
        next = listAt;
        for (const trigger of triggers) next = Math.min(next, await trigger.tick(sheets, signal));
        outage.clear();
      } catch (error) {
        if (signal.aborted) return;
        outage.fail(error);
        next = now() + Math.min(AFTER_FAILURE_MS, listMs);
      }
    }
  }

  return {
    start() {
      if (stopping) return;
      const own = stopping = new AbortController();
      running = running.then(() => run(own.signal));
    },
    async stop() {
      stopping?.abort();
      stopping = undefined;
      await running;
    },
  };
}
