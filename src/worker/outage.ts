import { messageOf } from "../errors.ts";
import { sleep } from "../async/delay.ts";
import type { Logger } from "../logger.ts";

const MAX_WAIT_MS = 10_000;

/** Whether the inbox fails: logged once, and once more when it works again. */
export interface InboxOutage {
  fail(error: unknown): void;
  /** The inbox has worked; ignored if it has failed since the last {@linkcode wait}. */
  clear(): void;
  /** Waits if it has failed since the last wait: longer each time in a row, or until `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createInboxOutage(logger: Logger): InboxOutage {
  let waits = 0;
  let hasFailed = false;
  return {
    fail(error) {
      if (!hasFailed && !waits) logger.error("Inbox fails, trying again: {error}", { error: messageOf(error) });
      hasFailed = true;
    },
    clear() {
      if (hasFailed || !waits) return;
      waits = 0;
      logger.info("Inbox works again");
    },
    async wait(signal) {
      if (!hasFailed) return;
      hasFailed = false;
      await sleep(Math.min(1000 * 2 ** waits++, MAX_WAIT_MS), signal);
    },
  };
}
