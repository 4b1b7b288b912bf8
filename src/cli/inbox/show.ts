import type { Command } from "commander";
import process from "node:process";
import type { Position } from "../../inbox/inbox.ts";
import type { StoredCallback } from "../../inbox/inspect.ts";
import { printable, withVisibleControls } from "../../text.ts";
import { inboxSetting } from "../options/inbox_url.ts";
import { flag } from "../options/setting.ts";
import { createPaint, type Paint } from "../terminal/paint.ts";
import { print } from "../terminal/print.ts";
import { isoTime } from "../terminal/time_text.ts";
import { contentOf, countPatterns } from "../../callback/content.ts";
import { bodyText, patternsText } from "./body.ts";
import { callbackId } from "./filter.ts";
import { envelopeOf, messageLine, stateOf, styleOf } from "./stored_callback.ts";
import { withInbox } from "./with_inbox.ts";

interface ShowOptions {
  readonly inbox: string;
  readonly json?: boolean;
  readonly body?: boolean;
}

/** `sheethook inbox show` */
export function addShow(inbox: Command): void {
  inbox.command("show")
    .description("Show everything about one callback; its events as counts by pattern, or whole with --body.")
    .argument("<id>", "its number, as `inbox list` shows it", callbackId)
    .addOption(flag("--body", "show its events, too", "SHEETHOOK_INBOX_BODY"))
    .addOption(inboxSetting())
    .addOption(flag("--json", "print one JSON object; with --body, the body as it was received", "SHEETHOOK_JSON"))
    .addHelpText("after", "\nExamples:\n  sheethook inbox show 17\n  sheethook inbox show 17 --body --json")
    .action(async (id: number, { inbox: url, json, body = false }: ShowOptions) => {
      const row = await withInbox(url, (inbox) => inbox.show(id));
      if (!row) throw new Error(`There is no callback ${id} in the inbox: it may have been pruned`);
      print(json ? callbackJson(row, body) : callbackText(row, body, createPaint(process.stdout)));
    });
}

/** For a program: unknown fields are left out. */
function callbackJson(row: StoredCallback, withBody: boolean): string {
  const content = contentOf(row.body);
  const { nonce, timestamp, digest, unfinished, steps, position } = row;
  return JSON.stringify({
    ...envelopeOf(row, content),
    ...{ nonce, timestamp, digest, unfinished, steps },
    position: position && { ...position, event: position.event + 1, handler: position.handler + 1 },
    failedAt: isoTime(row.failedAt),
    attemptedAt: isoTime(row.attemptedAt),
    failures: row.failures.map((failure) => ({
      ...failure,
      beganAt: isoTime(failure.beganAt),
      endedAt: isoTime(failure.endedAt),
    })),
    retryAt: isoTime(row.retryAt),
    endedAt: isoTime(row.endedAt),
    patterns: content.events && Object.fromEntries(countPatterns(content.events)),
    ...(withBody && { body: row.body }),
  });
}

/** For a person. */
export function callbackText(row: StoredCallback, withBody: boolean, paint: Paint = (_, text) => text): string {
  const { events, status } = contentOf(row.body);
  const state = stateOf(row);
  const count = events?.length ?? 0;
  const position = row.position && positionText(row.position, count);
  const lines = facts([
    ["callback", String(row.id)],
    ["state", paint(styleOf(state), state)],
    ["sheet", String(row.scopeObjectId)],
    ["webhook", String(row.webhookId)],
    ["events", events && `${count}: ${patternsText(events)}`],
    ["status", status],
    ["sent", `${row.timestamp}, by Smartsheet's clock`],
    ["accepted", isoTime(row.acceptedAt)],
    ["ended", isoTime(row.endedAt)],
    ["attempts", row.attempts ? `${row.attempts}, the last began ${isoTime(row.attemptedAt)}` : "0"],
    [
      "never ended",
      row.unfinished ? `${row.unfinished} attempts in a row: killed, or their lease was lost` : undefined,
    ],
    ["failing since", row.state === "done" ? undefined : isoTime(row.failedAt)],
    ["next attempt", isoTime(row.retryAt)],
    [row.state === "dead" ? "failed at" : "resumes at", position],
    ["steps done", row.steps.map(stepName).join(", ")],
    ["nonce", row.nonce],
    ["digest", row.digest],
    ["error", row.error && messageLine(row.error)],
  ]);
  lines.push(...errorLines(row, paint));
  if (withBody) lines.push("", bodyText(row.body));
  return lines.join("\n");
}

function facts(all: readonly (readonly [string, string | undefined])[]): string[] {
  // The state has its style, whose control characters must stay.
  return all.filter(([, value]) => value).map(([name, value]) =>
    `${name.padEnd(14)} ${name === "state" ? value : printable(value!)}`
  );
}

/** Each error with its stack and causes; one that repeats is shown once. */
function errorLines({ failures, error }: StoredCallback, paint: Paint): string[] {
  const lines: string[] = [];
  const whole = (text: string) =>
    text.trim().split("\n").map((line, index) => paint(index ? "dim" : "red", `  ${visible(line)}`));
  let before: string | undefined;
  for (const { attempt, beganAt, endedAt, error } of failures) {
    const isSame = error === before;
    lines.push(
      "",
      `attempt ${attempt} failed, ${isoTime(beganAt)} to ${isoTime(endedAt)}${isSame ? ": the same error" : ""}`,
    );
    if (!isSame) lines.push(...whole(error));
    before = error;
  }
  // The reason of a discard, which is no failure.
  if (error !== undefined && error !== before && error.trim().includes("\n")) lines.push("", ...whole(error));
  return lines;
}

/** Counted from 1; after the events come the calls for the whole callback. */
function positionText({ event, handler }: Position, events: number): string {
  const call = event < events ? `event ${event + 1} of ${events}` : event === events ? "onCallback" : "onStatus";
  return `${call}, handler ${handler + 1}`;
}

/** The name in a step's key, which ends in it as JSON; the call that it belongs to comes first. */
function stepName(key: string): string {
  const [json] = /"(?:[^"\\]|\\.)*"$/.exec(key) ?? [];
  return json ? JSON.parse(json) : key;
}

function visible(line: string): string {
  return withVisibleControls(line.replaceAll("\t", "    ").replaceAll("\r", ""));
}
