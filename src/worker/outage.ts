import { delay } from "../async/delay.ts";
import { createOutage } from "../async/outage.ts";
import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";

const MAX_WAIT_MS = 10_000;

/** An outage of the inbox, which the worker waits out. */
export interface InboxOutage {
  fail(error: unknown): void;
  /** The inbox has worked; ignored if it has failed since the last {@linkcode wait}. */
  clear(): void;
  /** Waits if it has failed since the last wait: longer each time in a row, or until `signal` aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createInboxOutage(logger: Logger): InboxOutage {
  const outage = createOutage({
    began: (error) => logger.error("Inbox fails, trying again: {error}", { error: messageOf(error) }),
    ended: () => logger.info("Inbox works again"),
  });
  let waits = 0;
  let hasFailed = false;
  return {
    fail(error) {
      outage.fail(error);
      hasFailed = true;
    },
    clear() {
      if (hasFailed) return;
      waits = 0;
      outage.clear();
    },
    async wait(signal) {
      if (!hasFailed) return;
      hasFailed = false;
      await delay(Math.min(1000 * 2 ** waits++, MAX_WAIT_MS), signal);
    },
  };
}
