import { createDeliveryLog, type DeliveryLog } from "./delivery_log.ts";
import type { SimulatorSettings } from "./options.ts";
import { createSheets, type Sheets } from "./sheets.ts";
import { createUsers, type Users } from "./users.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

/** All that the simulator remembers, in memory only. */
export interface Account {
  readonly settings: SimulatorSettings;
  readonly planId: number;
  readonly users: Users;
  readonly sheets: Sheets;
  readonly webhooks: Webhooks;
  readonly log: DeliveryLog;
}

export function createAccount(settings: SimulatorSettings): Account {
  const { random, now, onDelivery } = settings;
  const planId = random.id();
  const log = createDeliveryLog(now, onDelivery);
  const sheets: Sheets = createSheets(settings, () => webhooks);
  const webhooks: Webhooks = createWebhooks(settings, log, {
    has: (scope, id) => scope === "plan" ? id === planId : sheets.has(id),
    isOverGridLimits: sheets.isOverGridLimits,
  });
  return { settings, planId, users: createUsers(random, settings.users), sheets, webhooks, log };
}
