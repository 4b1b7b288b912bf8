import type { Inbox } from "../../inbox/inbox.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { deadline } from "../../async/deadline.ts";
import { createOutage } from "../../async/outage.ts";

const CHECK_MS = 2000;
const KEEP_MS = 1000;

/**
 * Answers whether a callback could be stored now: 200, or 503 with the reasons. The inbox's own error is logged, once. The
 * check writes to the inbox, so its result is cached for a second.
 */
export function createReadiness(options: {
  readonly inbox: Pick<Inbox, "check">;
  readonly refusing: () => string | undefined;
  readonly logger: Logger;
  readonly checkMs?: number;
  readonly keepMs?: number;
}): () => Promise<Response> {
  const { inbox, refusing, logger, checkMs = CHECK_MS, keepMs = KEEP_MS } = options;
  let checking: Promise<void> | undefined;
  let keepUntil = Infinity;
  const outage = createOutage({
    began: (error) => logger.warn("Not ready: the inbox can't store callbacks: {error}", { error: messageOf(error) }),
    ended: () => logger.info("Ready again: the inbox can store callbacks"),
  });

  // One check at a time, also when it hangs.
  function check(): Promise<void> {
    if (!checking || performance.now() >= keepUntil) {
      keepUntil = Infinity;
      checking = checkNow().finally(() => keepUntil = performance.now() + keepMs);
    }
    return checking;
  }

  async function checkNow(): Promise<void> {
    await inbox.check();
  }

  async function inboxProblem(): Promise<string | undefined> {
    try {
      await deadline(check(), checkMs);
      outage.clear();
      return undefined;
    } catch (error) {
      outage.fail(error);
      return "the inbox can't store callbacks; the log says why";
    }
  }

  return async () => {
    const reasons = [refusing(), await inboxProblem()].filter((reason) => reason !== undefined);
    const ready = reasons.length === 0;
    return Response.json(ready ? { ready } : { ready, reasons }, { status: ready ? 200 : 503 });
  };
}
