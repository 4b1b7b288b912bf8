import type { LogLevel } from "@logtape/logtape";
import process from "node:process";
import { delay } from "../../async/delay.ts";
import type { Api } from "../../api/api.ts";
import { messageOf, SheethookError } from "../../errors.ts";
import type { Logger } from "../../logger.ts";
import { createReceiver } from "../../receiver.ts";
import { type AdminSettings, createAdminPort } from "./admin_port.ts";
import { currentRuntime, openDoor } from "../door.ts";
import { registerHandlers } from "./handlers_module.ts";
import { logEvents } from "./log_events.ts";
import { type LogFormat, startLogging } from "../terminal/logging.ts";
import { type OpenedInbox, openInbox } from "../inbox/open.ts";
import { createSecretsSource, secretPlaces, type SecretsSource } from "../secrets/secrets.ts";
import { registerServeSecrets } from "../secrets/serve_secrets.ts";
import { openSecretsStore } from "../secrets/store.ts";
import { openWatchApi } from "../options/smartsheet_api.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";
import { watchUnhandledRejections } from "./unhandled_rejections.ts";
import { VERSION } from "../version.ts";
import { createWebhookWatch, type WebhookWatch } from "../watch/webhooks.ts";

/** What `serve` is told, by its options and the environment. Durations are in milliseconds. */
export interface ServeSettings extends AdminSettings {
  readonly module: string | undefined;
  readonly port: number;
  readonly host: string;
  readonly path: string;
  readonly webhookIds?: readonly number[];
  readonly allowUnsigned?: boolean;
  readonly changeAgent: string;
  readonly inbox: string;
  readonly role: string;
  readonly cert?: string;
  readonly key?: string;
  readonly concurrency: number;
  readonly attempts: number;
  readonly keep: number;
  readonly maxAge?: number;
  readonly stopTimeout: number;
  /** Undefined: pretty on a terminal, json elsewhere. */
  readonly logFormat?: LogFormat;
  readonly logLevel: LogLevel;
  readonly watch?: boolean;
  readonly watchEvery: number;
  readonly apiUrl: string | undefined;
}

/** Serves until a signal ends it. */
export async function runServe(settings: ServeSettings): Promise<void> {
  registerServeSecrets(settings.inbox);
  const logger = await startLogging(settings.logFormat, settings.logLevel);
  const opened = await openInbox(settings.inbox, settings.role, settings.keep, logger);
  const { inbox, durable } = opened;
  const secretsStore = await openSecretsStore(settings.inbox);
  const secrets = await createSecretsSource({ ...secretPlaces(), store: secretsStore }, logger);
  const watch = settings.watch ? createWatch(await openWatchApi(logger), settings, secrets, logger) : undefined;
  if (settings.allowUnsigned && secrets.describe()) {
    throw new SheethookError(
      "option_invalid",
      `--allow-unsigned is given, but secrets are too (${secrets.describe()}): it should be one of them`,
    );
  }

  let isStopping = false;
  const refusing = () => {
    if (isStopping) return "the process is stopping";
    const needsSecret = !settings.allowUnsigned && settings.role !== "work";
    return needsSecret && !secrets.describe() ? noSecret(secrets) : undefined;
  };
  const webhookIds = () => settings.webhookIds ?? secrets.webhookIds();
  const served: { url?: string } = {};
  const admin = await createAdminPort(settings, {
    ...{ inbox, webhookIds, refusing, logger },
    callbackUrl: () => served.url,
  });
  const receiver = createReceiver({
    ...(settings.allowUnsigned ? { allowUnsigned: true } : { secrets }),
    webhookIds: settings.webhookIds,
    changeAgent: settings.changeAgent,
    apiUrl: settings.apiUrl,
    attempts: settings.attempts,
    concurrency: settings.concurrency,
    maxAgeMs: settings.maxAge,
    inbox,
    logger,
    observer: admin?.observer,
  });
  watchUnhandledRejections(receiver.counts, logger);
  if (settings.module) {
    await registerHandlers(settings.module, receiver, logger);
  } else {
    logEvents(receiver, logger);
  }

  tellStart(settings, secrets, opened, logger);
  const stopSignal = waitForStopSignal();
  const fetch = admin?.watch(receiver) ?? receiver.fetch;
  await admin?.open();
  const { cert, key } = settings;
  const server = settings.role === "work" ? undefined : await openDoor({
    fetch,
    onRefused: admin?.onRefused,
    port: settings.port,
    hostname: settings.host,
    path: settings.path,
    tls: cert && key ? { certFile: cert, keyFile: key } : undefined,
    logger,
  });
  if (server) served.url = server.url;
  if (server && /^(0\.0\.0\.0|\[?::\]?)$/.test(settings.host)) {
    logger.info("port {port} is open on every interface of this machine (--host {host})", {
      port: server.port,
      host: settings.host,
    });
  }
  // Behind the door: one that can't be opened ends the process, which handlers shouldn't see.
  if (settings.role !== "receive") await receiver.start();
  process.stdout.write(server ? `sheethook listening on ${server.url}\n` : "sheethook working\n");

  // Beside the server, which has to answer the challenges that this makes for.
  const stopWatching = new AbortController();
  const watching = watch?.run(stopWatching.signal);

  logger.info("{signal}: stopping; running handlers have {seconds} s to end, a second signal ends at once", {
    signal: await stopSignal,
    seconds: settings.stopTimeout / 1000,
  });
  isStopping = true;
  stopWatching.abort();
  const endBy = performance.now() + settings.stopTimeout;
  await receiver.stop({ graceMs: settings.stopTimeout });
  // A client that takes its time doesn't get more of it than handlers do.
  await Promise.race([server?.stop(), delay(Math.max(endBy - performance.now(), 1000))]);
  await watching;
  await Promise.race([admin?.close(), delay(1000)]);
  await Promise.race([secretsStore.close(), delay(1000)]);
  await closeInbox(inbox, durable, logger);
  logger.info("stopped");
}

