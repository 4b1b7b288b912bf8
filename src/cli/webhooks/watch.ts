import type { LogLevel } from "@logtape/logtape";
import type { Command } from "commander";
import process from "node:process";
import type { Logger } from "../../logger.ts";
import type { LogFormat } from "../terminal/logging.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { print } from "../terminal/print.ts";
import { isoTime } from "../terminal/time_text.ts";
import { usageError } from "../terminal/usage_error.ts";
import { type SecretsStore, withSecretsStore } from "../secrets/store.ts";
import { durationSetting } from "../options/duration.ts";
import { collectIds, flag, oneOf, setting, smartsheetIds } from "../options/setting.ts";
import { openWatchApi } from "../options/smartsheet_api.ts";
import { waitForStopSignal } from "../terminal/stop_signal.ts";
import { createWebhookWatch } from "../watch/webhook_watch.ts";
import type { WatchedWebhook } from "../watch/watch_state.ts";

interface WatchOptions {
  readonly webhookIds?: readonly number[];
  readonly watchEvery: number;
  readonly once?: boolean;
  readonly inbox: string;
  readonly json?: boolean;
  readonly logFormat: LogFormat;
  readonly logLevel: LogLevel;
}

/** `sheethook webhooks watch` */
export function addWatch(webhooks: Command): void {
  webhooks.command("watch")
    .description("Keep webhooks enabled: poll them, enable the disabled ones, and log each change.")
    .argument("[ids...]", "the webhooks' ids; without any, those with a secret stored here", collectIds)
    .addOption(setting("--webhook-ids <ids>", "the same, with commas", "SHEETHOOK_WEBHOOK_IDS", smartsheetIds))
    .addOption(watchEverySetting())
    .addOption(flag("--once", "poll once, and exit with 1 if a webhook isn't enabled", "SHEETHOOK_WATCH_ONCE"))
    .addOption(flag("--json", "with --once: print JSON, one line for each webhook", "SHEETHOOK_JSON"))
    .addOption(inboxSetting())
    .addOption(
      setting("--log-format <format>", "pretty or json", "SHEETHOOK_LOG_FORMAT", oneOf("pretty", "json"), "pretty"),
    )
    .addOption(
      setting(
        "--log-level <level>",
        "debug, info, warning, error",
        "SHEETHOOK_LOG_LEVEL",
        oneOf("debug", "info", "warning", "error"),
        "info",
      ),
    )
    .addHelpText("after", HELP)
    .action((ids: readonly number[] | undefined, options: WatchOptions) =>
      withSecretsStore(options.inbox, (store) => runWatch(store, ids, options))
    );
}

/** How often webhooks are polled, also by `serve --watch`. */
export function watchEverySetting(): ReturnType<typeof durationSetting> {
  return durationSetting("--watch-every", "poll this often", "SHEETHOOK_WATCH_EVERY", "1s", "1d", "1m");
}

async function runWatch(
  store: SecretsStore,
  ids: readonly number[] | undefined,
  options: WatchOptions,
): Promise<void> {
  const { startLogging } = await import("../terminal/logging.ts");
  const logger = await startLogging(options.logFormat, options.logLevel);
  const api = await openWatchApi(logger);
  const webhookIds = await declaredIds(ids?.length ? ids : options.webhookIds, store, logger);
  if (!webhookIds().length) {
    throw usageError(
      `No webhook is declared: it should be ids as arguments, --webhook-ids, or those in ${store.name}`,
    );
  }
  const watch = createWebhookWatch({ apis: () => [api], webhookIds, everyMs: options.watchEvery, logger });
  if (options.once) {
    await watch.poll();
    for (const state of watch.states()) {
      if (!state.enabled) process.exitCode = 1;
      print(options.json ? stateJson(state) : `${state.id} ${state.status ?? state.error}`);
    }
    return;
  }
  const stop = new AbortController();
  const signal = waitForStopSignal().then(() => stop.abort());
  logger.info("watching webhooks {ids}", { ids: webhookIds().join(", ") });
  await Promise.all([watch.run(stop.signal), signal]);
  logger.info("stopped");
}

/** The given ids, or those of the store of secrets, as it changes. */
async function declaredIds(
  given: readonly number[] | undefined,
  store: SecretsStore,
  logger: Logger,
): Promise<() => readonly number[]> {
  if (given?.length) return () => given;
  const { known } = await store.follow({ logger });
  return () => [...known().keys()];
}

function stateJson({ id, status, enabled, since, missingSince, checkedAt, retryAt, whatToDo, error }: WatchedWebhook) {
  return JSON.stringify({
    ...{ webhookId: id, status, enabled, toDo: whatToDo, error },
    since: isoTime(since ?? checkedAt),
    missingSince: isoTime(missingSince),
    checkedAt: isoTime(checkedAt),
    retryAt: isoTime(retryAt),
  });
}

const HELP = `
Smartsheet doesn't report that it has disabled a webhook, and never sends the
events that happen meanwhile. Webhooks that are new, or disabled because of a
challenge or a callback, are enabled at once, and then after 1, 2, 4 ... 60
minutes; one whose sheet is too large (DISABLED_EXCEEDED_GRID_LIMITS) at once,
and then every 6 hours. Webhooks that their owner or Smartsheet's support has
disabled, or that have lost access, are left alone. serve must answer meanwhile;
\`serve --watch\` does all this itself.

Examples:
  sheethook webhooks watch
  sheethook webhooks watch 2674017481058180 --watch-every 5m
  sheethook webhooks watch --once --json  for a monitor: exit code 1 if one
                                          isn't enabled`;
