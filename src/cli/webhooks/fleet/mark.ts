import { createHash } from "node:crypto";
import type { WebhookSettings } from "./fleet.ts";

/**
 * The name of a webhook of a fleet. It says which fleet it belongs to, and by a digest what was declared when it was last
 * changed: so nothing has to be asked of a webhook that is as it should be, although Smartsheet's list shows no events.
 */
export function markOf(fleet: string, { events, columns }: Pick<WebhookSettings, "events" | "columns">): string {
  const declared = JSON.stringify([events.toSorted(), columns.map((column) => JSON.stringify(column)).toSorted()]);
  return `sheethook fleet ${fleet} ${createHash("sha256").update(declared).digest("hex").slice(0, 8)}`;
}

/** The fleet that a webhook belongs to by its name. */
export function fleetOf(webhookName: string): string | undefined {
  return /^sheethook fleet (\S+) [0-9a-f]{8}$/.exec(webhookName)?.[1];
}
