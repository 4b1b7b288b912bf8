import type { Command } from "commander";
import process from "node:process";
import { alertUrlSetting } from "./alerts.ts";
import { inboxSetting } from "./options/inbox_url.ts";
import { usageError } from "./terminal/usage_error.ts";
import type { ServeCommandOptions } from "./serve/run.ts";
import { durationSetting } from "./options/duration.ts";
import {
  callbackPath,
  flag,
  listSetting,
  oneOf,
  setting,
  smartsheetIds,
  text,
  wholeNumber,
} from "./options/setting.ts";
import { SERVE_DEFAULTS } from "./options/serve_defaults.ts";
import { API_URLS } from "../smartsheet/hosts.ts";
import { watchEverySetting } from "./webhooks/watch.ts";

const port = wholeNumber(0, 65_535);
const many = wholeNumber(1, 1000);
const role = oneOf("all", "receive", "work");
const forwardAs = oneOf("callbacks", "events", "changes");
const forwardFormat = oneOf("json", "cloudevents");
const logFormat = oneOf("pretty", "json");
const logLevel = oneOf("debug", "info", "warning", "error");

/** `sheethook serve [module]` */
export function addServe(program: Command): void {
  program.command("serve")
    .description("Answer Smartsheet's callbacks and run handlers for them; without a module, log each event.")
    .argument("[module]", "TypeScript or JavaScript that default-exports (receiver) => void")
    .addOption(setting("--port <port>", "port to listen on, 0 for a free one", "PORT", port, SERVE_DEFAULTS.port))
    .addOption(setting("--host <address>", "interface to listen on", "SHEETHOOK_HOST", text, "0.0.0.0"))
    .addOption(
      setting("--path <path>", "path of the callback URL", "SHEETHOOK_PATH", callbackPath, SERVE_DEFAULTS.path),
    )
    .addOption(
      setting("--webhook-ids <ids>", "refuse all other webhooks (commas)", "SHEETHOOK_WEBHOOK_IDS", smartsheetIds),
    )
    .addOption(flag("--allow-unsigned", "don't check signatures; needs --webhook-ids", "SHEETHOOK_ALLOW_UNSIGNED"))
    .addOption(
      setting(
        "--change-agent <name>",
        "name that marks the writes of handlers",
        "SHEETHOOK_CHANGE_AGENT",
        text,
        "sheethook",
      ),
    )
    .addOption(inboxSetting("where accepted callbacks are stored"))
    .addOption(setting("--role <role>", "all, receive or work", "SHEETHOOK_ROLE", role, "all"))
    .addOption(setting("--cert <file>", "PEM certificate chain, for https", "SHEETHOOK_TLS_CERT", text))
    .addOption(setting("--key <file>", "PEM key of the certificate", "SHEETHOOK_TLS_KEY", text))
    .addOption(setting("--concurrency <n>", "sheets processed at the same time", "SHEETHOOK_CONCURRENCY", many, 16))
    .addOption(setting("--attempts <n>", "attempts before a call of a handler is dead", "SHEETHOOK_ATTEMPTS", many, 15))
    .addOption(durationSetting("--keep", "keep done callbacks this long", "SHEETHOOK_KEEP", "2d", "3650d", "7d"))
    .addOption(
      durationSetting("--max-age", "ignore older callbacks (default: off)", "SHEETHOOK_MAX_AGE", "1s", "3650d", "off"),
    )
    .addOption(
      durationSetting(
        "--stop-timeout",
        "time for handlers on stop",
        "SHEETHOOK_STOP_TIMEOUT",
        "0s",
        "1d",
        SERVE_DEFAULTS.stopTimeout,
      ),
    )
    .addOption(
      durationSetting(
        "--reconcile-every",
        "compare each mirrored sheet this often (default: off)",
        "SHEETHOOK_RECONCILE_EVERY",
        "1s",
        "365d",
        "off",
      ),
    )
    .addOption(
      durationSetting(
        "--canary-every",
        "look for silent webhooks this often, or off",
        "SHEETHOOK_CANARY_EVERY",
        "1s",
        "7d",
        "15m",
        "off",
      ),
    )
    .addOption(listSetting("--forward <urls>", "post callbacks to these targets (commas)", "SHEETHOOK_FORWARD", []))
    .addOption(
      setting("--forward-as <what>", "callbacks, events or changes", "SHEETHOOK_FORWARD_AS", forwardAs, "callbacks"),
    )
    .addOption(
      setting("--forward-format <format>", "json or cloudevents", "SHEETHOOK_FORWARD_FORMAT", forwardFormat, "json"),
    )
    .addOption(
      durationSetting(
        "--forward-timeout",
        "wait this long for a target's answer",
        "SHEETHOOK_FORWARD_TIMEOUT",
        "100ms",
        "1h",
        "30s",
      ),
    )
    .addOption(
      setting(
        "--forward-rate <n>",
        "most requests a second to each target (default: no limit)",
        "SHEETHOOK_FORWARD_RATE",
        wholeNumber(1, 10_000),
      ),
    )
    .addOption(flag("--watch", "keep the webhooks enabled, through the API", "SHEETHOOK_WATCH"))
    .addOption(watchEverySetting())
    .addOption(setting("--fleet <file>", "make the webhooks that a fleet file declares", "SHEETHOOK_FLEET", text))
    .addOption(
      durationSetting("--fleet-every", "apply the fleet this often", "SHEETHOOK_FLEET_EVERY", "1s", "7d", "1h"),
    )
    .addOption(alertUrlSetting())
    .addOption(
      setting(
        "--admin-port <port>",
        "port of console and metrics, 0 for none",
        "SHEETHOOK_ADMIN_PORT",
        port,
        SERVE_DEFAULTS.adminPort,
      ),
    )
    .addOption(
      listSetting("--admin-host <names>", "interface of that port, then its names (commas)", "SHEETHOOK_ADMIN_HOST", [
        "127.0.0.1",
      ]),
    )
    .addOption(setting("--admin-url <url>", "URL of that port behind a proxy", "SHEETHOOK_ADMIN_URL", text))
    .addOption(
      setting(
        "--log-format <format>",
        "pretty or json (default: pretty on a terminal)",
        "SHEETHOOK_LOG_FORMAT",
        logFormat,
      ),
    )
    .addOption(setting("--log-level <level>", "debug, info, warning, error", "SHEETHOOK_LOG_LEVEL", logLevel, "info"))
    .addHelpText("after", HELP)
    .action(
      async (module: string | undefined, options: Omit<ServeCommandOptions, "module" | "apiUrl">, command: Command) => {
        checkSettings(options);
        checkForwarding(options, command);
        const apiUrl = process.env.SMARTSHEET_API_URL?.trim() || undefined;
        const { runServe } = await import("./serve/run.ts");
        await runServe({ ...options, module, apiUrl, isAdminPortAsked: isGiven(command, "adminPort") });
      },
    );
}

