import process from "node:process";
import { hostname } from "node:os";
import { registerSecret } from "../../redact.ts";
import { usageError } from "../terminal/usage_error.ts";

/** How a target wants its messages. */
export type AlertFormat = "slack" | "teams" | "json";

/** Where alerts are posted to. */
export interface AlertTarget {
  readonly url: URL;
  /** For people. The rest of the URL of an incoming webhook is a secret: who has it can post. */
  readonly name: string;
  readonly format: AlertFormat;
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
const SLACK = /^hooks\.slack(-gov)?\.com$/;
/** Workflows, which are Power Automate's, and the connectors that they have replaced. */
const TEAMS = /\.(webhook\.office\.com|logic\.azure\.(com|us)|environment\.api\.powerplatform\.com)$/;

/** Shorter parts of a path stand in other texts by chance. */
const MIN_SECRET_PATH = 16;

/**
 * Reads the URLs of targets, and keeps what is secret of them out of logs.
 *
 * @throws {SheethookError} `option_invalid` for one that isn't http or https, or is given twice; the message shows none
 */
export function parseAlertTargets(texts: readonly string[]): readonly AlertTarget[] {
  const targets = texts.map((text, index) => {
    const url = URL.parse(text);
    const which = texts.length > 1 ? `the ${index + 1}. URL of --alert-url` : "--alert-url";
    if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
      throw usageError(`${which} should be an http or https URL without user name and password`);
    }
    url.hash = "";
    registerSecret(url.search.slice(1));
    if (url.pathname.length > MIN_SECRET_PATH) registerSecret(url.pathname.slice(1));
    const { hostname: host } = url;
    const format = SLACK.test(host) ? "slack" : TEAMS.test(host) ? "teams" : "json";
    return { url, name: url.origin, format } as const;
  });
  if (new Set(targets.map(({ url }) => url.href)).size < targets.length) {
    throw usageError("--alert-url has a URL twice, but each should be given once");
  }
  return targets;
}

/** This machine's name; undefined on Deno, which would ask for a permission. */
export function hostName(): string | undefined {
  return process.versions.deno ? undefined : hostname();
}
