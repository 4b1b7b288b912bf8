import { Gauge, type Registry } from "prom-client";
import type { InboxOverview } from "../../inbox/inspect.ts";
import type { WebhookState } from "../options.ts";

/** Measures the inbox, which all processes share. A value that can't be read is NaN. */
export function addInboxGauges(
  registry: Registry,
  read: () => Promise<InboxOverview>,
  now: () => number,
): void {
  const add = (name: string, help: string, measure: (overview: InboxOverview) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(await read().then(measure, () => NaN));
      },
    });
  add("sheethook_pending_callbacks", "Callbacks in the inbox that are pending.", ({ pending }) => pending);
  add(
    "sheethook_oldest_pending_seconds",
    "How long the oldest pending callback has waited; 0 if there is none.",
    ({ oldestPendingAt }) => oldestPendingAt === undefined ? 0 : Math.max(now() - oldestPendingAt, 0) / 1000,
  );
  add("sheethook_dead_letters", "Callbacks that ended with dead calls and wait for a decision.", ({ dead }) => dead);
  add("sheethook_dead_calls", "Their calls that used up the attempts.", ({ deadCalls }) => deadCalls);
  add("sheethook_lanes", "Sheets with pending callbacks.", ({ lanes }) => lanes);
  add("sheethook_lanes_held_up", "Sheets that wait because a callback has failed.", ({ heldLanes }) => heldLanes);
}

/** Measures the webhooks' state at Smartsheet. */
export function addWebhookGauge(registry: Registry, read: () => Promise<readonly WebhookState[]>): void {
  new Gauge({
    name: "sheethook_webhook_enabled",
    help: "1 for a webhook that Smartsheet calls, 0 for one that it doesn't; status says why.",
    labelNames: ["webhook_id", "status"],
    registers: [registry],
    async collect() {
      this.reset();
      const webhooks = await read().catch(() => []);
      for (const { id, status, enabled } of webhooks) this.set({ webhook_id: id, status }, Number(enabled));
    },
  });
}
