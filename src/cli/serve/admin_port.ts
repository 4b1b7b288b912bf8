import process from "node:process";
import type { Admin, WebhookState } from "../../console/admin.ts";
import { parseAddress } from "../../console/access/address.ts";
import type { Inbox } from "../../inbox/inbox.ts";
import type { InspectableInbox } from "../../inbox/inspect.ts";
import type { Logger } from "../../logger.ts";
import type { Server } from "../../serve/options.ts";
import { inCliWords } from "../options/cli_words.ts";
import { isEveryInterface, startServer } from "../server_adapter.ts";

/** The flags of the options of the console and its server. */
const NAMES = {
  hostname: "--admin-host",
  port: "--admin-port",
  token: "SHEETHOOK_ADMIN_TOKEN",
  url: "--admin-url",
};

/** The options of the port for people and Prometheus. */
export interface AdminSettings {
  /** 0 for none. */
  readonly adminPort: number;
  /** The interface that it listens on, then further names that it has. */
  readonly adminHost: readonly string[];
  /** Its URL behind a proxy. */
  readonly adminUrl?: string;
  /** Unless it was asked for, `serve` goes on if the port can't be opened. */
  readonly isAdminPortAsked: boolean;
  readonly changeAgent: string;
}

/** The admin port; `open` starts it. */
export interface AdminPort extends Pick<Admin, "observer" | "watch" | "onRefused"> {
  open(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Creates the console, metrics and readiness for the admin port.
 *
 * @returns undefined with `--admin-port 0`
 * @throws {SheethookError} `option_invalid` for a token that is too short
 */
export async function createAdminPort(
  settings: AdminSettings,
  { inbox, states, refusing, callbackUrl, logger }: {
    readonly inbox: Inbox & InspectableInbox;
    /** Of the webhooks of this receiver, if there is a token. */
    readonly states: (() => Promise<readonly WebhookState[]>) | undefined;
    readonly refusing: () => string | undefined;
    readonly callbackUrl: () => string | undefined;
    readonly logger: Logger;
  },
): Promise<AdminPort | undefined> {
  const { adminPort: port, adminHost, adminUrl, isAdminPortAsked, changeAgent } = settings;
  if (!port) return undefined;
  const token = process.env.SHEETHOOK_ADMIN_TOKEN?.trim() || undefined;
  const { createAdmin } = await import("../../console/admin.ts");
  const called = { hostname: adminHost, url: adminUrl };
  const admin = withServeNames(() =>
    createAdmin({ ...called, inbox, token, changeAgent, webhooks: states, refusing, callbackUrl, logger })
  );
  const { names, isLocal, base } = parseAddress(called);
  const hostname = adminHost[0]!;
  let server: Server | undefined;

  async function open(): Promise<void> {
    try {
      server = await startServer({ fetch: admin.fetch, path: "*", port, hostname, logger });
    } catch (cause) {
      const error = inCliWords(cause, NAMES);
      if (isAdminPortAsked) throw error;
      logger.warn("no console, no metrics: {error} (0 is none)", { error: (error as Error).message });
      return;
    }
    logger.info("console at {url}, metrics at /metrics, readiness at /readyz; it answers to {names}", {
      url: `${adminUrl === undefined ? server.url : new URL(adminUrl).origin + base}/console`,
      names: names.join(", "),
    });
    if (isEveryInterface(hostname) && adminHost.length === 1 && adminUrl === undefined) {
      logger.warn(
        "{hostname} is every interface, and no name: a request with any other name gets 421 (--admin-host {hostname},sheethook.internal)",
        { hostname },
      );
    }
    if (token === undefined && !isLocal) {
      logger.warn(
        "the console is closed: others can reach {where}, so it needs a token of 16 characters or more in SHEETHOOK_ADMIN_TOKEN",
        { where: adminUrl ?? `${adminHost.join(", ")} (--admin-host)` },
      );
    }
  }

  async function close(): Promise<void> {
    admin.close();
    await server?.stop();
  }

  return { observer: admin.observer, watch: admin.watch, onRefused: admin.onRefused, open, close };
}

function withServeNames<Result>(make: () => Result): Result {
  try {
    return make();
  } catch (cause) {
    throw inCliWords(cause, NAMES);
  }
}
