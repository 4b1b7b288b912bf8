import type { LogLevel } from "@logtape/logtape";
import { delay } from "../../async/delay.ts";
import type { Api } from "../../api/api.ts";
import { messageOf } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { createReceiver } from "../../receiver.ts";
import { type AdminSettings, createAdminPort } from "./admin_port.ts";
import { createServeAlerts } from "../alerts/serve_alerts.ts";
import { parseAlertTargets } from "../alerts/target.ts";
import { isEveryInterface, startServer } from "../server_adapter.ts";
import { type ForwardSettings, registerForwarding } from "./forwarding.ts";
import { registerHandlers } from "./handlers_module.ts";
import { logChanges } from "./log_changes.ts";
import { findTracing } from "./find_tracing.ts";
import { logEvents, logStatuses } from "./log_events.ts";
import { type LogFormat, startLogging } from "../terminal/logging.ts";
import { type OpenedInbox, openInbox, type Role } from "../inbox/open_inbox.ts";
import { createSecretsSource, secretSources, type SecretsSource } from "../secrets/secrets.ts";
import { registerServeSecrets } from "../secrets/serve_secrets.ts";
import { openSecretsStore, type SecretsStore } from "../secrets/store.ts";
import { logStart, noSecretText } from "./start_log.ts";
import { debugOnly, hasToken, openApi, throwNoToken } from "../options/smartsheet_api.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";
import { watchUnhandledRejections } from "./unhandled_rejections.ts";
import { print } from "../terminal/print.ts";
import type { Fleet } from "../webhooks/fleet/fleet.ts";
import { createFleetKeeper, type FleetKeeper } from "../webhooks/fleet/keep_fleet.ts";
import { openTokens } from "../webhooks/fleet/open_tokens.ts";
import { createWatchApis } from "./watch_apis.ts";
import { readFleet } from "../webhooks/fleet/read_fleet.ts";
import { usageError } from "../terminal/usage_error.ts";
import { createWebhookStates } from "../watch/states.ts";
import { createWebhookWatch, type OnEnabled, type OnStatus, type WebhookWatch } from "../watch/webhook_watch.ts";

/** The options of `serve`, given or from the environment. Durations are in milliseconds. */
export interface ServeCommandOptions extends AdminSettings, ForwardSettings {
  readonly module: string | undefined;
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly webhookIds?: readonly number[];
  readonly allowUnsigned?: boolean;
  readonly changeAgent: string;
  readonly inbox: string;
  readonly role: Role;
  readonly cert?: string;
  readonly key?: string;
  readonly concurrency: number;
  readonly attempts: number;
  readonly keep: number;
  readonly maxAge?: number;
  readonly stopTimeout: number;
  /** Undefined: never. */
  readonly reconcileEvery?: number;
  /** Undefined: never. */
  readonly canaryEvery?: number;
  /** Undefined: pretty on a terminal, json elsewhere. */
  readonly logFormat?: LogFormat;
  readonly logLevel: LogLevel;
  readonly watch?: boolean;
  readonly watchEvery: number;
  /** The fleet file. */
  readonly fleet?: string;
  readonly fleetEvery: number;
  /** The URLs that alerts are posted to. */
  readonly alertUrl: readonly string[];
  readonly apiUrl: string | undefined;
}

