import type { Position } from "../../inbox/inbox.ts";
import type { CallbackState, StoredCallback } from "../../inbox/inspect.ts";
import { printable, withVisibleControls } from "../../text.ts";
import { contentOf, countPatterns } from "../../callback/content.ts";
import { firstLine } from "../../error_text.ts";
import { bodyText, patternsText } from "./body.ts";
import type { Paint, Style } from "../terminal/paint.ts";
import { type Column, tableText } from "../terminal/table.ts";

const STYLES: Readonly<Record<CallbackState | "running", Style | undefined>> = {
  pending: "yellow",
  running: "cyan",
  done: "green",
  discarded: "dim",
  dead: "red",
};
const styleOf = (state: string) => STYLES[state as CallbackState];

const COLUMNS: readonly Column[] = [
  { name: "id" },
  { name: "state", style: styleOf },
  { name: "accepted" },
  { name: "sheet" },
  { name: "webhook", narrow: "optional" },
  { name: "attempts" },
  { name: "events" },
  { name: "error", narrow: "below" },
];

/** A row of `inbox list` for a person; ids and counts, nothing of what a sheet holds. Doesn't hold on to the body. */
export function listedCells(row: StoredCallback): string[] {
  const { events, status } = contentOf(row.body);
  return [
    String(row.id),
    stateOf(row),
    new Date(row.acceptedAt).toISOString().replace(/\.\d+/, ""),
    String(row.scopeObjectId),
    String(row.webhookId),
    String(row.attempts),
    events ? String(events.length) : printable(status ?? "?"),
    errorLine(row.error ?? ""),
  ];
}

/** `inbox list` for a person. */
export function listText(
  rows: readonly string[][],
  look: { readonly width?: number | undefined; readonly paint: Paint },
) {
  return tableText(COLUMNS, rows, look);
}

/** One line of `inbox list` for a program. */
export function rowJson(row: StoredCallback): string {
  return JSON.stringify({ ...envelopeOf(row), error: row.error && errorLine(row.error) });
}

/** `inbox show` for a program; what it doesn't know, it leaves out. */
export function callbackJson(row: StoredCallback, withBody: boolean): string {
  const content = contentOf(row.body);
  const { nonce, timestamp, digest, unfinished, steps, position } = row;
  return JSON.stringify({
    ...envelopeOf(row, content),
    ...{ nonce, timestamp, digest, unfinished, steps },
    position: position && { ...position, event: position.event + 1, handler: position.handler + 1 },
    failedAt: iso(row.failedAt),
    attemptedAt: iso(row.attemptedAt),
    failures: row.failures.map((failure) => ({
      ...failure,
      beganAt: iso(failure.beganAt),
      endedAt: iso(failure.endedAt),
    })),
    retryAt: iso(row.retryAt),
    endedAt: iso(row.endedAt),
    patterns: content.events && Object.fromEntries(countPatterns(content.events)),
    ...(withBody && { body: row.body }),
  });
}

/** `inbox show` for a person. */
export function callbackText(row: StoredCallback, withBody: boolean, paint: Paint = (_, text) => text): string {
  const { events, status } = contentOf(row.body);
  const state = stateOf(row);
  const count = events?.length ?? 0;
  const place = row.position && placeText(row.position, count);
  const lines = facts([
    ["callback", String(row.id)],
    ["state", paint(styleOf(state), state)],
    ["sheet", String(row.scopeObjectId)],
    ["webhook", String(row.webhookId)],
    ["events", events && `${count}: ${patternsText(events)}`],
    ["status", status],
    ["sent", `${row.timestamp}, by Smartsheet's clock`],
    ["accepted", iso(row.acceptedAt)],
    ["ended", iso(row.endedAt)],
    ["attempts", row.attempts ? `${row.attempts}, the last began ${iso(row.attemptedAt)}` : "0"],
    [
      "never ended",
      row.unfinished ? `${row.unfinished} attempts in a row: killed, or their lease was lost` : undefined,
    ],
    ["failing since", row.state === "done" ? undefined : iso(row.failedAt)],
    ["next attempt", iso(row.retryAt)],
    [row.state === "dead" ? "failed at" : "goes on at", place],
    ["steps done", row.steps.map(stepName).join(", ")],
    ["nonce", row.nonce],
    ["digest", row.digest],
    ["error", row.error && errorLine(row.error)],
  ]);
  lines.push(...errorLines(row, paint));
  if (withBody) lines.push("", bodyText(row.body));
  return lines.join("\n");
}

function facts(all: readonly (readonly [string, string | undefined])[]): string[] {
  // A style is no control character of a stranger's: it is put around what is printable already.
  return all.filter(([, value]) => value).map(([name, value]) =>
    `${name.padEnd(14)} ${name === "state" ? value : printable(value!)}`
  );
}

/** Each error whole, with its stack and its causes; one that comes again is told once. */
function errorLines({ failures, error }: StoredCallback, paint: Paint): string[] {
  const lines: string[] = [];
  const whole = (text: string) =>
    text.trim().split("\n").map((line, index) => paint(index ? "dim" : "red", `  ${visible(line)}`));
  let before: string | undefined;
  for (const { attempt, beganAt, endedAt, error } of failures) {
    const isSame = error === before;
    lines.push("", `attempt ${attempt} failed, ${iso(beganAt)} to ${iso(endedAt)}${isSame ? ": the same error" : ""}`);
    if (!isSame) lines.push(...whole(error));
    before = error;
  }
  // Not a failure's: why it was discarded.
  if (error !== undefined && error !== before && error.trim().includes("\n")) lines.push("", ...whole(error));
  return lines;
}

/** Counted from 1; behind the events come the calls for the callback as a whole. */
function placeText({ event, handler }: Position, events: number): string {
  const call = event < events ? `event ${event + 1} of ${events}` : event === events ? "onCallback" : "onStatus";
  return `${call}, handler ${handler + 1}`;
}

/** A step's key ends in its name, as JSON: before that stands which call it belongs to. */
function stepName(key: string): string {
  const [json] = /"(?:[^"\\]|\\.)*"$/.exec(key) ?? [];
  return json ? JSON.parse(json) : key;
}

function stateOf({ isRunning, state }: StoredCallback): string {
  return isRunning ? "running" : state;
}

function envelopeOf(row: StoredCallback, { events, status } = contentOf(row.body)) {
  return {
    id: row.id,
    state: row.state,
    running: row.isRunning,
    acceptedAt: iso(row.acceptedAt)!,
    scopeObjectId: row.scopeObjectId,
    webhookId: row.webhookId,
    attempts: row.attempts,
    events: events?.length,
    newWebhookStatus: status,
    error: row.error,
  };
}

function visible(line: string): string {
  return withVisibleControls(line.replaceAll("\t", "    ").replaceAll("\r", ""));
}

function iso(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** The message of an error, without its stack. */
export function errorLine(error: string): string {
  return printable(firstLine(error)).slice(0, 200);
}
