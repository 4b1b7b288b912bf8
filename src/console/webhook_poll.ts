import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { deadline } from "../async/deadline.ts";
import { createOutage } from "../async/outage.ts";
import type { WebhookState } from "./options.ts";
import { throttled } from "./throttled.ts";

/** Smartsheet allows 300 requests a minute. */
const REST_MS = 60_000;
const WAIT_MS = 2000;

/** Reads the webhooks' state once a minute at most, and lets a page wait 2 s at most. A failure is logged once. */
export function createWebhookPoll(
  read: () => readonly WebhookState[] | Promise<readonly WebhookState[]>,
  logger: Logger,
): () => Promise<readonly WebhookState[]> {
  const outage = createOutage({
    began: (error) => logger.warn("The webhooks' state can't be read: {error}", { error: messageOf(error) }),
  });
  const webhooks = throttled(async () => {
    try {
      const found = await read();
      outage.clear();
      return found;
    } catch (error) {
      outage.fail(error);
      throw error;
    }
  }, REST_MS);
  return () => deadline(webhooks(), WAIT_MS);
}