function checkSettings({ cert, key, allowUnsigned, webhookIds, fleet }: Partial<ServeCommandOptions>): void {
  if (cert && !key) throw usageError("--cert is given without --key: it should be both, or neither");
  if (key && !cert) throw usageError("--key is given without --cert: it should be both, or neither");
  if (allowUnsigned && !webhookIds) {
    throw usageError("--allow-unsigned is given without --webhook-ids: it should say whose callbacks to accept");
  }
  if (fleet && webhookIds) {
    throw usageError(
      "--fleet and --webhook-ids are given, but should not both be: new webhooks of the fleet would be refused",
    );
  }
}

function checkForwarding({ forward }: Pick<ServeCommandOptions, "forward">, command: Command): void {
  if (forward.length) return;
  for (const name of ["forwardAs", "forwardFormat", "forwardTimeout", "forwardRate"]) {
    const { long } = command.options.find((option) => option.attributeName() === name)!;
    if (isGiven(command, name)) throw usageError(`${long} is given without --forward: it should say where to`);
  }
}

/** Whether an option was given: neither by default nor by a blank variable. */
function isGiven(command: Command, name: string): boolean {
  const variable = command.options.find((option) => option.attributeName() === name)!.envVar!;
  const source = command.getOptionValueSource(name);
  return source === "cli" || (source === "env" && Boolean(process.env[variable]?.trim()));
}

const HELP = `
Secrets, from the environment alone, never an argument:
  SHEETHOOK_SECRET          the webhook's sharedSecret, or several with commas
  SHEETHOOK_SECRETS_FILE    secrets by webhook (default: sheethook.secrets.json,
                            if it is there): {"2674017481058180": "<secret>"},
                            or a list of up to 10, whose items may expire:
                            {"secret": ..., "until": "2026-01-31T08:00:00Z"}.
                            \`sheethook webhooks create\` and \`rotate\` write
                            it; serve reads each change
  SHEETHOOK_SECRETS_KEY     32 characters or more: those commands store secrets
                            in the Postgres inbox instead, encrypted, and serve
                            reads them there, on every machine
  SHEETHOOK_FORWARD_SECRET  signs what is forwarded, as Standard Webhooks:
                            whsec_ and base64; several with blanks
  SHEETHOOK_ADMIN_TOKEN     opens the console, 16 characters or more; needed if
                            others can reach the admin port
  SMARTSHEET_ACCESS_TOKEN   for onChange and the writes of handlers, --watch,
                            --fleet, and the webhooks in the console
  SMARTSHEET_API_URL        default: ${API_URLS.us};
                            writes of handlers to this host get the change
                            agent, too

While no secret is known, challenges are answered, and callbacks are refused
with 503, so that Smartsheet sends them again.

--watch polls the webhooks whose secrets are stored, or those of --webhook-ids,
and enables the disabled ones.

--fleet applies the file on start and then every hour, so that new sheets of
workspaces and folders get a webhook. The log tells what was done, and each
problem once. See \`sheethook webhooks apply --help\`.

--alert-url posts to Slack, Teams or any URL when a webhook is disabled, at the
first dead letter, when a sheet is held up for 15 minutes or silent, when a
comparison finds what was missed, when the inbox can't be written: each once,
and once when it is over. See \`sheethook alert test --help\`.

A sheet that an onChange handler asks for is compared with its mirror, to find
what no callback told: when its webhook is enabled again, every
--reconcile-every, by \`sheethook mirror reconcile\`, and when --canary-every
(one small request a sheet) finds a change without a callback.

Durations are written 90s, 15m, 12h, 7d.

Examples:
  SHEETHOOK_SECRET=... sheethook serve     log the events
  sheethook serve handlers.ts --port 8080  run your handlers
  sheethook serve handlers.ts --cert chain.pem --key key.pem --port 443
                                           https; renewed files are picked up
  sheethook serve handlers.ts --fleet fleet.json
                                           a webhook for each declared sheet
  sheethook serve --forward http://localhost:9000/smartsheet
                                           handlers in another language
  sheethook serve --allow-unsigned --webhook-ids 2674017481058180

SIGTERM and SIGINT stop it: new callbacks get 503, running handlers may end. A
second signal ends it at once.`;
