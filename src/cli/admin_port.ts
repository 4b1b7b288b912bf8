import process from "node:process";
import { messageOf, SheethookError } from "../errors.ts";
import type { Admin } from "../console/admin.ts";
import { isLoopback } from "../console/host_check.ts";
import type { Inbox } from "../inbox/inbox.ts";
import type { InspectableInbox } from "../inbox/inspect.ts";
import type { Logger } from "../logger.ts";
import type { Server } from "../serve/options.ts";
import { openDoor } from "./door.ts";
import { openApi } from "./smartsheet_api.ts";
import { createWebhookStates } from "./webhook_states.ts";

/** What `serve` is told about the port for people and Prometheus. */
export interface AdminSettings {
  /** 0 for none. */
  readonly adminPort: number;
  readonly adminHost: string;
  /** Without it, a port that can't be had is no reason to fail. */
  readonly isAdminPortAsked: boolean;
  readonly changeAgent: string;
}

/** The admin port, which isn't open before it is told to. */
export interface AdminPort extends Pick<Admin, "observer" | "watch"> {
  open(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes what is served on the admin port.
 *
 * @returns undefined if there is to be none
 * @throws {SheethookError} `option_invalid` for a token that is too short
 */
export async function createAdminPort(settings: AdminSettings, { inbox, webhookIds, refusing, logger }: {
  readonly inbox: Inbox & InspectableInbox;
  /** Those that are declared. */
  readonly webhookIds: () => readonly number[];
  readonly refusing: () => string | undefined;
  readonly logger: Logger;
}): Promise<AdminPort | undefined> {
  const { adminPort: port, adminHost: hostname, isAdminPortAsked, changeAgent } = settings;
  if (!port) return undefined;
  const token = process.env.SHEETHOOK_ADMIN_TOKEN?.trim() || undefined;
  const webhooks = process.env.SMARTSHEET_ACCESS_TOKEN?.trim()
    ? createWebhookStates({ api: await openApi(logger), webhookIds })
    : undefined;
  const { createAdmin } = await import("../console/admin.ts");
  const admin = inWordsOfServe(() => createAdmin({ inbox, hostname, token, changeAgent, webhooks, refusing, logger }));
  let server: Server | undefined;

  async function open(): Promise<void> {
    try {
      server = await openDoor({ fetch: admin.fetch, path: "/console", everyPath: true, port, hostname, logger });
    } catch (error) {
      if (isAdminPortAsked) throw error;
      logger.warn("no console, no metrics: {error} (--admin-port; 0 is none)", { error: (error as Error).message });
      return;
    }
    logger.info("console at {url}, metrics at /metrics, readiness at /readyz", { url: server.url });
    if (token === undefined && !isLoopback(hostname)) {
      logger.warn(
        "the console is closed: others can reach {hostname} (--admin-host), so it needs a token of 16 characters or more in SHEETHOOK_ADMIN_TOKEN",
        { hostname },
      );
    }
  }

  async function close(): Promise<void> {
    admin.close();
    await server?.stop();
  }

  return { observer: admin.observer, watch: admin.watch, open, close };
}

function inWordsOfServe<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    const message = messageOf(cause).replace(/^token\b/, "SHEETHOOK_ADMIN_TOKEN");
    throw new SheethookError("option_invalid", message, { cause });
  }
}
