import { type Activity, createActivity } from "../delivery/activity.ts";
import { createDeliveryLog, type DeliveryLog } from "../delivery/log.ts";
import type { SimulatorSettings } from "../options.ts";
import { type Containers, createContainers } from "./containers.ts";
import { createSheets, type Sheets } from "./sheets.ts";
import { createUsers, type Users } from "./users.ts";
import { createWebhooks, type Webhooks } from "./webhooks.ts";

/** Everything that the simulator remembers, in memory only. */
export interface Account {
  readonly settings: SimulatorSettings;
  readonly planId: number;
  readonly users: Users;
  readonly containers: Containers;
  readonly sheets: Sheets;
  readonly webhooks: Webhooks;
  readonly log: DeliveryLog;
  readonly activity: Activity;
}

export function createAccount(given: SimulatorSettings): Account {
  const activity = createActivity(given.logger);
  const settings = {
    ...given,
    onDelivery: activity.guard("onDelivery", given.onDelivery),
    onStatus: activity.guard("onStatus", given.onStatus),
    onRead: activity.guard("onRead", given.onRead),
  };
  const { random, now, onDelivery } = settings;
  const planId = random.id();
  const log = createDeliveryLog(now, onDelivery);
  const sheets = createSheets(settings);
  const webhooks = createWebhooks({ settings, planId, sheets, log, activity });
  const users = createUsers(random, settings.users);
  return { settings, planId, users, containers: createContainers(settings), sheets, webhooks, log, activity };
}
