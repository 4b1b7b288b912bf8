import process from "node:process";
import type { Logger } from "../../logger.ts";
import { currentRuntime } from "../server_adapter.ts";
import type { OpenedInbox } from "../inbox/open_inbox.ts";
import type { SecretsSource } from "../secrets/secrets.ts";
import { hasToken } from "../options/smartsheet_api.ts";
import { countText } from "../terminal/count_text.ts";
import { VERSION } from "../version.ts";
import type { ServeCommandOptions } from "./run.ts";

/** Logs what runs, where callbacks are stored, what is pending there, and what is known of secrets. */
export function logStart(
  options: ServeCommandOptions,
  secrets: SecretsSource,
  inbox: OpenedInbox,
  logger: Logger,
): void {
  const runtime = currentRuntime();
  logger.info("sheethook {version} on {runtime} {runtimeVersion}, {handlers}", {
    version: VERSION,
    runtime,
    runtimeVersion: process.versions[runtime],
    handlers: handlersText(options),
  });
  logInbox(inbox, logger);
  // Nobody waits for it: a database that is slow must not keep the port closed.
  if (!inbox.problem) void logPending(inbox, logger);
  if (options.role === "receive") {
    logger.info("this process only receives callbacks (--role receive): others process them");
  }
  if (options.role === "work") {
    logger.info("this process only processes callbacks (--role work): others receive them");
  } else if (options.allowUnsigned) {
    logger.warn("signatures aren't checked (--allow-unsigned): anyone who knows a webhook's id can forge events");
  } else if (!secrets.isEmpty()) {
    logger.info("secrets known: {known}", { known: secrets.describe() });
  } else if (secrets.store.file !== undefined) {
    logFirstSteps(secrets.store.file, logger);
  } else if (!inbox.problem) {
    // If Postgres is unreachable, it isn't known whether there are any.
    logger.warn(`${noSecretText(secrets)}; until then challenges are answered, and callbacks refused with 503`);
  }
}

/** Why callbacks are refused while no secret is known. */
export function noSecretText({ store: { file, name } }: SecretsSource): string {
  return file === undefined
    ? `no secret is known: \`sheethook webhooks create\` and \`rotate\` store them in ${name}`
    : "no secret is known: make a webhook with `sheethook webhooks create`, or give its sharedSecret in SHEETHOOK_SECRET or the secrets file";
}

function handlersText({ role, module, forward }: ServeCommandOptions): string {
  if (role === "receive") return "no handlers run here";
  const targets = forward.length && `forwarding to ${forward.length} target${forward.length === 1 ? "" : "s"}`;
  if (module) return `handlers from ${module}${targets ? `, ${targets}` : ""}`;
  if (targets) return targets;
  return hasToken()
    ? "no handlers' module: events are logged, and changed rows with their values"
    : "no handlers' module: events are logged; with SMARTSHEET_ACCESS_TOKEN changed rows are, with their values";
}

function logInbox({ durable, name, problem }: OpenedInbox, logger: Logger): void {
  if (durable) logger.info("accepted callbacks are stored in {inbox}", { inbox: name });
  else logger.warn("nothing is durable: the inbox is in memory, and pending callbacks are lost when this process ends");
  if (problem) {
    logger.error("{problem}; until it is back, callbacks are refused with 503, and Smartsheet sends them again", {
      problem,
    });
  }
}

/** After a kill, the callback that ran seems to be forgotten until its lease has run out. Never rejects. */
async function logPending({ inbox }: OpenedInbox, logger: Logger): Promise<void> {
  // Where it can't be read, whoever processes it says so.
  const { pending = 0, lanes = 0, dead = 0 } = await inbox.overview().catch(() => undefined) ?? {};
  if (pending) {
    logger.info(
      `${countText(pending, "callback")} of ${countText(lanes, "sheet")} ${pending === 1 ? "is" : "are"} pending; ` +
        "those of a process that was killed go on within 20 s",
      { pending, lanes },
    );
  }
  if (dead) {
    logger.warn(`the inbox has ${countText(dead, "dead letter")}: \`sheethook inbox list --state dead\` says why`, {
      dead,
    });
  }
}

function logFirstSteps(file: string, logger: Logger): void {
  logger.warn(
    `no secret is known: challenges are answered, but callbacks are refused with 503 until one is. What to do:
  While this runs, create a webhook, store its secret and enable it:
    sheethook webhooks create <sheet id> <this receiver's public https URL>
  Or put the sharedSecret of a webhook that you have created into SHEETHOOK_SECRET and restart, or, which takes effect
  at once, into {file} as {example}; then enable the webhook.
  Smartsheet sends refused callbacks again.`,
    { file, example: '{"<webhook id>": "<sharedSecret>"}' },
  );
}