function noSecret({ store: { file, name } }: SecretsSource): string {
  return file === undefined
    ? `no secret is known: \`sheethook webhooks create\` and \`rotate\` store them in ${name}`
    : "no secret is known: give the webhook's sharedSecret, in SHEETHOOK_SECRET or the secrets file";
}

/** Nothing is lost if that fails: what was answered is stored already. */
async function closeInbox(inbox: OpenedInbox["inbox"], durable: boolean, logger: Logger): Promise<void> {
  try {
    const { pending } = await inbox.overview();
    if (pending) {
      const fate = durable ? "are worked on the next start" : "are lost: the inbox was in memory";
      logger[durable ? "info" : "error"]("callbacks that are still owed: {pending}; they {fate}", { pending, fate });
    }
    await inbox.close();
  } catch (error) {
    logger.warn("inbox couldn't be closed: {error}", { error: messageOf(error) });
  }
}

function createWatch(
  api: Api,
  { webhookIds: given, watchEvery: everyMs }: ServeSettings,
  secrets: SecretsSource,
  logger: Logger,
): WebhookWatch {
  const webhookIds = given ? () => given : secrets.webhookIds;
  if (!webhookIds().length) {
    logger.warn(
      "no webhook is declared to watch (--watch): those in {place} are, as soon as there are some, or --webhook-ids",
      { place: secrets.store.name },
    );
  }
  return createWebhookWatch({ api, webhookIds, everyMs, logger });
}

function tellStart(
  settings: ServeSettings,
  secrets: SecretsSource,
  { durable, name, trouble }: OpenedInbox,
  logger: Logger,
): void {
  const runtime = currentRuntime();
  logger.info("sheethook {version} on {runtime} {runtimeVersion}, {handlers}", {
    version: VERSION,
    runtime,
    runtimeVersion: process.versions[runtime],
    handlers: settings.role === "receive"
      ? "no handlers run here"
      : settings.module
      ? `handlers from ${settings.module}`
      : "no handlers' module: events are logged",
  });
  if (durable) {
    logger.info("accepted callbacks wait in {inbox}", { inbox: name });
  } else {
    logger.warn(
      "nothing is durable: the inbox is in memory, and what it still owes is lost when this process ends",
    );
  }
  if (trouble) {
    logger.error("{trouble}; until it does, callbacks are refused with 503, and come again by themselves", { trouble });
  }
  if (settings.role === "receive") logger.info("this process only receives (--role receive): others work");
  const known = secrets.describe();
  if (settings.allowUnsigned) {
    logger.warn("signatures aren't checked (--allow-unsigned): anyone who knows a webhook's id can make up events");
  } else if (settings.role === "work") {
    logger.info("this process only works (--role work): others receive");
  } else if (known) {
    logger.info("secrets known: {known}", { known });
  } else if (secrets.store.file === undefined) {
    // If Postgres is away, it isn't known whether there are any.
    if (!trouble) {
      logger.warn(`${noSecret(secrets)}; until then challenges are answered, and callbacks refused with 503`);
    }
  } else {
    logger.warn(
      `no secret is known: challenges are answered, but callbacks are refused with 503 until one is. What to do:
  1. create the webhook at Smartsheet, with this receiver's public https URL as its callbackUrl;
  2. its answer has a sharedSecret: put it into {file} as {example}, which is
     seen at once, or into SHEETHOOK_SECRET and start again;
  3. enable the webhook. Refused callbacks come again by themselves.
  Or, while this runs: \`sheethook webhooks create <sheet id> <URL>\` does all three.`,
      {
        file: secrets.store.file,
        example: '{"<webhook id>": "<sharedSecret>"}',
      },
    );
  }
}