/** Serves until a signal ends it. */
export async function runServe(settings: ServeCommandOptions): Promise<void> {
  registerServeSecrets(settings.inbox);
  const alertTargets = parseAlertTargets(settings.alertUrl);
  const logger = await startLogging(settings.logFormat, settings.logLevel);
  const opened = await openInbox(settings.inbox, settings.role, settings.keep, logger);
  const { inbox, durable } = opened;
  const secretsStore = await openSecretsStore(settings.inbox);
  const secrets = await createSecretsSource({ ...secretSources(), store: secretsStore }, logger);
  const fleet = settings.fleet
    ? await createFleet(settings.fleet, settings.fleetEvery, secretsStore, logger)
    : undefined;
  const webhookIds = () => settings.webhookIds ?? secrets.webhookIds();
  const watchApis = await createWatchApis(settings.fleet, logger);
  const isPolled = !settings.watch && watchApis !== undefined;
  const alerts = alertTargets.length
    ? createServeAlerts(alertTargets, {
      inbox,
      hints: () => receiver.counts.deadLetters + receiver.counts.refused,
      silentSheets: () => receiver.silentSheets(),
      webhooks: isPolled ? declaredStates(watchApis, webhookIds) : undefined,
    }, logger)
    : undefined;
  const watch = settings.watch
    ? createWatch(watchApis ?? throwNoToken(), settings, secrets, logger, {
      onStatus: alerts?.onStatus,
      async onEnabled({ webhookId, sheetId, since }) {
        // Nothing is known of another sheet that callbacks could have told more of.
        if (!(await inbox.mirror.sheet(sheetId))?.isWhole) return;
        await receiver.reconcile({ sheetId, reason: "disabled", since, key: `${webhookId}-${since}` });
      },
    })
    : undefined;
  if (settings.allowUnsigned && !secrets.isEmpty()) {
    throw usageError(
      `--allow-unsigned is given, but secrets are too (${secrets.describe()}): it should be one of them`,
    );
  }

  let isStopping = false;
  const refusing = () => {
    if (isStopping) return "the process is stopping";
    const needsSecret = !settings.allowUnsigned && settings.role !== "work";
    return needsSecret && secrets.isEmpty() ? noSecretText(secrets) : undefined;
  };
  const served: { url?: string } = {};
  const admin = await createAdminPort(settings, {
    ...{ inbox, refusing, logger },
    callbackUrl: () => served.url,
    states: watch?.seen ?? (watchApis && createWebhookStates({ apis: watchApis, webhookIds })),
  });
  const tracing = await findTracing(settings.path, logger);
  const api = hasToken() ? await openApi(logger, tracing) : undefined;
  const receiver = createReceiver({
    ...(settings.allowUnsigned ? { allowUnsigned: true } : { secrets }),
    webhookIds: settings.webhookIds,
    changeAgent: settings.changeAgent,
    apiUrl: settings.apiUrl,
    attempts: settings.attempts,
    concurrency: settings.concurrency,
    maxAgeMs: settings.maxAge,
    reconcileEveryMs: settings.reconcileEvery,
    canaryEveryMs: settings.canaryEvery ?? "off",
    inbox,
    api,
    logger,
    observer: alerts ? alerts.observe(admin?.observer) : admin?.observer,
    tracing,
  });
  watchUnhandledRejections(receiver.counts, logger);
  if (settings.module) await registerHandlers(settings.module, receiver, logger);
  else {
    if (api && !settings.forward.length) logChanges(receiver, logger);
    if (!settings.forward.length) logEvents(receiver, logger);
    logStatuses(receiver, logger);
  }
  if (settings.forward.length) registerForwarding(settings, receiver, inbox, logger);

  // Nobody asks Smartsheet: what it says by itself is all there is.
  if (alerts && !settings.watch && !isPolled) {
    receiver.onStatus(({ webhookId: id, newWebhookStatus: status }) => alerts.onStatus({ id, status }));
  }

  const stopSignal = waitForStopSignal();
  logStart(settings, secrets, opened, logger);
  const fetch = admin?.watch(receiver) ?? receiver.fetch;
  await admin?.open();
  const { cert, key } = settings;
  const server = settings.role === "work" ? undefined : await startServer({
    fetch,
    onRefused: admin?.onRefused,
    port: settings.port,
    hostname: settings.host,
    path: settings.path,
    tls: cert && key ? { certFile: cert, keyFile: key } : undefined,
    logger,
  });
  if (server) served.url = server.url;
  if (server && isEveryInterface(settings.host)) {
    logger.info("port {port} is open on every interface of this machine (--host {host})", {
      port: server.port,
      host: settings.host,
    });
  }
  // After the server adapter: if that fails, the process ends, and no handler should have begun.
  if (settings.role !== "receive") await receiver.start();
  print(server ? `sheethook listening on ${server.url}` : "sheethook working");

  alerts?.start();
  // While the server runs: enabling a webhook makes Smartsheet send a challenge.
  const stopWatching = new AbortController();
  const watching = Promise.all([watch?.run(stopWatching.signal), fleet?.run(stopWatching.signal)]);

  logger.info("{signal}: stopping; running handlers have {seconds} s to end, a second signal ends at once", {
    signal: await stopSignal,
    seconds: settings.stopTimeout / 1000,
  });
  isStopping = true;
  stopWatching.abort();
  const endBy = performance.now() + settings.stopTimeout;
  const alertsStopped = alerts?.stop();
  await receiver.stop({ graceMs: settings.stopTimeout });
  // A slow client gets no more time than the handlers.
  await Promise.race([server?.stop(), delay(Math.max(endBy - performance.now(), 1000))]);
  await watching;
  await alertsStopped;
  await Promise.race([admin?.close(), delay(1000)]);
  await Promise.race([secretsStore.close(), delay(1000)]);
  await closeInbox(inbox, durable, logger);
  // A collector that is away holds up no stop.
  await Promise.race([tracing?.flush(), delay(2000)]);
  logger.info("stopped");
}

/** A failure loses nothing: every callback that was answered with 200 is stored. */
async function closeInbox(inbox: OpenedInbox["inbox"], durable: boolean, logger: Logger): Promise<void> {
  try {
    const { pending } = await inbox.overview();
    if (pending) {
      const fate = durable ? "will be processed after the next start" : "are lost: the inbox was in memory";
      logger[durable ? "info" : "error"]("callbacks that are still pending: {pending}; they {fate}", { pending, fate });
    }
    await inbox.close();
  } catch (error) {
    logger.warn("inbox couldn't be closed: {error}", { error: messageOf(error) });
  }
}

/** @throws {SheethookError} `option_invalid` for a file that isn't right, or a token that isn't set */
async function createFleet(file: string, everyMs: number, store: SecretsStore, logger: Logger): Promise<FleetKeeper> {
  const read = () => readFleet(file);
  const open = (fleet: Fleet) => openTokens(fleet, debugOnly(logger));
  await open(await read());
  return createFleetKeeper({ read, openTokens: open, store, everyMs, logger });
}

function createWatch(
  apis: () => Promise<readonly Api[]>,
  { webhookIds: given, watchEvery: everyMs }: ServeCommandOptions,
  secrets: SecretsSource,
  logger: Logger,
  told: { readonly onEnabled: OnEnabled; readonly onStatus: OnStatus | undefined },
): WebhookWatch {
  const webhookIds = given ? () => given : secrets.webhookIds;
  if (!webhookIds().length) {
    logger.warn(
      "--watch has no webhook to watch yet: it watches those in {store}, or those that --webhook-ids names",
      { store: secrets.store.name },
    );
  }
  return createWebhookWatch({ apis, webhookIds, everyMs, logger, ...told });
}

/** Of the webhooks that are ours; of a token's owner there may be others. */
function declaredStates(apis: () => Promise<readonly Api[]>, webhookIds: () => readonly number[]) {
  const states = createWebhookStates({ apis, webhookIds });
  return async () => webhookIds().length ? await states() : [];
}
