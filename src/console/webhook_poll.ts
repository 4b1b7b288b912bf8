import { messageOf } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { createWithin } from "../async/deadline.ts";
import type { WebhookState } from "./options.ts";
import { withRest } from "./throttled.ts";

/** Smartsheet allows 300 requests a minute. */
const REST_MS = 60_000;
const WAIT_MS = 2000;

/**
 * Asks for the webhooks once a minute at most, and keeps no page waiting for long. Says once in the log why they can't be
 * asked for.
 */
export function createWebhookLook(
  look: () => readonly WebhookState[] | Promise<readonly WebhookState[]>,
  logger: Logger,
): () => Promise<readonly WebhookState[]> {
  const within = createWithin(WAIT_MS);
  let isTroubled = false;
  const rested = withRest(async () => {
    try {
      const webhooks = await look();
      isTroubled = false;
      return webhooks;
    } catch (error) {
      if (!isTroubled) logger.warn("the webhooks' state can't be asked for: {error}", { error: messageOf(error) });
      isTroubled = true;
      throw error;
    }
  }, REST_MS);
  return () => within(rested());
}
