import process from "node:process";
import { print } from "../terminal/print.ts";
import type { Alert, News } from "./alert.ts";
import { alertBody } from "./body.ts";
import { news } from "./news.ts";
import { postAlert, type Posted } from "./post.ts";
import { type AlertFormat, type AlertTarget, hostName, parseAlertTargets } from "./target.ts";

interface TestOptions {
  readonly alertUrl: readonly string[];
  readonly json?: boolean;
}

const TIMEOUT_MS = 10_000;
const NEVER = new AbortController().signal;

/** Posts a test message to each target. Sets exit code 1 if one hasn't taken it. @throws {SheethookError} `option_invalid` */
export async function testTargets({ alertUrl, json }: TestOptions): Promise<void> {
  for (const target of parseAlertTargets(alertUrl)) {
    const { name, format } = target;
    const posted = await postAlert(target, alertBody(stamped(news.test()), format), {
      timeoutMs: TIMEOUT_MS,
      signal: NEVER,
      fetch,
    });
    const { ok, status, text, said } = posted;
    if (!ok) process.exitCode = 1;
    const meaning = meaningOf(target, posted);
    if (json) print(JSON.stringify({ target: name, format, ok, status: status ?? null, text, said, meaning }));
    else print(`${ok ? "ok   " : "error"} ${name} (${format}) ${text}${said ? ` "${said}"` : ""}: ${meaning}`);
  }
}

/** Prints the test message, and an example of each alert, as each target would get it; without one, as JSON. */
export function printExamples({ alertUrl, json }: TestOptions): void {
  const targets: readonly { name?: string; format: AlertFormat }[] = alertUrl.length
    ? parseAlertTargets(alertUrl)
    : [{ format: "json" }];
  for (const { name, format } of targets) {
    if (name !== undefined && !json) print(`${name} (${format})`);
    for (const example of examples().map(stamped)) {
      const body = alertBody(example, format);
      print(json ? `{"target":${JSON.stringify(name ?? null)},"format":"${format}","body":${body}}` : body);
    }
  }
}

function stamped(each: News): Alert {
  return { ...each, at: new Date().toISOString(), host: hostName() };
}

function examples(): readonly News[] {
  const [webhookId, sheetId, callback] = [2674017481058180, 4509506114742148, 17];
  const since = Date.now() - 15 * 60_000;
  return [
    news.test(),
    news.webhookDisabled({ id: webhookId, status: "DISABLED_CALLBACK_FAILED" }),
    news.webhookEnabled(webhookId),
    news.deadLetters(1),
    news.noDeadLetters(),
    news.laneHeld({ lane: sheetId, callback, attempts: 9, since }),
    news.laneFree(sheetId, callback),
    news.sheetSilent({ sheetId, since }),
    news.sheetHeard(sheetId, true),
    news.eventsMissed({
      sheetId,
      reason: "disabled",
      result: "repaired",
      found: { created: 1, updated: 2, deleted: 0 },
    }),
    news.inboxUnwritable('Inbox "sheethook.db" can\'t be used: its disk is full'),
    news.inboxWritable(),
  ];
}

/** https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors */
function meaningOf({ format }: AlertTarget, { ok, status }: Posted): string {
  if (ok) {
    return {
      slack: "the message is in the channel",
      teams: "the message was taken; if it isn't in the channel, see the history of the workflow's runs",
      json: "the message was taken",
    }[format];
  }
  if (status === undefined) return "check host and port, and that this machine may call it";
  if (status < 400) return "give the URL that the redirect leads to";
  if (status === 429) return "it gets too many messages; serve tries each a few times, with growing waits";
  if (status >= 500) return "it has failed itself; serve tries each message a few times, with growing waits";
  if ([401, 403, 404, 410].includes(status)) {
    return format === "json"
      ? "check the URL, and that it needs no other authorization than what is in it"
      : "the URL is wrong or no longer valid: make a new incoming webhook, and give its whole URL";
  }
  if (status === 405) return "POST isn't allowed there: check the path";
  return format === "json"
    ? "it doesn't take this JSON: see src/cli/README.md for its shape"
    : "it doesn't take the message: is its channel there, and not archived?";
}
